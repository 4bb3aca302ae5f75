package shard

import (
	"math"
	"strings"

	"ebb/pipeline/churn"
	"ebb/pipeline/silence"
	"ebb/pipeline/wire"
)

// This file keeps customers from looking silent while it is the feed that is.
// A level that would be raised while the whole feed, or the channel by which
// the customer came last, is silent is not raised: the signal is held. Once the
// feed is back, everybody who comes by it gets the time of one more dwell to be
// heard. Then the signal is published if it is still due, and dropped if not.
// Levels are cleared by events at any time.

// holding says whether anybody has to be asked at a time whether to hold a
// signal.
func (s *Shard) holding(at int64) bool {
	return s.held.count > 0 || s.feed.AnySilent() || at < s.held.graceEnd
}

// hold decides about a customer at a time, and reports whether to leave them
// alone.
func (s *Shard) hold(index uint32, state *churn.State, at int64) bool {
	held, until := s.held.has(index), s.unheardUntil(state)
	switch {
	case !s.model.RaisesSilent(state, at):
		if held {
			s.counts.Dropped++
			s.letGo(index, at)
		}
	case at < until:
		if !held {
			s.counts.Held++
			s.held.add(index)
		}
		s.wait(index, state, until)

		return true
	case held:
		s.counts.Released++
		s.letGo(index, at)
	}

	return false
}

// silent reports whether the feed that the customer would be heard on is.
func (s *Shard) silent(state *churn.State) bool { return s.feed.Silent(state.Channel()) }

// unheardUntil is until when a customer may be back without having been heard:
// math.MaxInt64 while their feed is silent, and then the end of the grace.
func (s *Shard) unheardUntil(state *churn.State) int64 {
	if s.silent(state) {
		return math.MaxInt64
	}

	return s.held.graceOf(state.Channel())
}

// wait sets the timer of a customer whose signal is held.
func (s *Shard) wait(index uint32, state *churn.State, until int64) {
	state.SetTimer(until)
	s.timers.Schedule(index, until)
}

// letGo takes a customer off the held ones. With the last of them, the
// silences that are over are settled, and their rows are told again with what
// became of the signals. A row is named by its time, so it is a later one.
func (s *Shard) letGo(index uint32, at int64) {
	s.held.remove(index)
	if s.held.count > 0 {
		return
	}
	for i := range s.held.over {
		change := &s.held.over[i]
		change.Time = max(at, change.Time+1)
		s.publishFeed(change)
	}
	s.held.over = s.held.over[:0]
}

// closeStep closes a step of the watch and tells of the silences that begin
// and end with it.
func (s *Shard) closeStep(end int64) {
	over := false
	until := end + max(s.config.Churn.Dwell, silence.StepLength)
	for _, change := range s.feed.Close() {
		s.publishFeed(&change)
		if change.State == silence.Silent {
			s.held.reopen(change.Channel)
			s.forgetUnheard()

			continue
		}
		over = true
		s.held.grant(change.Channel, until)
		if s.held.count > 0 {
			s.held.over = append(s.held.over, change)
		}
	}
	if over {
		s.resume(until)
	}
}

// resume wakes those who are held without a reason now at the end of the grace:
// one more dwell, and at least a step of the watch, because some of them may be
// in the backlog that comes first: those who are in its older part, too, because
// late events are signs of life.
func (s *Shard) resume(until int64) {
	s.held.each(func(index uint32) {
		state := &s.customers.At(index).Churn
		if state.Timer() == math.MaxInt64 && !s.silent(state) {
			s.wait(index, state, until)
		}
	})
}

func (s *Shard) publishFeed(change *silence.Change) {
	row := wire.FeedRow{
		Header:   s.header(wire.Feed),
		Time:     change.Time,
		Channel:  s.channelName(change.Channel),
		State:    change.State.String(),
		Since:    change.Since,
		Observed: change.Observed,
		Expected: roundExpected(change.Expected),
		Held:     uint64(s.held.count),
		Released: s.counts.Released,
		Dropped:  s.counts.Dropped,
	}
	s.out.add(wire.Feed, s.partition, row)
	s.out.feed = append(s.out.feed, row)
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

// FeedState is the state of the shard's feed.
func (s *Shard) FeedState() FeedState {
	state := FeedState{Held: s.held.count}
	for _, quiet := range s.feed.Silences(nil) {
		if state.Since == 0 || quiet.Since < state.Since {
			state.Since = quiet.Since
		}
		switch name := s.channelName(quiet.Channel); {
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

// roundExpected is as exact as such a figure can be.
func roundExpected(events float64) float64 { return math.Round(events*10) / 10 }

// channelName is the channel of an index, "" for the whole feed.
func (s *Shard) channelName(channel int) string {
	if channel == silence.Whole {
		return ""
	}

	return s.vocabulary.ChannelNames[channel]
}
