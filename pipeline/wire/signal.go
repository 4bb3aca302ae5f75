package wire

// Signals, by what happened to the level.
const (
	Raised  = "raised"  // to a worse level
	Cleared = "cleared" // to a better level
)

// Signal is a published change of one customer's risk level. It is the same
// signal as another if customer, episode, level and signal are the same.
type Signal struct {
	Schema    int      `json:"schema"`
	Signal    string   `json:"signal"` // Raised or Cleared
	Customer  string   `json:"customer"`
	Level     string   `json:"level"`
	Previous  string   `json:"previous"`
	At        int64    `json:"at"`   // when the level changed
	Risk      float64  `json:"risk"` // probability of no engagement in the next Horizon, 0 to 1 in steps of 0.0001
	HorizonMS int64    `json:"horizon_ms"`
	Episode   uint32   `json:"episode"`    // counts the customer's level changes, from 1
	LastEvent int64    `json:"last_event"` // of the customer's latest qualifying event
	SilentMS  int64    `json:"silent_ms"`  // At less LastEvent
	Reasons   []Reason `json:"reasons"`

	// What would clear a raised signal: the risk right after one engagement at
	// At, and a sentence that says so. A cleared signal has neither.
	RiskIfBack float64 `json:"risk_if_back,omitempty"`
	IfBack     string  `json:"if_back,omitempty"`

	// The customer is in the hold-out: do not act on this signal; compare what
	// becomes of them with what becomes of the customers you act on.
	Holdout bool `json:"holdout,omitempty"`

	Partition int    `json:"partition"`
	Version   uint64 `json:"version"`
	Sequence  uint64 `json:"sequence"` // of the record that moved the clock to this change
}

// Reason is one group of terms that speaks for or against the risk.
type Reason struct {
	Code    string  `json:"code"`
	LogOdds float64 `json:"log_odds"` // positive: towards leaving
	Text    string  `json:"text"`
}
