package shard

import (
	"ebb/pipeline/churn"
	"ebb/pipeline/silence"
)

// Unheard says that a customer may be back without having been heard, because
// the feed by which they come is silent or was until lately. What their silence
// would raise is held meanwhile.
type Unheard struct {
	Held    bool   `json:"held"`              // a signal of theirs waits
	Silent  bool   `json:"silent"`            // the feed is silent still
	Channel string `json:"channel,omitempty"` // while Silent, the one by which they came last; empty: the input as a whole
	Since   int64  `json:"since,omitempty"`   // while Silent, when it began
	Until   int64  `json:"until,omitempty"`   // else the end of the time that they get to be heard
}

// unheard is nil where a customer's silence is their own.
func (f *feed) unheard(index uint32, state *churn.State) *Unheard {
	until := f.unheardUntil(state)
	if f.at.clock >= until {
		return nil
	}
	u := &Unheard{Held: f.held.has(index)}
	if until != churn.Never {
		u.Until = until

		return u
	}
	u.Silent = true
	for _, quiet := range f.watch.Silences(nil) { // the whole comes first
		if quiet.Channel == silence.Whole || quiet.Channel == int(state.Channel()) {
			u.Channel, u.Since = f.name(quiet.Channel), quiet.Since

			break
		}
	}

	return u
}
