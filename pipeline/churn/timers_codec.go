package churn

import (
	"errors"
	"slices"

	"ebb/windows/codec"
)

// ErrTimers says that bytes are not Timers that AppendBinary wrote.
var ErrTimers = errors.New("churn: not a table of timers")

const timerSize = 12

// Clone returns a copy, so that another goroutine may encode it.
func (t *Timers) Clone() *Timers {
	return &Timers{at: slices.Clone(t.at), who: slices.Clone(t.who), place: slices.Clone(t.place)}
}

// AppendBinary appends how many timers there are (uint32) and each one's
// customer (uint32) and time (int64), by customer. The same timers give the same
// bytes, however they came to be.
func (t *Timers) AppendBinary(dst []byte) []byte {
	w := codec.To(slices.Grow(dst, 4+timerSize*len(t.at)))
	w.Fixed32(uint32(len(t.at)))
	for customer, place := range t.place {
		if place == 0 {
			continue
		}
		w.Fixed32(uint32(customer))
		w.Fixed64(uint64(t.at[place-1]))
	}

	return w.Bytes()
}

// Restore replaces the timers by those in src, all of it. Customers have to be
// below customers. The error wraps ErrTimers and leaves the timers empty.
func (t *Timers) Restore(src []byte, customers uint32) error {
	t.Reset()
	r := codec.From(src, ErrTimers)
	count := r.Fixed32()
	if count > customers || uint64(r.Len()) != uint64(count)*timerSize {
		r.Fail("%d timers of %d customers in %d bytes", count, customers, r.Len())
	}
	next := uint32(0) // the least customer who may follow
	for i := uint32(0); i < count && r.Err() == nil; i++ {
		customer, at := r.Fixed32(), int64(r.Fixed64())
		if customer < next || customer >= customers || at == Never {
			r.Fail("customer %d at %d, of %d customers, after customer %d", customer, at, customers, next)

			break
		}
		t.append(customer, at)
		next = customer + 1
	}
	if err := r.End(); err != nil {
		t.Reset()

		return err
	}
	t.order()

	return nil
}
