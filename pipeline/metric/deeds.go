package metric

import (
	"encoding/binary"
	"math"

	"ebb/pipeline/calendar"
	"ebb/pipeline/event"
	"ebb/pipeline/vocabulary"
)

// deedsBytes is the width of the column: 2 the newest week, counted from that of
// 1 January 1970, plus 1, and of each of the four weeks up to it 2 cognitive points,
// 2 behavioural ones, 1 how many opinions and 2 their sum.
const (
	deedsBytes  = 2 + deedsWeeks*deedsEach
	deedsEach   = 7
	deedsWeeks  = 4
	mostOpinion = math.MaxUint8
)

// deedsColumn is what the proxies of engagement are made of.
func deedsColumn() *StateColumn {
	return &StateColumn{
		Name: "deeds",
		Definition: "Of the newest four calendar weeks each: attention in points (one a ping, up to ten for how far something was read or watched), active engagements, " +
			"and the sum of ratings and sentiments, in hundredths from -100 to 100, of the first 255 of a week. " +
			"Of who signs in: the sums of both ids; of a week in which they said more than 255 together, the known one's opinions.",
		Bytes: deedsBytes,
		at:    atDeeds,
		Takes: People,
		Observe: func(e *Event, state []byte) {
			d, taken := e.deed()
			if !taken {
				return
			}
			week := weekOf(e.Day)
			if week+deedsWeeks <= moveDeeds(state, week) {
				return
			}
			addPoints(inWeek(state, week), d.cognitive, d.behavioural)
			if d.rated {
				addOpinions(inWeek(state, week), 1, d.rating)
			}
		},
		Merge: mergeDeeds,
	}
}

// moveDeeds moves the newest week on to one, if that is newer, and gives the newest.
func moveDeeds(state []byte, week uint16) (newest uint16) {
	newest = binary.LittleEndian.Uint16(state)
	if week <= newest {
		return newest
	}
	for w := max(newest+1, week-min(week, deedsWeeks)+1); w <= week; w++ {
		clear(inWeek(state, w))
	}
	binary.LittleEndian.PutUint16(state, week)

	return week
}

// addPoints adds points to a week's.
func addPoints(of []byte, cognitive, behavioural int) {
	le := binary.LittleEndian
	le.PutUint16(of, uint16(min(int(le.Uint16(of))+cognitive, math.MaxUint16)))
	le.PutUint16(of[2:], uint16(min(int(le.Uint16(of[2:]))+behavioural, math.MaxUint16)))
}

// addOpinions adds so many opinions of a sum to a week's, unless there are too many.
func addOpinions(of []byte, n, sum int) {
	if int(of[4])+n > mostOpinion {
		return
	}
	of[4] += byte(n)
	binary.LittleEndian.PutUint16(of[5:], uint16(int16(binary.LittleEndian.Uint16(of[5:]))+int16(sum)))
}

// mergeDeeds adds, week by week, what the other one did in the four weeks up to the newest
// of both.
func mergeDeeds(into, from []byte) {
	le, until := binary.LittleEndian, binary.LittleEndian.Uint16(from)
	if until == math.MaxUint16 { // no week that any event can have
		return
	}
	newest := moveDeeds(into, until)
	for back := range min(until, deedsWeeks) {
		week := until - back
		if int(week)+deedsWeeks <= int(newest) {
			break
		}
		b := inWeek(from, week)
		addPoints(inWeek(into, week), int(le.Uint16(b)), int(le.Uint16(b[2:])))
		if n, sum := int(b[4]), int(int16(le.Uint16(b[5:]))); max(sum, -sum) <= 100*n {
			addOpinions(inWeek(into, week), n, sum)
		}
	}
}

// weekOf is the week of a day, from 1 on.
func weekOf(day calendar.Day) uint16 { return uint16((day.Monday()+3)/weekDays) + 1 }

func inWeek(state []byte, week uint16) []byte {
	at := 2 + int(week%deedsWeeks)*deedsEach

	return state[at : at+deedsEach]
}

// deed is what an event of a person adds to the proxies.
type deed struct {
	cognitive, behavioural int
	rating                 int // hundredths
	rated                  bool
}

func (e *Event) deed() (d deed, taken bool) {
	switch e.TypeName() {
	case "page.pinged", "screen.pinged":
		d.cognitive, taken = 1, true
	case "scroll.reached", "video.progressed":
		if e.Has(event.HasProgress) {
			d.cognitive = int(10 * e.Progress)
		}
		taken = true
	}
	if e.Class.Kind == vocabulary.Active && !e.Class.Negative {
		d.behavioural, taken = 1, true
	}
	if e.Has(event.HasScore) || e.Has(event.HasSentiment) {
		if experience, _, rated := e.Vocabulary.Experience(e.Event, e.Class); rated {
			d.rating, d.rated, taken = int(math.Round(100*experience)), true, true
		}
	}

	return d, taken
}

// deeds are what the customer did in the four calendar weeks up to that of a day.
type deeds struct{ cognitive, behavioural, opinions, opinion int }

func (w Who) deeds(day calendar.Day) (d deeds) {
	if w == nil {
		return d
	}
	state, le, until := w[atDeeds:atDeeds+deedsBytes], binary.LittleEndian, weekOf(day)
	newest := le.Uint16(state)
	for back := range min(newest, uint16(deedsWeeks)) {
		week := newest - back
		if week > until || week+deedsWeeks <= until {
			continue
		}
		b := inWeek(state, week)
		d.cognitive += int(le.Uint16(b))
		d.behavioural += int(le.Uint16(b[2:]))
		d.opinions += int(b[4])
		d.opinion += int(int16(le.Uint16(b[5:])))
	}

	return d
}
