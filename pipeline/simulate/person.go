package simulate

import (
	"math"
	"time"
)

const (
	minute = int64(60_000)
	hour   = 60 * minute
	day    = 24 * hour
	never  = int64(math.MaxInt64)
)

// person is one customer: habits, and the loss that nobody sees.
type person struct {
	joined int64 // first visit
	lost   int64 // does nothing from then on

	nextVisit int64
	nextMail  int64 // the company's

	visits uint32
	gap    float32 // mean, ms
	shape  float32 // regularity k of the gaps: 1 is Poisson, 8 is clockwork

	hour      float32 // of the day, UTC, at which visits begin
	weekend   float32 // readiness to visit on one
	loyalty   float32 // share of visits that are in the first channel
	opens     float32 // share of messages opened
	clicks    float32 // share of these clicked
	basket    float32 // mean logarithm of an order's value
	favorites [2]channel
	currency  uint8

	habits

	anonymous    bool
	fades        bool // comes less and complains before the loss
	unsubscribed bool
}

// fading is how long before the loss a customer who fades begins to.
const fading = 45 * day

// farewell is how long the company goes on mailing a lost customer.
const farewell = 56 * day

// newPerson draws a customer whose first visit is at about the given time.
func (s *Simulator) newPerson(from int64, settled bool) person {
	r := s.random
	p := person{
		gap:      float32(float64(s.config.MedianGap.Milliseconds()) * math.Exp(0.7*r.NormFloat64())),
		shape:    [...]float32{0.5, 1, 3, 8}[r.pick(15, 40, 30, 15)],
		hour:     float32(r.pick(0, 0, 0, 0, 0, 1, 3, 6, 8, 8, 7, 7, 9, 8, 6, 6, 7, 9, 11, 12, 11, 8, 4, 2)),
		weekend:  float32(r.between(0.2, 1)),
		loyalty:  float32(r.between(0.6, 1)),
		opens:    float32(r.between(0.1, 0.7)),
		clicks:   float32(r.between(0.02, 0.3)),
		basket:   float32(3.5 + 0.6*r.NormFloat64()),
		currency: uint8(r.pick(55, 25, 12, 8)),

		anonymous: r.chance(0.05),
		fades:     r.chance(0.4),
	}
	p.favorites[0] = [...]channel{web, app, store, social, chat, call, loyalty}[r.pick(42, 30, 12, 7, 3, 2, 4)]
	p.favorites[1] = [...]channel{web, app, store, social, chat, call, loyalty}[r.pick(30, 20, 20, 10, 7, 5, 8)]
	p.habits = newHabits(s.more, p.favorites[0], settled)

	p.joined = from
	if settled { // a known customer: somewhere within a gap
		p.joined += int64(r.Float64() * float64(p.gap))
	}
	p.joined = s.atHabitualTime(&p, p.joined, from)
	stay := r.ExpFloat64() * float64(s.config.MeanStay.Milliseconds())
	if !settled && r.chance(s.config.OneTimers) {
		stay = float64(hour)
	}
	p.lost = p.joined + hour + int64(min(stay, float64(200*365*day)))
	p.nextVisit = p.joined
	p.nextMail = s.nextMailing(p.joined)

	return p
}

// next is when something happens to the person, never once all is over.
func (p *person) next() int64 { return min(p.nextVisit, p.nextMail) }

// scheduleVisit draws the next visit after one that began at the given time.
func (s *Simulator) scheduleVisit(p *person, visited int64) {
	gap := float64(p.gap) * s.random.gamma(float64(p.shape))
	if left := p.lost - visited; p.fades && left < fading {
		gap *= 1 + 2*(1-float64(left)/float64(fading))
	}
	earliest := visited + hour
	p.nextVisit = s.atHabitualTime(p, visited+int64(min(gap, float64(200*365*day))), earliest)
	if p.nextVisit >= p.lost {
		p.nextVisit = never
	}
}

// atHabitualTime moves a time to the person's hour and weekday, not before
// earliest.
func (s *Simulator) atHabitualTime(p *person, at, earliest int64) int64 {
	// Unix day 0 was a Thursday.
	if weekday := (at/day + 4) % 7; (weekday == 0 || weekday == 6) && !s.random.chance(float64(p.weekend)) {
		at += day
		if weekday == 6 {
			at += day
		}
	}
	habitual := at - at%day + int64(float64(p.hour)*float64(hour)+2*s.random.NormFloat64()*float64(hour))
	if float64(p.gap) < 3*float64(day) {
		habitual = at // too frequent to have one hour
	}
	if habitual < earliest {
		habitual = max(at, earliest)
	}

	return habitual
}

// distress is how near the loss a fading customer is, 0 to 1.
func (p *person) distress(at int64) float64 {
	if left := p.lost - at; p.fades && left < fading {
		return 1 - float64(left)/float64(fading)
	}

	return 0
}

func milliseconds(d time.Duration) float64 { return float64(d.Milliseconds()) }
