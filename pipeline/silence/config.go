package silence

import (
	"errors"
	"fmt"
	"time"
)

// Config is what a person decides about the watch. The zero Config watches
// nothing.
type Config struct {
	// SilentBelow is the share of the expected rate at which evidence for a
	// silence turns into evidence against it, 0 (no watching) to
	// MaxSilentBelow.
	SilentBelow float64 `json:"silent_below"`

	// HoldAtMost is how long a silence lasts at most, from when it was found.
	// Then what was expected is forgotten, and learned anew.
	HoldAtMost time.Duration `json:"hold_at_most"`
}

// Bounds of a Config. Above half of what is expected, an ordinary slow day
// would be a silence.
const (
	MinSilentBelow = 0.01 // excluded
	MaxSilentBelow = 0.5
	MinHold        = time.Hour
	MaxHold        = 31 * 24 * time.Hour
)

// Defaults is the configuration when nothing is said.
func Defaults() Config {
	return Config{SilentBelow: 0.25, HoldAtMost: 72 * time.Hour}
}

// Enabled reports whether there is anything to watch for.
func (c Config) Enabled() bool { return c.SilentBelow > 0 }

// Validate says what is wrong, by the names of the settings.
func (c Config) Validate() error {
	var problems []error
	if c.SilentBelow != 0 && !(c.SilentBelow > MinSilentBelow && c.SilentBelow <= MaxSilentBelow) {
		problems = append(problems, fmt.Errorf("feed.silent_below is %v; use 0 to watch nothing, or more than %v and at most %v", c.SilentBelow, MinSilentBelow, MaxSilentBelow))
	}
	if c.Enabled() && (c.HoldAtMost < MinHold || c.HoldAtMost > MaxHold) {
		problems = append(problems, fmt.Errorf("feed.hold_at_most is %v; use 1h to 31 days", c.HoldAtMost))
	}

	return errors.Join(problems...)
}
