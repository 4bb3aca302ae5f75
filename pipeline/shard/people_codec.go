package shard

import (
	"errors"
	"fmt"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/windows"
)

// read reads the frozen table of customers, who came by so many channels.
func (p *people) read(body []byte, channels int) error {
	r := reading(body)
	n := r.Count(1, "customers")
	for i := 0; i < n && r.Err() == nil; i++ {
		id := r.Blob()
		if r.Err() == nil && len(id) == 0 {
			p.LeaveFree()

			continue
		}
		if r.Err() != nil || event.CheckCustomer(id) != nil {
			return errors.New("a customer id is cut or not legal")
		}
		if _, known := p.Find(id); known {
			return fmt.Errorf("customer %q stands twice", id)
		}
		who := p.At(p.Settle(p.Extend(), id))
		who.Churn = churn.ReadState(&r)
		if int(who.Churn.Channel()) >= channels {
			r.Fail("channel %d of %d", who.Churn.Channel(), channels)
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
