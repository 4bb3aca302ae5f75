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

func (rd *round) write(w *codec.Writer) {
	w.Text(rd.key.Import)
	w.Uint(rd.key.Question)
	w.Int(rd.key.Period)
	w.Int(rd.key.Every)
	w.Uint(uint64(rd.budget))
	w.Int(rd.from)
	flags := byte(0)
	if rd.member {
		flags |= flagMember
	}
	if rd.asking {
		flags |= flagAsking
	}
	w.Byte(flags)
	w.Uint(uint64(rd.given))
	w.Uint(uint64(len(rd.candidates)))
	for _, c := range rd.candidates {
		w.Uint(uint64(c.customer))
		w.Uint(uint64(c.worth))
	}
	w.Uint(uint64(len(rd.purses)))
	for _, p := range rd.purses {
		w.Uint(uint64(p.currency))
		w.Uint(uint64(p.customers))
		w.Uint(uint64(p.kept))
	}
}

// read reads what write wrote, of so many customers.
func (rd *round) read(r *codec.Reader, customers uint32) {
	rd.key = fact.RoundKey{Import: r.Text(), Question: r.Uint(), Period: r.Int(), Every: r.Int()}
	rd.budget, rd.from = int(r.UintTo(fact.MaxAlertBudget, "alert budget")), r.Int()
	flags := r.Byte()
	if flags >= flagEnd {
		r.Fail("flags %#x of alerts, of which some have no meaning", flags)
	}
	rd.member, rd.asking = flags&flagMember != 0, flags&flagAsking != 0
	rd.given = int(r.UintTo(fact.MaxAlertBudget, "alerts given"))
	for range r.UintTo(fact.MaxAlertBudget, "candidates") {
		c := candidate{customer: uint32(r.UintTo(math.MaxUint32, "customer")), worth: fact.Worth(r.Uint())}
		if c.customer >= customers && c.customer != churn.Nobody {
			r.Fail("an alert is of customer %d of %d", c.customer, customers)
		}
		if r.Err() != nil {
			break
		}
		rd.candidates = append(rd.candidates, c)
	}
	at := 0
	for range r.UintTo(fact.MaxAlertBudget, "currencies") {
		p := alertPurse{
			currency:  churn.Currency(r.UintTo(math.MaxUint16, "currency")),
			customers: int(r.UintTo(math.MaxUint32, "customers of a currency")),
			kept:      int(r.UintTo(uint64(len(rd.candidates)-at), "alerts of a currency")),
		}
		if p.kept < 1 {
			r.Fail("a currency without an alert")
		}
		if r.Err() != nil {
			break
		}
		for i := range p.kept {
			rd.candidates[at+i].purse = p.currency
		}
		at += p.kept
		rd.purses = append(rd.purses, p)
	}
	if at != len(rd.candidates) {
		r.Fail("%d of %d alerts have a currency", at, len(rd.candidates))
	}
}
