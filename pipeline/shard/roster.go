package shard

import (
	"cmp"
	"slices"

	"ebb/pipeline/churn"
)

// A roster says who is at risk now: risk and silence are as of the clock of the
// customer's partition, not as of the signal that told of it, and the order is
// what is lost if they don't come back. Those who came once and not again have
// no pause to be measured by, and are many; they are summed up, and so are the
// lapsed.

// Roster is what the partitions know of their customers at one time.
type Roster struct {
	Clock  int64            // the newest of the partitions, Unix ms
	AtRisk []CustomerReport // those with the most to lose first, as many as were asked for; none who came once

	Risky  RosterGroup // all at risk
	Once   RosterGroup // of these, who came once
	Lapsed RosterGroup
	Gone   RosterGroup // of the lapsed, who came once
}

// RosterGroup sums up customers.
type RosterGroup struct {
	Customers   int64              `json:"customers"`
	Last        int64              `json:"last_event"`              // the latest engagement of any of them; 0 without one
	ValueAtRisk map[string]float64 `json:"value_at_risk,omitempty"` // by currency
}

func (g *RosterGroup) count(last int64, currency string, atRisk float64) {
	g.Customers++
	g.Last = max(g.Last, last)
	if atRisk > 0 {
		if g.ValueAtRisk == nil {
			g.ValueAtRisk = map[string]float64{}
		}
		g.ValueAtRisk[currency] += atRisk
	}
}

// Add sums up two groups.
func (g *RosterGroup) Add(other *RosterGroup) {
	g.Customers += other.Customers
	g.Last = max(g.Last, other.Last)
	for currency, amount := range other.ValueAtRisk {
		if g.ValueAtRisk == nil {
			g.ValueAtRisk = map[string]float64{}
		}
		g.ValueAtRisk[currency] = toCent(g.ValueAtRisk[currency] + amount)
	}
}

// risky is a customer at risk, and what is lost with them.
type risky struct {
	index  uint32
	atRisk float64 // amount
	visits float64 // expected in a horizon, and lost
}

// moreToLose puts money first, and where there is none, visits.
func moreToLose(a, b risky) int {
	return cmp.Or(cmp.Compare(b.atRisk, a.atRisk), cmp.Compare(b.visits, a.visits), cmp.Compare(a.index, b.index))
}

// Roster looks at all customers, and describes the first most of those at risk.
func (v *View) Roster(most int) Roster {
	model := v.detector.model
	r := Roster{Clock: v.at.clock}
	var found []risky
	for index := range v.customers.Count {
		state := v.customers.state(index)
		if !state.Known() || state.Level() < churn.AtRisk || v.customers.gone(index, v.at.clock) {
			continue
		}
		risk, value := model.Score(state, v.at.clock).Risk(), model.Value(state)
		currency, once := state.Currency().String(), model.CameOnce(state)
		if state.Level() == churn.Lapsed {
			r.Lapsed.count(state.Last(), currency, risk*value)
			if once {
				r.Gone.count(state.Last(), currency, risk*value)
			}

			continue
		}
		r.Risky.count(state.Last(), currency, risk*value)
		if once {
			r.Once.count(state.Last(), currency, risk*value)

			continue
		}
		known := float64(max(1, state.Last()-state.First()))
		found = append(found, risky{index, toCent(risk * value), risk * float64(state.Slots()) * float64(model.Horizon()) / known})
		if len(found) >= 4*most {
			slices.SortFunc(found, moreToLose)
			found = found[:most]
		}
	}
	slices.SortFunc(found, moreToLose)
	for _, who := range found[:min(most, len(found))] {
		if report, ok := v.Customer(string(v.customers.ID(who.index))); ok {
			r.AtRisk = append(r.AtRisk, *report)
		}
	}

	return r
}

// VisitsAtRisk is risky.visits of a report.
func (r *CustomerReport) VisitsAtRisk() float64 {
	return r.Risk * float64(r.Rhythm.Visits) * float64(r.HorizonMS) / float64(max(1, r.Rhythm.Last-r.Rhythm.First))
}
