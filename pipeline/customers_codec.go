package pipeline

import (
	"errors"
	"fmt"

	"ebb/pipeline/churn"
	"ebb/windows"
)

// captureCustomers shares the table until it is encoded.
func (s *Shard) captureCustomers() appender { return s.customers.freeze().appendBinary }

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
