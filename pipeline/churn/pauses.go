package churn

import "math"

// moment is a time in Unix ms, up to MaxTime or Never, and 21 bits of something
// else beside it.
type moment uint64

func (m moment) time() int64 {
	if m&timeMask == timeMask {
		return Never
	}

	return int64(m & timeMask)
}

func (m moment) rest() uint64 { return uint64(m >> timeBits) }

// at is the moment with another time, with with something else beside it.
func (m moment) at(t int64) moment       { return m&^timeMask | moment(min(t, timeMask)) }
func (m moment) with(rest uint64) moment { return m&timeMask | moment(rest)<<timeBits }

// pauses are what is kept of a customer's own pauses between visits: how many,
// up to mostPauses, and the mean and the variance of their logarithms, of ms.
// From then on the latest count a tenth, so that habits may change.
//
// Who comes every day and who comes twice a year differ in what a silence means,
// and so do the regular and the irregular.
type pauses struct {
	n              int
	mean, variance float64
}

const (
	mostPauses = 10

	countBits   = 4
	meanSteps   = 1 << 12 // of 1, so that the mean of the longest fits beside the count
	spreadSteps = 1 << 12 // of 1
	mostSpread  = 1<<restBits - 1
)

// pauses are unpacked from what is beside since and timer.
func (s *State) pauses() pauses {
	mean := s.since.rest()

	return pauses{
		n:        int(mean & (1<<countBits - 1)),
		mean:     float64(mean>>countBits) / meanSteps,
		variance: float64(s.timer.rest()) / spreadSteps,
	}
}

// paused adds a pause in ms (Welford 1962).
func (s *State) paused(ms int64) {
	p := s.pauses()
	p.add(ms)
	s.keepPauses(p)
}

func (p *pauses) add(ms int64) {
	p.n = min(p.n+1, mostPauses)
	log := math.Log(float64(ms))
	off := log - p.mean
	p.mean += off / float64(p.n)
	p.variance += (off*(log-p.mean) - p.variance) / float64(p.n)
}

// keepPauses packs pauses beside since and timer.
func (s *State) keepPauses(p pauses) {
	s.since = s.since.with(uint64(math.Round(p.mean*meanSteps))<<countBits | uint64(p.n))
	s.timer = s.timer.with(uint64(math.Round(min(max(p.variance, 0)*spreadSteps, mostSpread))))
}

// pausesRight says whether the pauses are some, or none.
func (s *State) pausesRight() bool {
	n := s.pauses().n
	none := s.since.rest() == 0 && s.timer.rest() == 0

	return n <= mostPauses && (n == 0) == none && (s.Known() || none)
}

// What is taken for the pauses of customers who have shown too few: so many of
// this mean and spread.
const (
	usualPause   = -1.5 // of ln(pause / H)
	usualSpread  = 1.0  // variance
	meanPseudo   = 2
	spreadPseudo = 4
)

// usual are the mean of ln(pause / H) and the logarithm of its standard deviation,
// drawn to the usual ones where there are few pauses.
func (p *pauses) usual(logHorizon float64) (mean, spread float64) {
	n := float64(p.n)
	mean = (n*(p.mean-logHorizon) + meanPseudo*usualPause) / (n + meanPseudo)
	variance := (n*p.variance + spreadPseudo*usualSpread) / (max(n-1, 0) + spreadPseudo)

	return mean, math.Log(variance) / 2
}
