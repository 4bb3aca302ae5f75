package shard

import (
	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// Most of what an event counts for follows from its classification: its kind, channel
// and type, and the metrics that look at nothing else. That is found out when such an
// event first comes, and is one bundle of the windows from then on. What a plan says
// follows from keys and configuration alone, so it is no part of the state.

// countPlan is what the events of a classification count for.
type countPlan struct {
	code   uint64
	bundle windows.Bundle // what follows from the classification
	takers []taker        // the metrics that look at the event
}

// taker is a metric that looks at events, and the slots that these fill by their type
// alone. What each event asks for stands side by side, apart from the words of the metric.
type taker struct {
	*measured
	counts  func(*metric.Event, *metric.Row) bool // Metric.Counts
	needs   event.Fields                          // Metric.Needs
	fills   uint32
	byClass bool        // the row follows from the classification
	base    windows.Key // then it; noKey: not known yet
}

// countPlans are those that were made.
type countPlans struct {
	recent [recentPlans]*countPlan
	all    map[uint64]*countPlan
}

// recentPlans are as many as are found at once: nearly all that a business has.
const recentPlans = 512

// mostPlans bounds how many are kept. Beyond it they are made again.
const mostPlans = 8192

// planCode tells plans apart. Whoever brings a value counts for its type by currency,
// which is not of the classification.
func planCode(c *vocabulary.Class, valued bool) uint64 {
	code := 1<<48 | uint64(c.Type)<<16 | uint64(c.Channel)<<8 | uint64(c.Kind)
	if c.Machine {
		code |= 1 << 40
	}
	if valued {
		code |= 1 << 41
	}

	return code
}

// planOf is the plan of an event. An error means that the keys can no longer be trusted.
func (k *keys) planOf(set *windows.Set, e *metric.Event) (*countPlan, error) {
	code := planCode(&e.Class, e.Has(event.HasValue))
	recent := &k.plans.recent[(code^code>>13^code>>35)%recentPlans]
	if *recent != nil && (*recent).code == code {
		return *recent, nil
	}
	p := k.plans.all[code]
	if p == nil {
		var err error
		if p, err = k.plan(set, e, code); err != nil {
			return nil, err
		}
	}
	*recent = p

	return p, nil
}

// plan makes a plan.
func (k *keys) plan(set *windows.Set, e *metric.Event, code uint64) (*countPlan, error) {
	if len(k.plans.all) == 0 || len(k.plans.all) >= mostPlans {
		set.ForgetBundles()
		k.plans = countPlans{all: make(map[uint64]*countPlan)}
	}
	p := &countPlan{code: code}
	shares := k.shares(e)
	name := e.TypeName()
	for _, m := range k.on {
		fills, asked := m.Asked(&e.Class, name)
		switch {
		case !asked:
		case m.ByClass && (m.Counts == nil || m.OfClass):
			own, err := k.sharesOf(set, m, fills, e)
			if err != nil {
				return nil, err
			}
			shares = append(shares, own...)
		default:
			p.takers = append(p.takers, taker{measured: m, counts: m.Counts, needs: m.Needs, fills: fills, byClass: m.ByClass})
		}
	}
	p.bundle = set.Bundle(shares)
	k.plans.all[code] = p

	return p, nil
}

// shares are what an event adds to the totals and by its kind, channel and type. Where
// it brings a value, the type is left out.
func (k *keys) shares(e *metric.Event) []windows.Share {
	if e.Class.Machine {
		return []windows.Share{{Key: keyMachine}}
	}
	shares := []windows.Share{{Key: kindKey(e.Class.Kind)}}
	if !e.Has(event.HasValue) {
		shares = append(shares, windows.Share{Key: k.ofType(e.Class.Type, nil)})
	}
	if e.Class.Kind == vocabulary.Exposure {
		return shares
	}

	return append(shares, windows.Share{Key: keyTotal}, windows.Share{Key: k.channels[e.Class.Channel]})
}

// sharesOf are what an event adds to the row of a metric that looks at nothing but the
// classification.
func (k *keys) sharesOf(set *windows.Set, m *measured, fills uint32, e *metric.Event) (shares []windows.Share, _ error) {
	k.adds.Reset(fills)
	if m.Counts != nil && !m.Counts(e, &k.adds) {
		return nil, nil
	}
	base, err := k.row(set, m, e)
	if err != nil || base == noKey {
		return nil, err
	}
	for slot, sum, ok := k.adds.Next(0); ok; slot, sum, ok = k.adds.Next(slot + 1) {
		shares = append(shares, windows.Share{Key: base + windows.Key(slot), Value: int64(sum.Lo)})
	}

	return shares, nil
}
