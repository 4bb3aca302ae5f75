package pipeline

import (
	"bytes"
	"time"
)

// MaxKeep is the longest Config.Keep but for ever.
const MaxKeep = 3650 * 24 * time.Hour

// keep are the spans of Config.Keep and Config.KeepAnonymous as they apply, in
// ms; 0 for ever.
type keep struct {
	known     int64
	anonymous int64
	watched   int64 // who was silent for less never makes room; see room.go
}

func (c Config) keepMS() keep {
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

	return keep{known: apply(c.Keep), anonymous: apply(c.KeepAnonymous), watched: max(c.Churn.Horizon, reach)}
}

// KeepSpans are how long customers, and anonymous ones, stay without an event as
// it applies: no shorter than the horizon and the windows ask for. 0 is for ever.
func (c Config) KeepSpans() (known, anonymous time.Duration) {
	k := c.keepMS()

	return time.Duration(k.known) * time.Millisecond, time.Duration(k.anonymous) * time.Millisecond
}

func (k *keep) of(id []byte) int64 {
	if bytes.HasPrefix(id, []byte(AnonymousPrefix)) {
		return k.anonymous
	}

	return k.known
}
