package shard

import (
	"math"
	"slices"
	"strings"

	"ebb/pipeline/churn"
	"ebb/pipeline/meaning"
	"ebb/pipeline/silence"
	"ebb/pipeline/vocabulary"
	"ebb/pipeline/wire"
)

// feed keeps customers from looking silent while it is the feed that is. A level that
// would be raised while the whole feed, or the channel by which the customer came
// last, is silent is not raised: the signal is held. Once the feed is back, everybody
// who comes by it gets the time of one more dwell to be heard. Then the signal is
// published if it is still due, and dropped if not; see detector.hold. Levels are
// cleared by events at any time.
type feed struct {
	watch *silence.Watch
	names []string // of the channels
	held  customerSet

	// over are the silences that ended while customers were held, at most one
	// a channel. Their rows are published again when the last of them is released.
	over []silence.Change

	// grace is, for the whole and then by channel, until when customers have
	// time to be heard after a silence; nil before the first. graceEnd is the
	// latest.
	grace    []int64
	graceEnd int64

	at     *place
	out    *outputs
	counts *Counts
}

// mayHold says whether anybody has to be asked at a time whether to hold a signal.
func (f *feed) mayHold(at int64) bool {
	return f.held.count > 0 || f.watch.AnySilent() || at < f.graceEnd
}

// silent reports whether the feed that the customer would be heard on is.
func (f *feed) silent(state *churn.State) bool { return f.watch.Silent(state.Channel()) }

// unheardUntil is until when a customer may be back without having been heard:
// churn.Never while their feed is silent, and then the end of the grace.
func (f *feed) unheardUntil(state *churn.State) int64 {
	switch {
	case f.silent(state):
		return churn.Never
	case f.grace == nil:
		return 0
	}

	return max(f.grace[0], f.grace[1+int(state.Channel())])
}

// grant gives the customers of a channel, or of the whole, time until then.
func (f *feed) grant(channel int, until int64) {
	if f.grace == nil {
		f.grace = make([]int64, 2+math.MaxUint8)
	}
	f.grace[1+channel], f.graceEnd = until, max(f.graceEnd, until)
}

// release takes a customer off the held ones. With the last of them, the silences that
// are over are settled, and their rows are published again with what became of the
// signals. A row is named by its time, so it is a later one.
func (f *feed) release(index uint32, at int64) {
	f.held.remove(index)
	if f.held.count > 0 {
		return
	}
	for i := range f.over {
		change := &f.over[i]
		change.Time = max(at, change.Time+1)
		f.publish(change)
	}
	f.over = f.over[:0]
}

// closeStep closes a step of the watch and publishes the silences that begin and end
// with it. Who comes by a feed that is back has time until then to be heard.
func (f *feed) closeStep(until int64) (began, ended bool) {
	for _, change := range f.watch.Close() {
		f.publish(&change)
		if change.State == silence.Silent { // maybe before a former silence of it was settled
			f.over = slices.DeleteFunc(f.over, func(c silence.Change) bool { return c.Channel == change.Channel })
			began = true

			continue
		}
		ended = true
		f.grant(change.Channel, until)
		if f.held.count > 0 {
			f.over = append(f.over, change)
		}
	}

	return began, ended
}

func (f *feed) publish(change *silence.Change) {
	row := wire.FeedRow{
		Header:   f.at.header(wire.Feed),
		Time:     change.Time,
		Channel:  f.name(change.Channel),
		State:    change.State.String(),
		Since:    change.Since,
		Observed: change.Observed,
		Expected: roundExpected(change.Expected),
		Held:     uint64(f.held.count),
		Released: f.counts.Released,
		Dropped:  f.counts.Dropped,
	}
	f.out.add(wire.Feed, f.at.partition, row)
	f.out.feed = append(f.out.feed, row)
}

// roundExpected is as exact as such a figure can be.
func roundExpected(events float64) float64 { return math.Round(events*10) / 10 }

// name is that of a channel, "" for the whole feed.
func (f *feed) name(channel int) string {
	if channel == silence.Whole {
		return ""
	}

	return f.names[channel]
}

// reconfigure goes on with what is usual. What is counted otherwise from here on is
// learned anew, so that a change of the vocabulary is no silence.
func (f *feed) reconfigure(from, to *vocabulary.Vocabulary, before, now *meaning.Config) {
	moved := from.Moved(to)
	if !now.Feed.Enabled() && before.Feed.Enabled() {
		f.grace, f.graceEnd = nil, 0
	}
	f.watch.Reconfigure(now.Feed, len(to.ChannelNames), func(channel int) bool {
		return channel == silence.Whole && moved.Whole || channel != silence.Whole && moved.Channels[channel]
	})
	f.names = to.ChannelNames
}

// FeedState is what is silent in a partition, and what waits for it. The zero
// FeedState is a feed that is there.
type FeedState struct {
	Silent   bool   `json:"silent,omitempty"`   // the input as a whole
	Channels string `json:"channels,omitempty"` // those that are silent, by name, with commas between
	Since    int64  `json:"since,omitempty"`    // Unix ms; when the longest of these silences began, 0 for none
	Held     int    `json:"held,omitempty"`     // customers whose signal waits, also for a while after a silence
}

// SilentChannels are the channels that are silent.
func (f *FeedState) SilentChannels() []string {
	if f.Channels == "" {
		return nil
	}

	return strings.Split(f.Channels, ",")
}

// state is what is silent now.
func (f *feed) state() FeedState {
	state := FeedState{Held: f.held.count}
	for _, quiet := range f.watch.Silences(nil) {
		if state.Since == 0 || quiet.Since < state.Since {
			state.Since = quiet.Since
		}
		switch name := f.name(quiet.Channel); {
		case quiet.Channel == silence.Whole:
			state.Silent = true
		case state.Channels == "":
			state.Channels = name
		default:
			state.Channels += "," + name
		}
	}

	return state
}
