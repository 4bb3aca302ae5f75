package churn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrTimers says that bytes are not Timers that AppendBinary wrote.
var ErrTimers = errors.New("churn: not a table of timers")

const timerSize = 12

// Clone returns a copy, so that another goroutine may encode it.
func (t *Timers) Clone() *Timers {
	return &Timers{at: slices.Clone(t.at), who: slices.Clone(t.who), place: slices.Clone(t.place)}
}

// AppendBinary appends how many timers there are (uint32) and each one's
// customer (uint32) and time (int64), by customer, little endian. The same
// timers give the same bytes, however they came to be.
func (t *Timers) AppendBinary(dst []byte) []byte {
	dst = slices.Grow(dst, 4+timerSize*len(t.at))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(t.at)))
	for customer, place := range t.place {
		if place == 0 {
			continue
		}
		dst = binary.LittleEndian.AppendUint32(dst, uint32(customer))
		dst = binary.LittleEndian.AppendUint64(dst, uint64(t.at[place-1]))
	}

	return dst
}

// Restore replaces the timers by those at the front of src and returns the
// rest. Customers have to be below customers. The error wraps ErrTimers and
// leaves the timers empty.
func (t *Timers) Restore(src []byte, customers uint32) (rest []byte, err error) {
	t.Reset()
	if len(src) < 4 {
		return src, fmt.Errorf("%w: %d bytes left, want 4 or more", ErrTimers, len(src))
	}
	count := binary.LittleEndian.Uint32(src)
	body := src[4:]
	if count > customers || uint64(len(body)) < uint64(count)*timerSize {
		return src, fmt.Errorf("%w: %d timers of %d customers in %d bytes", ErrTimers, count, customers, len(body))
	}
	next := uint32(0) // the least customer who may follow
	for range count {
		customer := binary.LittleEndian.Uint32(body)
		at := int64(binary.LittleEndian.Uint64(body[4:]))
		if customer < next || customer >= customers || at == Never {
			t.Reset()

			return src, fmt.Errorf("%w: customer %d at %d, of %d customers, after customer %d", ErrTimers, customer, at, customers, next)
		}
		t.append(customer, at)
		next = customer + 1
		body = body[timerSize:]
	}
	t.order()

	return body, nil
}
