package churn

import (
	"math"
	"slices"
)

// Sampler draws some customers at every learning step, keeps their terms for a
// horizon, and sees what becomes of them. So learning costs the same however
// many customers there are: at most eight steps of a few thousand rows, and one
// look at every customer a step. The zero Sampler is not ready; see NewSampler.
//
// It is one goroutine's.
type Sampler struct {
	partitions int
	slot       int64     // ms, the length of a step
	step       int64     // of the last draw
	due        int64     // when the next step begins
	pending    []pending // in the order of their draw, then of customers
	complete   []ended   // not learned from yet, in the order of their end
	week       []int64   // qualifying events by hour; nil from a horizon of a week on
	quality    Quality   // of the rows that the last draw ended
}

// pending is a row that waits for its outcome.
type pending struct {
	at       int64
	customer uint32
	pace     comeback
	terms    [features]int8
	risk     Score
	segment  Segment
	overlap  uint8 // with the rows of the customer that waited then; see Reliability
}

// Nobody is in the place of a customer who has left: who never came back, as far
// as anybody can tell.
const Nobody = math.MaxUint32

// Leave says that customers have left whose numbers may be given to others.
func (s *Sampler) Leave(left func(customer uint32) bool) {
	for i := range s.pending {
		if p := &s.pending[i]; p.customer != Nobody && left(p.customer) {
			p.customer = Nobody
		}
	}
}

// ended is a row whose outcome is known, and the step at which it was.
type ended struct {
	row  Row
	step int64
}

// How many customers are drawn at each step over all partitions: those who
// engaged in the last horizon, and those whose silence is from one to sixteen,
// without whom the risks of the long silent would be a guess.
const (
	drawActive   = 3200
	drawLapsed   = 400
	longestLapse = 16
)

// MaxReportBytes bounds the rows of a Report, as AppendRows writes them,
// because they travel in one message; a third is added to them by base64. More
// terms leave room for fewer complete rows; those of a step, at least, have to
// fit.
const MaxReportBytes = 668 << 10

// The rows that a sampler holds. What is drawn varies by chance, by less than a
// hundredth over the steps of a horizon, so nobody is left out but of bytes that
// were made up.
const (
	mostPending  = SlotsPerHorizon * (drawActive + drawLapsed) * 21 / 20
	mostComplete = min(1<<13, MaxReportBytes/RowSize-mostPending) // beyond it the oldest go
)

// NewSampler returns the sampler of one of so many partitions.
func NewSampler(m *Model, partitions int) *Sampler {
	s := &Sampler{partitions: partitions, slot: m.slot, due: m.slot}
	if m.Horizon() < hoursPerWeek*hour {
		s.week = make([]int64, hoursPerWeek)
	}

	return s
}

// Observe counts a qualifying event.
func (s *Sampler) Observe(t int64) {
	if s.week != nil {
		s.week[hourOfWeek(t)]++
	}
}

// Due says whether a learning step has begun since the last draw. It is asked
// for every record.
func (s *Sampler) Due(now int64) bool { return now >= s.due }

// Draw ends the rows whose horizon is over and draws new ones, as of the
// beginning of the step that now is in. customers is how many there are, and
// state gives each one's by index.
func (s *Sampler) Draw(m *Model, now int64, customers uint32, state func(customer uint32) *State) {
	s.step = m.Step(now)
	s.due = (s.step + 1) * s.slot
	now = s.step * s.slot
	s.settle(now, state)

	var active, lapsed float64
	for c := range customers {
		switch m.silenceOf(state(c), now) {
		case stillActive:
			active++
		case longSilent:
			lapsed++
		}
	}
	share := [...]float64{
		stillActive: drawActive / float64(s.partitions) / max(active, 1),
		longSilent:  drawLapsed / float64(s.partitions) / max(lapsed, 1),
	}
	overlaps := s.overlaps(now)
	for c := range customers {
		who := state(c)
		group := m.silenceOf(who, now)
		if group == notDrawn || uniform(c, s.step) >= share[group] {
			continue
		}
		if len(s.pending) == mostPending {
			break
		}
		look := m.look(who)
		risk := quantize(sigmoid(look.full(now)))
		s.pending = append(s.pending, pending{
			at: now, customer: c, pace: look.comeback(now), terms: look.vector.round(),
			risk: risk, segment: m.segment(who, group, now), overlap: overlaps[c],
		})
	}
}

const (
	stillActive = iota
	longSilent
	notDrawn
)

func (m *Model) silenceOf(s *State, now int64) int {
	if _, foregone := s.foregone(); foregone {
		return notDrawn
	}
	switch silence := float64(now-s.last) * m.perUnit; {
	case silence <= 0: // ahead of the clock: it would be a term of the row and its outcome
		return notDrawn
	case silence <= 1:
		return stillActive
	case silence <= longestLapse:
		return longSilent
	}

	return notDrawn
}

// settle ends the rows whose horizon is over. Those of customers who left wait
// for it too: if losses were known before returns, what is known would be mostly
// losses.
func (s *Sampler) settle(now int64, state func(customer uint32) *State) {
	s.quality = Quality{}
	waiting := s.pending[:0]
	for _, p := range s.pending {
		if now-p.at < SlotsPerHorizon*s.slot {
			waiting = append(waiting, p)

			continue
		}
		row := Row{Terms: p.terms, Elapsed: wholeElapsed, Outcome: Lost}
		if p.back(state) {
			row.Outcome = Returned
		}
		s.complete = append(s.complete, ended{row, s.step})
		s.quality.add(&p, row.Outcome)
	}
	s.pending = waiting
	if extra := len(s.complete) - mostComplete; extra > 0 {
		s.complete = append(s.complete[:0], s.complete[extra:]...)
	}
}

// back says whether the customer has come since the draw, and has not ended the
// relation after that. Nothing of it is kept, so it is the same however often
// it was asked before.
func (p *pending) back(state func(customer uint32) *State) bool {
	if p.customer == Nobody {
		return false
	}
	who := state(p.customer)

	return who.last >= p.at && !who.Left()
}

// overlaps says, for customers who wait, how much of the horizon that begins
// now lies in that of a row which waits, in eighths, added up over their rows.
func (s *Sampler) overlaps(now int64) map[uint32]uint8 {
	eighths := make(map[uint32]uint8, len(s.pending))
	for i := range s.pending {
		p := &s.pending[i]
		if p.customer == Nobody {
			continue
		}
		eighths[p.customer] += uint8(SlotsPerHorizon - (now-p.at)/s.slot)
	}

	return eighths
}

// Quality compares the risks of the rows which the last Draw ended with their
// outcomes. Another Draw begins anew, and a restored sampler knows of none: it
// is for publishing at once.
func (s *Sampler) Quality() *Quality { return &s.quality }

// Forget drops the rows of customers whose outcome can't be seen.
func (s *Sampler) Forget(unseen func(customer uint32) bool) {
	s.pending = slices.DeleteFunc(s.pending, func(p pending) bool { return p.customer != Nobody && unseen(p.customer) })
}

// Report gives the rows to learn from: the complete ones that were not learned
// from yet, and all that wait and of which any time has passed, as of now. It
// changes nothing, so a report that gets lost is made again; see Learned.
func (s *Sampler) Report(m *Model, now int64, state func(customer uint32) *State) []Row {
	rows := make([]Row, 0, len(s.complete)+len(s.pending))
	for i := range s.complete {
		rows = append(rows, s.complete[i].row)
	}
	for i := range s.pending {
		p := &s.pending[i]
		elapsed := float64(now-p.at) * m.perUnit
		if elapsed <= 0 {
			continue
		}
		row := Row{Terms: p.terms, Outcome: Waiting}
		if p.back(state) {
			row.Outcome = Back
		}
		row.Elapsed = uint8(math.Round(p.pace.share(m.parameters.Rates, min(elapsed, 1)) * wholeElapsed))
		rows = append(rows, row)
	}

	return rows
}

// Learned says that the parameters in use follow a step, so that the rows
// which were complete by then have done their work. Rows that have ended since
// stay for the next report.
func (s *Sampler) Learned(step int64) {
	s.complete = slices.DeleteFunc(s.complete, func(e ended) bool { return e.step <= step })
}

// Week is the count of qualifying events by hour of the week, nil where the
// horizon is a week or more. It must not be changed.
func (s *Sampler) Week() []int64 { return s.week }

// uniform is a number from 0 to below 1 that depends on nothing but customer
// and step: the finalizer of SplitMix64 (Steele, Lea and Flood 2014, "Fast
// splittable pseudorandom number generators", OOPSLA).
func uniform(customer uint32, step int64) float64 {
	z := uint64(customer)*0x9e3779b97f4a7c15 + uint64(step)*0xd1342543de82ef95
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31

	return float64(z>>11) / (1 << 53)
}
