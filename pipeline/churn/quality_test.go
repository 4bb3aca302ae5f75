package churn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// givenRisk is a risk as it was when it was drawn; the test keeps it beside
// the sampler.
type givenRisk struct {
	customer uint32
	at       int64
	risk     Score
	segment  Segment
	overlap  int64
}

// segmentOf says by the raw events who a customer is.
func segmentOf(h *rawHistory, now int64) Segment {
	switch horizon := h.model.Horizon(); {
	case now-slices.Max(h.times) > horizon:
		return LongSilent
	case len(h.slots) == 1:
		return OneTime
	case now-slices.Min(h.times) < horizon:
		return Newcomer
	}

	return Regular
}

// The published bins are what brute force over all events makes of the risks
// that were given a horizon before, whatever parameters came in between, and
// though the sampler is stored and restored now and then.
func TestQualityAgainstAllEvents(t *testing.T) {
	var seen [Segments]struct{ lost, back int64 }
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		random := drawRandom(t)
		const customers = 25
		b := newBusiness(m, customers, 1)
		histories := make([]*rawHistory, customers)
		for c := range histories {
			histories[c] = newRawHistory(m)
		}
		horizon := SlotsPerHorizon * m.Slot()

		var open []givenRisk
		draw := func(now int64) {
			b.draw(now)
			begun := m.Step(now) * m.Slot()
			var want Quality
			open = slices.DeleteFunc(open, func(g givenRisk) bool {
				if g.at+horizon > begun {
					return false
				}
				came := slices.ContainsFunc(histories[g.customer].times, func(at int64) bool { return at >= g.at && at < g.at+horizon })
				want.count(g, !came)

				return true
			})
			if got := b.sampler.Quality(); *got != want {
				t.Fatalf("at %d\n got %+v\nwant %+v", begun, *got, want)
			}
			for s := range want {
				for _, r := range want[s] {
					seen[s].lost += r.Lost
					seen[s].back += r.Rows - r.Lost
				}
			}
			for i := range b.sampler.pending {
				p := &b.sampler.pending[i]
				if p.at != begun {
					continue
				}
				g := givenRisk{
					customer: p.customer, at: begun, risk: m.Score(&b.states[p.customer], begun), segment: segmentOf(histories[p.customer], begun),
				}
				for _, earlier := range open {
					if earlier.customer == g.customer && earlier.at < begun {
						g.overlap += (earlier.at + horizon - begun) / m.Slot()
					}
				}
				open = append(open, g)
			}
		}

		now := epoch
		pause := float64(m.Horizon()) * 6 / customers * random.Float64()
		for range 200 {
			now += int64(random.ExpFloat64() * pause)
			if b.sampler.Due(now) {
				draw(now)
			}
			switch random.IntN(40) {
			case 0:
				p := randomParameters(random, m.prior)
				p.Version = m.parameters.Version + 1
				m.SetParameters(p)
			case 1:
				restored := NewSampler(m, 1)
				if err := restored.Restore(b.sampler.AppendBinary(nil), customers); err != nil {
					t.Fatal(err)
				}
				b.sampler = restored
			}
			c := uint32(random.IntN(1 + random.IntN(customers)))
			b.event(c, now, now)
			histories[c].observe(Event{Time: now, Qualifying: true})
		}
	})
	for s := range seen {
		if seen[s].lost < 50 || seen[s].back < 50 {
			t.Errorf("segment %s: %d lost and %d back; the test has become weak", Segment(s), seen[s].lost, seen[s].back)
		}
	}
}

// count is the oracle of add: in floats, by the definitions.
func (q *Quality) count(g givenRisk, lost bool) {
	for bin := range q[g.segment] {
		low, high := float64(bin)/QualityBins, float64(bin+1)/QualityBins
		risk := g.risk.Risk()
		if risk < low || risk >= high && (risk < 1 || high < 1) {
			continue
		}
		r := &q[g.segment][bin]
		r.Rows++
		r.Risk += int64(g.risk)
		r.Overlap += g.overlap
		if lost {
			r.Lost++
			r.SquaredError += int64(Certain-g.risk) * int64(Certain-g.risk)
		} else {
			r.SquaredError += int64(g.risk) * int64(g.risk)
		}
	}
}

// Every partition counts its own customers, so the bins of all add up.
func TestQualityAddsUp(t *testing.T) {
	m := newModel(t, testConfig())
	whole, parts := newBusiness(m, 60, 1), [2]*business{newBusiness(m, 60, 1), newBusiness(m, 60, 1)}
	random := rand.New(rand.NewPCG(5, 6))
	now, rows := epoch, int64(0)
	for range 6000 {
		now += int64(random.ExpFloat64() * float64(m.Horizon()) / 300)
		due := whole.sampler.Due(now)
		for _, b := range []*business{whole, parts[0], parts[1]} {
			if due {
				b.draw(now)
			}
		}
		if due {
			sum := *parts[0].sampler.Quality()
			sum.Add(parts[1].sampler.Quality())
			if sum != *whole.sampler.Quality() {
				t.Fatalf("at %d\n parts %+v\n whole %+v", now, sum, *whole.sampler.Quality())
			}
			for s := range sum {
				for _, r := range sum[s] {
					rows += r.Rows
				}
			}
		}
		c := uint32(random.IntN(1 + random.IntN(60)))
		whole.event(c, now, now)
		parts[c%2].event(c, now, now)
	}
	if rows < 1000 {
		t.Errorf("%d rows tell nothing", rows)
	}
}
