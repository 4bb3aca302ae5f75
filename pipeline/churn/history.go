package churn

import (
	"errors"
	"fmt"

	"ebb/windows/codec"
)

// History is what the model knows of somebody, so that it can go to where they are known
// by another id; see Merge.
type History struct {
	Horizon int64  `json:"horizon_ms"` // of the model that reckoned it
	Newest  int64  `json:"newest"`     // the latest time that it knows of, Unix ms
	Channel string `json:"channel"`    // of the latest qualifying event
	Layout  int    `json:"layout"`     // of State: historyLayout
	State   []byte `json:"state"`      // as State.AppendBinary writes it
}

// historyLayout is the layout that this program writes and reads. Whoever changes what
// AppendBinary writes raises it, and reads former ones on: they stand in streams.
const historyLayout = 1

// Tell tells a customer's history. Levels, alerts and timers are not part of it: they are
// of whom they were reckoned for.
func (m *Model) Tell(s *State, channel string) *History {
	told := *s
	told.level, told.episode, told.alerted = Healthy, 0, 0
	told.marks &^= markReturned
	told.since, told.timer = told.since.at(0), told.timer.at(0)

	return &History{
		Horizon: m.config.Horizon, Newest: told.newest(), Channel: channel, Layout: historyLayout, State: told.AppendBinary(nil),
	}
}

// newest is the latest time that is known of a customer.
func (s *State) newest() int64 { return max(s.last, s.heard.latest(), s.heard.ended()-1) }

// Read reads what Tell has told, as a model of this horizon reckons it. channel is the
// owner's number of the history's channel.
func (m *Model) Read(h *History, channel uint8, now int64) (State, error) {
	if h.Layout != historyLayout {
		return State{}, fmt.Errorf("%w: layout %d, this version of ebb reads layout %d: use the newest of those that are running", ErrState, h.Layout, historyLayout)
	}
	r := codec.From(h.State, ErrState)
	s := ReadState(&r)
	if err := r.End(); err != nil {
		return State{}, err
	}
	if s.level != Healthy || s.episode != 0 || s.alerted != 0 || s.Returned() {
		return State{}, fmt.Errorf("%w: a history holds no level", ErrState)
	}
	if s.newest() != h.Newest {
		return State{}, fmt.Errorf("%w: its newest event is of %d, and the history says %d", ErrState, s.newest(), h.Newest)
	}
	s.channel = channel
	if h.Horizon == m.config.Horizon {
		return s, nil
	}
	config := m.config
	config.Horizon = h.Horizon
	former, err := NewModel(config)
	if err != nil {
		return State{}, errors.Join(ErrState, err)
	}
	m.CarryState(former, &s, now)

	return s, nil
}
