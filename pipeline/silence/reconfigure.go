package silence

import "math"

// Reconfigure gives the watch another configuration and as many channels, at
// least as many as there were, and goes on with what is usual. What is usual of
// the places that forget names, Whole and channels by their index, is learned
// anew: their events are counted otherwise from here on. A silence of theirs is
// over without a word, and so are all where nothing is watched any more.
func (w *Watch) Reconfigure(config Config, channels int, forget func(channel int) bool) {
	next := New(config, channels)
	if !config.Enabled() || len(w.meters) == 0 {
		*w = *next

		return
	}
	copy(next.counts, w.counts)
	copy(next.meters, w.meters)
	next.end = w.end
	for i := range w.meters {
		m := &next.meters[i]
		if forget(i - 1) {
			*m, next.counts[i] = meter{}, 0
		}
		if m.awake {
			next.awake++
		}
		if m.silent {
			next.silences++
		}
	}
	if next.end == math.MaxInt64 {
		next.end = 0
	}
	*w = *next
}
