package shard

import "ebb/windows/codec"

// Loss says how many of a partition's recent events count nowhere, or not as
// what they are. Recent are the last one to two thousand events, or those of
// the last one to two days by the clock, whichever are fewer.
//
// It is for people to see, and no part of what a shard publishes.
type Loss struct {
	Since   int64  `json:"since,omitempty"` // the clock when the first of them came, Unix ms
	Events  uint64 `json:"events,omitempty"`
	Late    uint64 `json:"late,omitempty"`    // beyond the lateness
	Refused uint64 `json:"refused,omitempty"` // dead letters
	Unknown uint64 `json:"unknown,omitempty"` // accepted, of types that the vocabulary lacks
}

// Add sums the losses of two partitions.
func (l *Loss) Add(other Loss) {
	if l.Since == 0 || other.Since > 0 && other.Since < l.Since {
		l.Since = other.Since
	}
	l.Events += other.Events
	l.Late += other.Late
	l.Refused += other.Refused
	l.Unknown += other.Unknown
}

// Bounds of a loss that is worth a warning.
const (
	lossCount      = 20 // events at least
	lossShare      = 0.01
	lossUnknown    = 0.1 // share of unknown types: some are usual
	lossSpanEvents = 1000
	lossSpan       = 24 * 60 * minute
)

// Beyond says whether so many of the events are worth a warning.
func (l *Loss) Beyond(lost uint64, share float64) bool {
	return lost >= lossCount && float64(lost) > share*float64(l.Events)
}

// LateBeyond says whether the late events are worth a warning.
func (l *Loss) LateBeyond() bool { return l.Beyond(l.Late, lossShare) }

// RefusedBeyond is about dead letters.
func (l *Loss) RefusedBeyond() bool { return l.Beyond(l.Refused, lossShare) }

// UnknownBeyond is about types that the vocabulary lacks.
func (l *Loss) UnknownBeyond() bool { return l.Beyond(l.Unknown, lossUnknown) }

// losses remembers what was counted where two spans of recent events begin.
type losses struct {
	earlier, later Loss   // totals
	unknown        uint64 // events of unknown types so far
}

func (l *losses) write(w *codec.Writer) {
	for _, total := range [...]*Loss{&l.earlier, &l.later} {
		w.Int(total.Since)
		for _, count := range [...]uint64{total.Events, total.Late, total.Refused, total.Unknown} {
			w.Uint(count)
		}
	}
	w.Uint(l.unknown)
}

func (l *losses) read(r *codec.Reader) {
	for _, total := range [...]*Loss{&l.earlier, &l.later} {
		*total = Loss{Since: r.Int(), Events: r.Uint(), Late: r.Uint(), Refused: r.Uint(), Unknown: r.Uint()}
	}
	l.unknown = r.Uint()
}

// recent says what the recent events were, of what was counted up to a clock. It is
// called at cuts, and turns the spans where enough has come.
func (l *losses) recent(clock int64, counts *Counts) Loss {
	total := Loss{
		Since: clock, Events: counts.Events(), Late: counts.LateDropped, Refused: counts.DeadLetters, Unknown: l.unknown,
	}
	if total.Events-l.later.Events >= lossSpanEvents || total.Since-l.later.Since >= lossSpan && total.Events > l.later.Events {
		l.earlier, l.later = l.later, total
	}
	recent := Loss{
		Since: l.earlier.Since, Events: total.Events - l.earlier.Events, Late: total.Late - l.earlier.Late,
		Refused: total.Refused - l.earlier.Refused, Unknown: total.Unknown - l.earlier.Unknown,
	}
	if recent.Events == 0 {
		return Loss{}
	}

	return recent
}
