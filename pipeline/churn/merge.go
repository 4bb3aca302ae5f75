package churn

import (
	"math"
	"math/bits"
)

// In place of when somebody said who they are, where they have before. No event is of these
// times.
const (
	AlreadyKnown = math.MinInt64 + iota
	HeardLate    // and the history is of a late event: see ObserveLate
)

// Merge adds the history of somebody who is the same customer: who was anonymous before.
// at is when they said who they are, Unix ms; AlreadyKnown or HeardLate where that was
// before, and the history is what they did since. Levels, episodes and alerts stay those of
// the customer. It reports what Observe does.
//
// What it comes to is, of the two histories:
//
//   - times of the first and the latest event, of either side, and of the end of the
//     relation: the earlier, and the later one;
//   - slots: those active in either, of the 64 up to the newest; of how many there were
//     before these, the sum;
//   - what adds up (visits, negative events, messages that fade): the sum. A visit in which
//     somebody said who they are counts once: where the latest event before was in the same
//     slot and no pause away. So does one that went on since. What came late adds nothing
//     in a slot that was active, as nobody can tell whether it came before;
//   - what they paid: the sum, in two currencies; see purses.merge;
//   - messages without an answer: none, if the other one engaged later; else the customer's;
//   - the newest negative event, whichever is newer; whether it is settled, and the newest
//     rating: the customer's, if they have one that is not neutral, else the other one's;
//   - pauses: mean and variance of both together, and of AlreadyKnown the one between the
//     two; seasons: the more years of either.
//
// The order in which both did something is not known any more. So what depends on it,
// pauses and how often visits overlapped, is near to what one history would have been, and
// the rest is what it would have been.
func (m *Model) Merge(into, from *State, at int64) (sooner bool) {
	if into.Joined() {
		return false
	}
	f := *from
	m.align(into, &f)
	m.mergeEngagement(into, &f, at)
	into.mergeTold(&f)
	into.heard.merge(&f.heard)

	return into.Known()
}

// align brings what is faded of two histories to the later of their latest engagements.
func (m *Model) align(a, b *State) {
	if !a.Known() || !b.Known() {
		return
	}
	if gap := float64(b.last-a.last) * m.perUnit; gap > 0 {
		m.fade(a, gap)
	} else if gap < 0 {
		m.fade(b, -gap)
	}
}

// mergeEngagement adds what the other one has of qualifying events.
func (m *Model) mergeEngagement(s, f *State, at int64) {
	switch {
	case !f.Known():
		return
	case !s.Known():
		s.first, s.last, s.recent, s.slots, s.tally, s.channel = f.first, f.last, f.recent, f.slots, f.tally, f.channel
		s.visits, s.events, s.contacts, s.unanswered = f.visits, f.events, 0, 0
		s.keepPauses(f.pauses())
		s.marks |= f.marks & markCame

		return
	}
	once := at != HeardLate && m.sameVisit(s, f, at)
	both := mergePauses(s.pauses(), f.pauses())
	switch {
	case at == HeardLate && m.seen(s, f.last):
		f.visits, f.events, f.recent, f.slots, f.tally = [memories]float32{}, 0, 0, 0, 0
	case at == AlreadyKnown:
		at = f.First()
		if at > s.last && !once {
			both.add(at - s.last)
		}
		if at > s.last && absoluteSeason(at) != absoluteSeason(s.last) {
			s.seasoned(at)
		}
	}
	newest := max(m.slotOf(s.last), m.slotOf(f.last))
	for _, of := range [...]*State{s, f} {
		of.tally.shift(newest - m.slotOf(of.last))
		of.recent <<= uint64(newest - m.slotOf(of.last)) // by 64 or more gives 0
	}
	s.slots = uint16(min(int(s.slots)+int(f.slots)-bits.OnesCount64(f.recent&s.recent), math.MaxUint16))
	s.recent |= f.recent
	s.tally = s.tally.with(f.tally, once, newest-m.slotOf(at))
	fade := [memories]float64{}
	if once {
		fade = fading(max(0, float64(max(s.last, f.last)-at)*m.perUnit))
	}
	for i := range s.visits {
		s.visits[i] = max(min(s.visits[i], f.visits[i]), s.visits[i]+f.visits[i]-float32(fade[i]))
	}
	s.events += f.events
	s.keepPauses(both)
	if f.last > s.last {
		s.last, s.channel, s.unanswered = f.last, f.channel, 0
	}
	s.first = s.first.at(min(s.First(), f.First())).with(mergeSeasons(s.first.rest(), f.first.rest()))
	s.marks |= f.marks & markCame
}

// seen says whether a customer was active in the slot of a time already, or it lies too far
// back to tell.
func (m *Model) seen(s *State, at int64) bool {
	back := m.slotOf(s.last) - m.slotOf(at)

	return back >= recentSlots || back >= 0 && s.recent>>uint64(back)&1 == 1
}

// sameVisit says whether somebody went on with a visit when they said who they are, or
// since. Both must have been there in that slot; in another one it is another visit, see
// count.
func (m *Model) sameVisit(s, f *State, at int64) bool {
	if at == AlreadyKnown {
		gap := f.First() - s.last

		return gap >= 0 && m.slotOf(f.First()) == m.slotOf(s.last) && float64(gap)*m.perUnit <= visitPause
	}
	slot := m.slotOf(f.last)
	back := m.slotOf(s.last) - slot

	return slot == m.slotOf(at) && back >= 0 && back < recentSlots && s.recent>>uint64(back)&1 == 1 &&
		math.Abs(float64(at-f.last))*m.perUnit <= visitPause
}

// mergeTold adds what the other one has beside engagement.
func (s *State) mergeTold(f *State) {
	if s.against == 0 && s.marks&markSettled == 0 {
		s.marks |= f.marks & markSettled
	}
	if s.rating == 0 && f.rating != 0 {
		s.rating, s.marks = f.rating, s.marks&^markScored|f.marks&markScored
	}
	s.experience = min(max(s.experience+f.experience, -1), 1)
	s.negatives += f.negatives
	s.against = uint16(min(int(s.against)+int(f.against), math.MaxUint16))
	s.trouble = max(s.trouble, f.trouble)
	s.contacts += f.contacts
	s.purses.merge(&f.purses)
	if f.heard.own() > s.heard.own() {
		s.marks = s.marks&^markNotice | f.marks&markNotice
	}
}

// merge takes the later of all times.
func (h *heard) merge(o *heard) {
	own, ours, ended := max(h.own(), o.own()), uint64(max(h.ours(), o.ours())/2), max(h.ended(), o.ended())
	h[0] = uint64(own) | ours<<timeBits
	h[1] = uint64(ended) | ours>>restBits<<timeBits
}

// with is the tally of the visits of both, one less where they went on with one, so many
// slots back.
func (c *tally) with(o tally, once bool, at int64) (sum tally) {
	for back := range int64(tallySlots) {
		n := c.of(back) + o.of(back)
		if once && back == at {
			n--
		}
		sum |= tally(min(n, mostVisits)) << uint64(4*back)
	}

	return sum
}

// mergeSeasons takes the more years of each season.
func mergeSeasons(a, b uint64) (both uint64) {
	for shift := range seasonsPerYear {
		mask := uint64(sureYears) << (seasonBits * shift)
		both |= max(a&mask, b&mask)
	}

	return both
}

// mergePauses takes the mean of both, and the variance about it.
func mergePauses(p, o pauses) pauses {
	n := float64(p.n + o.n)
	if n == 0 {
		return p
	}
	mean := (float64(p.n)*p.mean + float64(o.n)*o.mean) / n
	about := func(q pauses) float64 { return float64(q.n) * (q.variance + (q.mean-mean)*(q.mean-mean)) }

	return pauses{n: min(p.n+o.n, mostPauses), mean: mean, variance: (about(p) + about(o)) / n}
}
