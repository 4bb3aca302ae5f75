package silence

import "math"

// Steps and hours of the clock, in milliseconds.
const (
	StepLength  int64 = 5 * 60_000
	hourLength  int64 = 60 * 60_000
	stepsOfHour       = 12
)

// Whole is the place of the input as a whole, where the index of a channel
// would stand.
const Whole = -1

// State is what has become of the feed.
type State uint8

// The states that a Change can tell of.
const (
	Unchanged State = iota
	Silent          // far fewer events than expected
	Back            // as expected again
	GivenUp         // silent for Config.HoldAtMost: what was expected is forgotten
)

// String is the state's name in rows.
func (s State) String() string {
	switch s {
	case Silent:
		return "silent"
	case Back:
		return "back"
	case GivenUp:
		return "given_up"
	}

	return "unchanged"
}

// Change is a silence that begins or ends.
type Change struct {
	Channel  int // its index, or Whole
	State    State
	Time     int64   // end of the step that showed it
	Since    int64   // begin of the first step of the silence, as far as the counts tell
	Observed uint64  // events from Since to Time
	Expected float64 // the same, by what is usual; see rhythm
}

// Watch watches the events of one partition. One goroutine owns it.
type Watch struct {
	limits   limits
	end      int64    // of the open step; 0 before the first, MaxInt64 without watching
	counts   []uint32 // of the open step: all events, then by channel
	meters   []meter  // the same order
	awake    int      // meters that are
	silences int      // meters that are silent
	changes  []Change // of the last step, reused
}

// limits are a Config as the meters use it.
type limits struct {
	slope float64 // evidence for a silence per expected event
	hold  int64
}

// New returns a watch of so many channels, at most 256. The configuration must
// be valid.
func New(config Config, channels int) *Watch {
	w := &Watch{
		limits: limits{slope: (high - low) * config.SilentBelow, hold: config.HoldAtMost.Milliseconds()},
		counts: make([]uint32, 1+channels),
	}
	if !config.Enabled() {
		w.end = math.MaxInt64

		return w
	}
	w.meters = make([]meter, 1+channels)

	return w
}

// Count counts an event of a channel in the open step.
func (w *Watch) Count(channel uint8) {
	w.counts[0]++
	w.counts[1+int(channel)]++
}

// Next says whether a step ends on the way to now, and when. Close must then
// follow, before the next Count. Ask again until there is none: a clock that
// jumps passes through every step as long as there is something to expect, for
// four weeks at most.
func (w *Watch) Next(now int64) (end int64, ok bool) {
	if w.end > now {
		return 0, false
	}
	if w.awake == 0 && w.counts[0] == 0 {
		w.end = now - now%StepLength + StepLength

		return 0, false
	}

	return w.end, true
}

// Close closes the open step and returns what has changed, the whole first,
// then by channel. The slice is valid until the next call.
func (w *Watch) Close() []Change {
	w.changes = w.changes[:0]
	for i := range w.meters {
		// A channel learns nothing while the whole is silent: it may take
		// longer to be found silent itself.
		learn := i == 0 || !w.meters[0].silent
		w.closeMeter(i, learn)
	}
	w.end += StepLength

	return w.changes
}

func (w *Watch) closeMeter(i int, learn bool) {
	m, n := &w.meters[i], w.counts[i]
	w.counts[i] = 0
	if !m.awake {
		if n == 0 {
			return
		}
		m.awake = true
		w.awake++
	}

	state := m.close(&w.limits, n, w.end, learn)
	switch state {
	case Silent:
		w.silences++
	case Back, GivenUp:
		w.silences--
	}
	if state != Unchanged {
		w.changes = append(w.changes, m.change(i-1, state, w.end))
	}
	if state == GivenUp || !m.silent && m.idle >= weeks*hoursOfWeek {
		*m = meter{}
		w.awake--
	}
}

func (m *meter) change(channel int, state State, time int64) Change {
	return Change{Channel: channel, State: state, Time: time, Since: m.since, Observed: m.observed, Expected: m.expected}
}

// Silent reports whether nothing may be concluded from the silence of a
// customer who came last by the channel: it is silent, or the whole is.
func (w *Watch) Silent(channel uint8) bool {
	return w.silences > 0 && (w.meters[0].silent || w.meters[1+int(channel)].silent)
}

// AnySilent reports whether the whole or any channel is silent.
func (w *Watch) AnySilent() bool { return w.silences > 0 }

// Silences appends the silences of now, the whole first, then by channel. Their
// Time is when each was found.
func (w *Watch) Silences(dst []Change) []Change {
	if w.silences == 0 {
		return dst
	}
	for i := range w.meters {
		if m := &w.meters[i]; m.silent {
			dst = append(dst, m.change(i-1, Silent, m.found))
		}
	}

	return dst
}
