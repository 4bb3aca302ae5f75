package shard

import (
	"math"

	"ebb/pipeline/churn"
	"ebb/pipeline/fact"
	"ebb/windows/codec"
)

// Flags of the alerts.
const (
	flagMember byte = 1 << iota
	flagAsking
	flagEnd
)

func (s *Shard) appendAlerts(dst []byte) []byte {
	w, a := codec.To(dst), &s.alerts
	w.Text(a.round.Import)
	w.Uint(a.round.Question)
	w.Int(a.round.Period)
	w.Int(a.round.Every)
	w.Uint(uint64(a.budget))
	w.Int(a.from)
	flags := byte(0)
	if a.member {
		flags |= flagMember
	}
	if a.asking {
		flags |= flagAsking
	}
	w.Byte(flags)
	w.Uint(uint64(a.given))
	w.Uint(uint64(len(a.candidates)))
	for _, c := range a.candidates {
		w.Uint(uint64(c.customer))
		w.Uint(uint64(c.worth))
	}
	w.Uint(uint64(len(a.purses)))
	for _, p := range a.purses {
		w.Uint(uint64(p.currency))
		w.Uint(uint64(p.customers))
		w.Uint(uint64(p.kept))
	}

	return w.Bytes()
}

func (s *Shard) readAlerts(body []byte) error {
	r, a := reading(body), &s.alerts
	a.round = fact.RoundKey{Import: r.Text(), Question: r.Uint(), Period: r.Int(), Every: r.Int()}
	a.budget, a.from = int(r.UintTo(fact.MaxAlertBudget, "alert budget")), r.Int()
	flags := r.Byte()
	if flags >= flagEnd {
		r.Fail("flags %#x of alerts, of which some have no meaning", flags)
	}
	a.member, a.asking = flags&flagMember != 0, flags&flagAsking != 0
	a.given = int(r.UintTo(fact.MaxAlertBudget, "alerts given"))
	for range r.UintTo(fact.MaxAlertBudget, "candidates") {
		c := candidate{customer: uint32(r.UintTo(math.MaxUint32, "customer")), worth: fact.Worth(r.Uint())}
		if c.customer >= s.customers.Count && c.customer != churn.Nobody {
			r.Fail("an alert is of customer %d of %d", c.customer, s.customers.Count)
		}
		if r.Err() != nil {
			break
		}
		a.candidates = append(a.candidates, c)
	}
	at := 0
	for range r.UintTo(fact.MaxAlertBudget, "currencies") {
		p := alertPurse{
			currency:  churn.Currency(r.UintTo(math.MaxUint16, "currency")),
			customers: int(r.UintTo(math.MaxUint32, "customers of a currency")),
			kept:      int(r.UintTo(uint64(len(a.candidates)-at), "alerts of a currency")),
		}
		if p.kept < 1 {
			r.Fail("a currency without an alert")
		}
		if r.Err() != nil {
			break
		}
		for i := range p.kept {
			a.candidates[at+i].purse = p.currency
		}
		at += p.kept
		a.purses = append(a.purses, p)
	}
	if at != len(a.candidates) {
		r.Fail("%d of %d alerts have a currency", at, len(a.candidates))
	}

	return r.End()
}
