package pipeline

import (
	"errors"
	"fmt"

	"ebb/pipeline/churn"
	"ebb/windows"
	"ebb/windows/codec"
)

// captureCustomers shares the table until it is encoded.
func (s *Shard) captureCustomers() appender { return s.customers.freeze().appendBinary }

// appendBinary appends the customers by index: the id, which is empty where nobody
// has the index, what the model keeps, and in which slices they were active.
func (f *frozen) appendBinary(dst []byte) []byte {
	w := codec.To(dst)
	w.Uint(uint64(f.count))
	f.each(func(id []byte, who *customer) {
		w.Blob(id)
		if len(id) == 0 {
			return
		}
		dst := who.churn.AppendBinary(w.Bytes())
		for i := range who.activity {
			dst = must(who.activity[i].AppendBinary(dst))
		}
		w = codec.To(dst)
	})

	return w.Bytes()
}

func (s *Shard) readCustomers(body []byte) error {
	r := reading(body)
	n := r.Count(1, "customers")
	for i := 0; i < n && r.Err() == nil; i++ {
		id := r.Blob()
		if r.Err() == nil && len(id) == 0 {
			s.customers.leaveFree()

			continue
		}
		if r.Err() != nil || CheckCustomer(id) != nil {
			return errors.New("a customer id is cut or not legal")
		}
		if _, known := s.customers.find(id); known {
			return fmt.Errorf("customer %q stands twice", id)
		}
		who := s.customers.at(s.customers.settle(s.customers.extend(), id))
		who.churn = churn.ReadState(&r)
		if int(who.churn.Channel()) >= len(s.vocabulary.channels) {
			r.Fail("channel %d of %d", who.churn.Channel(), len(s.vocabulary.channels))
		}
		for i := range who.activity {
			if part := r.Take(windows.ActivitySize); part != nil {
				if err := who.activity[i].UnmarshalBinary(part); err != nil {
					r.Fail("%w", err)
				}
			}
		}
		if r.Err() != nil {
			return fmt.Errorf("customer %q: %w", id, r.Err())
		}
	}

	return r.End()
}

// captureTimers copies them.
func (s *Shard) captureTimers() appender { return s.timers.Clone().AppendBinary }

func (s *Shard) readTimers(body []byte) error {
	return s.timers.Restore(body, s.customers.count)
}
