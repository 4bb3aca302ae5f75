package shard

import (
	"errors"
	"fmt"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/windows"
)

// captureCustomers shares the table until it is encoded.
func (s *Shard) captureCustomers() appender { return s.customers.Freeze().AppendBinary }

func (s *Shard) readCustomers(body []byte) error {
	r := reading(body)
	n := r.Count(1, "customers")
	for i := 0; i < n && r.Err() == nil; i++ {
		id := r.Blob()
		if r.Err() == nil && len(id) == 0 {
			s.customers.LeaveFree()

			continue
		}
		if r.Err() != nil || event.CheckCustomer(id) != nil {
			return errors.New("a customer id is cut or not legal")
		}
		if _, known := s.customers.Find(id); known {
			return fmt.Errorf("customer %q stands twice", id)
		}
		who := s.customers.At(s.customers.Settle(s.customers.Extend(), id))
		who.Churn = churn.ReadState(&r)
		if int(who.Churn.Channel()) >= len(s.vocabulary.ChannelNames) {
			r.Fail("channel %d of %d", who.Churn.Channel(), len(s.vocabulary.ChannelNames))
		}
		for i := range who.Activity {
			if part := r.Take(windows.ActivitySize); part != nil {
				if err := who.Activity[i].UnmarshalBinary(part); err != nil {
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
	return s.timers.Restore(body, s.customers.Count)
}
