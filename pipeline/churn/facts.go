package churn

import "math/bits"

// Facts are what is known of a customer at a time and what reasons say. All can
// be counted again from the events.
type Facts struct {
	Now     int64 // Unix ms
	Silent  int64 // ms since the latest qualifying event
	Contact int64 // ms since the latest event of their own, of any kind
	Known   int64 // ms since the first qualifying event
	Slot    int64 // ms, the length of a slot

	// Every is the usual pause in ms: the mean gap of the active slots, and where
	// that is less than two slots, that of the visits. 0 after a single one.
	Every int64

	Visits int // active slots ever
	Recent int // active slots of the eight up to that of the latest qualifying event
	Before int // of the eight before these

	VisitsRecent int // visits in the same slots
	VisitsBefore int

	Negatives int // negative events ever
	Rating    int // the newest rating, from -100, bad, to 100; 0 without one
	Messages  int // of the company since the latest qualifying event

	Trouble   Trouble // the newest negative event
	TroubleAt int64   // its minute, Unix ms
	LeftAt    int64   // when the relation was ended, Unix ms
	Heard     Notice  // the newest event, where it came in the later half of the silence

	Once    bool // from the first to the latest qualifying event it is no more than the pause between visits
	Bought  bool // every engagement was a purchase
	Scored  bool // the newest rating is a score
	Settled bool // said to be over, and nothing negative came since
	Grown   bool // known for two horizons at the latest qualifying event
	Back    bool // has engaged since the level was raised
}

// Facts are those of a customer who is known.
func (m *Model) Facts(s *State, now int64) Facts {
	f := Facts{
		Now:     now,
		Silent:  max(0, now-s.last),
		Contact: max(0, now-s.heard.own()),
		Known:   max(0, now-s.First()),
		Slot:    m.slot,
		Visits:  s.Slots(),

		Negatives: int(s.against),
		Rating:    int(s.rating),
		Messages:  int(s.unanswered),

		Trouble:   Trouble(s.trouble.about()),
		TroubleAt: s.trouble.at(),
		LeftAt:    max(0, s.heard.ended()-1),

		Once:    float64(s.last-s.First()) <= m.pause(),
		Bought:  s.marks&markCame == 0,
		Scored:  s.marks&markScored != 0,
		Settled: s.marks&markSettled != 0,
		Grown:   s.last-s.First() >= 2*m.config.Horizon,
		Back:    s.last >= s.Since(),
	}
	f.Recent, f.Before = recentActive(s)
	f.VisitsRecent, f.VisitsBefore = s.tally.halves()
	f.Every = m.UsualPause(s)
	if float64(s.heard.own()-s.last) > m.pause() && 2*f.Contact <= f.Silent { // and not in the latest visit
		f.Heard = Notice(s.marks & markNotice >> noticeShift)
	}

	return f
}

// UsualPause is Facts.Every.
func (m *Model) UsualPause(s *State) int64 {
	if s.slots < 2 {
		return 0
	}
	every := (s.last - s.First()) / int64(s.slots-1)
	if every < 2*m.slot {
		active, before := recentActive(s)
		visits, visitsBefore := s.tally.halves()
		every = every * int64(active+before) / int64(visits+visitsBefore)
	}

	return every
}

// pause is the one that ends a visit, in ms.
func (m *Model) pause() float64 { return visitPause * float64(m.config.Horizon) }

// recentActive counts the active slots among the eight up to that of the
// latest qualifying event, and among the eight before. Like the terms of the
// trend, they rest in silence.
func recentActive(s *State) (recent, before int) {
	const eight = 1<<SlotsPerHorizon - 1

	return bits.OnesCount64(s.recent & eight), bits.OnesCount64(s.recent >> SlotsPerHorizon & eight)
}
