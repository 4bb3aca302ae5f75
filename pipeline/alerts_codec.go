package pipeline

import (
	"encoding/binary"
	"errors"

	"ebb/pipeline/churn"
)

// AppendWorths appends worths that never grow: how many, the first, and by how
// much each of the others is less than the one before it.
func AppendWorths(dst []byte, worths []Worth) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(worths)))
	for i, worth := range worths {
		if i == 0 {
			dst = binary.AppendUvarint(dst, uint64(worth))
		} else {
			dst = binary.AppendUvarint(dst, uint64(worths[i-1]-worth))
		}
	}

	return dst
}

// ErrWorths says that bytes are not worths that AppendWorths wrote.
var ErrWorths = errors.New("not a list of worths")

// ReadWorths reads what AppendWorths wrote, at most MaxAlertBudget of them.
func ReadWorths(data []byte) ([]Worth, error) {
	r := reader{rest: data}
	n := r.uint()
	if r.failed || n > MaxAlertBudget || n > uint64(len(r.rest)) {
		return nil, ErrWorths
	}
	worths := make([]Worth, n)
	for i := range worths {
		worths[i] = Worth(r.uint())
		if i > 0 && worths[i] > worths[i-1] {
			return nil, ErrWorths
		}
		if i > 0 {
			worths[i] = worths[i-1] - worths[i]
		}
	}
	if r.failed || len(r.rest) > 0 {
		return nil, ErrWorths
	}

	return worths, nil
}

func (s *Shard) appendAlerts(dst []byte) []byte {
	a := &s.alerts
	dst = appendText(dst, a.round.Import)
	dst = binary.AppendUvarint(dst, a.round.Question)
	dst = binary.AppendVarint(dst, a.round.Period)
	dst = binary.AppendVarint(dst, a.round.Every)
	dst = binary.AppendUvarint(dst, uint64(a.budget))
	dst = binary.AppendVarint(dst, a.from)
	flags := byte(0)
	if a.member {
		flags |= 1
	}
	if a.asking {
		flags |= 2
	}
	dst = append(dst, flags)
	dst = binary.AppendUvarint(dst, uint64(a.given))
	dst = binary.AppendUvarint(dst, uint64(len(a.candidates)))
	for _, c := range a.candidates {
		dst = binary.AppendUvarint(dst, uint64(c.customer))
		dst = binary.AppendUvarint(dst, uint64(c.worth))
	}
	dst = binary.AppendUvarint(dst, uint64(len(a.purses)))
	for _, p := range a.purses {
		dst = binary.AppendUvarint(dst, uint64(p.currency))
		dst = binary.AppendUvarint(dst, uint64(p.customers))
		dst = binary.AppendUvarint(dst, uint64(p.kept))
	}

	return dst
}

func (s *Shard) readAlerts(part []byte) error {
	r := reader{rest: part}
	a := &s.alerts
	a.round = RoundKey{Import: string(r.text()), Question: r.uint(), Period: r.int(), Every: r.int()}
	a.budget = int(min(r.uint(), MaxAlertBudget))
	a.from = r.int()
	flags := r.byte()
	a.member, a.asking = flags&1 != 0, flags&2 != 0
	a.given = int(min(r.uint(), MaxAlertBudget))
	for range min(r.uint(), MaxAlertBudget) {
		c := candidate{customer: uint32(r.uint()), worth: Worth(r.uint())}
		if c.customer >= s.customers.count && c.customer != churn.Nobody {
			return errors.New("an alert is of a customer that is not there")
		}
		a.candidates = append(a.candidates, c)
	}
	at := 0
	for range min(r.uint(), MaxAlertBudget) {
		p := alertPurse{currency: churn.Currency(r.uint()), customers: int(r.uint()), kept: int(r.uint())}
		if p.kept < 1 || p.kept > len(a.candidates)-at {
			return errors.New("alerts are of more customers than there are")
		}
		for i := range p.kept {
			a.candidates[at+i].purse = p.currency
		}
		at += p.kept
		a.purses = append(a.purses, p)
	}
	if r.failed || len(r.rest) > 0 || at != len(a.candidates) {
		return errors.New("the alerts are cut")
	}

	return nil
}
