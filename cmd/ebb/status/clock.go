package status

import (
	"fmt"
	"io"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/clock"
)

// Leap is a leap of store times that nobody has borne out.
type Leap struct {
	Ahead   float64   `json:"ahead_seconds"` // of the clock
	Since   time.Time `json:"since"`
	Waiting int       `json:"waiting"` // events that are judged when it is settled
}

// LeapOf is what a leap of store times holds; nil where none is held.
func LeapOf(l *clock.Leap) *Leap {
	if l.Ahead == 0 {
		return nil
	}

	return &Leap{Ahead: float64(l.Ahead) / 1000, Since: time.UnixMilli(l.Since).UTC(), Waiting: l.Waiting}
}

// clockTolerance is how far a clock may be ahead of the newest record: an
// import's by the skew, which is a day at most.
const clockTolerance = 24*time.Hour + time.Minute

// behindTolerance is how far a clock may be ahead of the newest record before it
// is said that the clock of a server may have been set back: the skew by default,
// and a minute.
const behindTolerance = 6 * time.Minute

// printClocks says which partitions hold a leap of store times, and which have
// a clock that real time has yet to reach.
func (s *Status) printClocks(to io.Writer, given call.Given) {
	var leaps, behind, frozen int
	var widest, farBehind time.Duration
	var farthest time.Time
	for i := range s.Partitions {
		p := &s.Partitions[i]
		if p.Leap != nil {
			leaps++
			widest = max(widest, time.Duration(p.Leap.Ahead*float64(time.Second)))
		}
		if p.Clock.After(s.Stream.LastTime.Add(clockTolerance)) {
			frozen++
			if p.Clock.After(farthest) {
				farthest = p.Clock
			}
		} else if p.Clock.After(s.Stream.LastTime.Add(behindTolerance)) {
			behind++
			farBehind = max(farBehind, p.Clock.Sub(s.Stream.LastTime).Truncate(time.Second))
		}
	}
	if leaps > 0 {
		fmt.Fprintf(to, "\nSTORE TIMES are up to %v ahead of what producers say in %d of %d partitions,\n"+
			"and held. Set the clock of the NATS servers right.\n", widest, leaps, len(s.Partitions))
	}
	if behind > 0 {
		fmt.Fprintf(to, "\nThe newest record is up to %v behind the CLOCK of %d of %d partitions, which\n"+
			"stands still until store times have caught up: the clock of a NATS server was\n"+
			"set back, or history was dated ahead. Events that are dated further ahead than\n"+
			"the skew are refused meanwhile. Set the clocks of the NATS servers right, then\n"+
			"%s brings them back.\n", farBehind, behind, len(s.Partitions),
			given.In("`ebb deadletters requeue --reason too_far_ahead`"))
	}
	if frozen > 0 {
		fmt.Fprintf(to, "\nThe CLOCK of %d of %d partitions is at %s,\n"+
			"ahead of the newest record: every event is late until then. Unless the clock of\n"+
			"a NATS server was set back, which has to be set right, stop ebb, delete\n"+
			"its output streams and the buckets of manifests and snapshots, and start it:\n"+
			"it reads the input stream again, and passes over what is dated beyond the time\n"+
			"at which it was stored.\n",
			frozen, len(s.Partitions), term.TimeText(farthest))
	}
}
