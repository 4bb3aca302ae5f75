package meaning

import (
	"bytes"
	"time"

	"ebb/pipeline/event"
)

// MaxKeep is the longest Config.Keep but for ever.
const MaxKeep = 3650 * 24 * time.Hour

// Keep are the spans of Config.Keep and Config.KeepAnonymous as they apply, in
// ms; 0 for ever.
type Keep struct {
	Known     int64
	Anonymous int64
	Watched   int64 // who was silent for less never makes room; see shard/room.go
}

// KeepMS is how long customers stay, as it applies.
func (c Config) KeepMS() Keep {
	longest := int64(0)
	for _, length := range c.Lengths {
		longest = max(longest, length.Size)
	}
	reach := longest + c.Lateness.Milliseconds() + c.Skew.Milliseconds()
	apply := func(set time.Duration) int64 {
		if set == 0 {
			return 0
		}

		return max(set.Milliseconds(), 3*c.Churn.Horizon, reach)
	}

	return Keep{Known: apply(c.Keep), Anonymous: apply(c.KeepAnonymous), Watched: max(c.Churn.Horizon, reach)}
}

// KeepSpans are how long customers, and anonymous ones, stay without an event as
// it applies: no shorter than the horizon and the windows ask for. 0 is for ever.
func (c Config) KeepSpans() (known, anonymous time.Duration) {
	k := c.KeepMS()

	return time.Duration(k.Known) * time.Millisecond, time.Duration(k.Anonymous) * time.Millisecond
}

// Of is how long a customer of this id stays, in ms; 0 for ever.
func (k *Keep) Of(id []byte) int64 {
	if bytes.HasPrefix(id, []byte(event.AnonymousPrefix)) {
		return k.Anonymous
	}

	return k.Known
}
