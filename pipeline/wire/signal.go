package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// Signals, by what happened to the level.
const (
	Raised  = "raised"  // to a worse level
	Cleared = "cleared" // to a better level
	Alert   = "alert"   // nothing: a customer at risk is within the alert budget
)

// Signal is a published change of one customer's risk level, or an alert: one of
// the customers at risk who are most worth it, whom to act on within the budget.
// It is the same signal as another if era, customer, episode, level and signal
// are the same, and then has the same id.
type Signal struct {
	Schema    int      `json:"schema"`     // of the message's layout
	ID        string   `json:"id"`         // of the signal, the same should the message come again: act once for each
	Signal    string   `json:"signal"`     // what happened to the level: raised to a worse one, cleared to a better one, or alert: nothing, but the customer is worth acting on
	Customer  string   `json:"customer"`   // whom it is about; "anonymous:" and the anonymous id of one who is not known
	Level     string   `json:"level"`      // of the risk: healthy, cooling, at_risk or lapsed
	Previous  string   `json:"previous"`   // the level before
	At        int64    `json:"at"`         // when the level changed, Unix ms
	Time      string   `json:"time"`       // at, as RFC 3339 has it, in UTC
	Risk      float64  `json:"risk"`       // probability of no engagement in the next horizon, 0 to 1 in steps of 0.0001
	HorizonMS int64    `json:"horizon_ms"` // how far ahead the risk looks, ms
	Episode   uint32   `json:"episode"`    // counts the customer's level changes, from 1; see returned
	LastEvent int64    `json:"last_event"` // time of the customer's latest qualifying event, Unix ms
	LastTime  string   `json:"last_time"`  // last_event, as RFC 3339 has it, in UTC
	SilentMS  int64    `json:"silent_ms"`  // at less last_event, ms; below 0 where that event's time is ahead
	UsualMS   int64    `json:"usual_ms"`   // the customer's usual pause, ms; 0 for none yet
	Headline  string   `json:"headline"`   // the first sentence: what the risk means
	Reasons   []Reason `json:"reasons"`    // at most three; what speaks most for the signal comes first

	// What has at_risk raised below the risk that is the threshold of all, or
	// instead of it: "unusual", where the risk is far above risk_usual; "worth",
	// where what contacting the customer is likely to save exceeds its cost. Absent
	// for the threshold of all.
	Rule      string  `json:"rule,omitempty"`
	RiskUsual float64 `json:"risk_usual,omitempty"` // the risk right after the latest engagement, where the rule is unusual

	Value       float64 `json:"value"`              // what the customer brings in a horizon if they go on as before, in units of currency, to the cent
	ValueAtRisk float64 `json:"value_at_risk"`      // value times risk: what is likely to be lost
	Currency    string  `json:"currency,omitempty"` // of value and value_at_risk, ISO 4217: that of most of their orders; absent where they have none

	RiskIfBack float64 `json:"risk_if_back,omitempty"` // the risk right after one engagement at that moment; absent in a cleared signal

	// The last sentence: what to look at where a reason asks for it, and what would
	// clear the signal. A cleared one has none.
	IfBack string `json:"if_back,omitempty"`

	// The customer is in the hold-out: do not act on this signal; compare what
	// becomes of them with what becomes of the customers you act on.
	Holdout bool `json:"holdout,omitempty"`

	// The customer had left before: nothing is known of that time. Their episodes
	// begin after the minutes from 1970 on to when they returned, so that they are
	// none of the former ones.
	Returned bool `json:"returned,omitempty"`

	// Of an anonymous customer who has signed in: the customer they are known to be from
	// here on. The signal is cleared for that reason; nothing more comes about the
	// anonymous one.
	Joined string `json:"joined,omitempty"`

	Partition int    `json:"partition"`     // of the customer
	Version   uint64 `json:"version"`       // stream sequence of the cut that published it
	Era       int64  `json:"era,omitempty"` // when the input stream was made, Unix ms; episodes of another one don't go on

	// Of the partition's last record that the signal knows of: it follows from
	// the accepted events with this sequence or a lower one, this one included.
	// A change by an event or by new parameters names that record. A change by
	// silence names the record before the one that moved the clock past at.
	Sequence uint64 `json:"sequence"`

	// Of that record the row, from 1, where it holds rows of history: then of its
	// events those up to this row.
	Row int `json:"row,omitempty"`
}

// Complete sets what follows from the other fields: the id, and the times in RFC 3339.
func (s *Signal) Complete() {
	s.Time, s.LastTime = rfc3339(s.At), rfc3339(s.LastEvent)
	s.ID = s.identity()
}

// identity is the first half of a SHA-256 of what makes it the same signal as another,
// one a line, in hexadecimal.
func (s *Signal) identity() string {
	text := make([]byte, 0, 128)
	text = append(strconv.AppendInt(text, s.Era, 10), '\n')
	text = append(append(text, s.Customer...), '\n')
	text = append(strconv.AppendUint(text, uint64(s.Episode), 10), '\n')
	text = append(append(text, s.Level...), '\n')
	text = append(text, s.Signal...)
	sum := sha256.Sum256(text)

	return hex.EncodeToString(sum[:len(sum)/2])
}

func rfc3339(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// Reason is one part of the risk, in words. Each reason of a signal says another
// thing. Those of a raised signal, and of an alert, have raised the risk against
// the same customer at their latest engagement, or against what they were before;
// those of a cleared one have lowered it. The first one did so most.
//
// Numbers are those that the text states or rests on, by name. All are whole, 0
// or more but for the rating, and can be counted again from the accepted events
// up to the signal's sequence. Names that end in _ms are milliseconds, those in
// _at Unix milliseconds:
//
//	silent_ms      since the latest qualifying event
//	contact_ms     since the latest event of any kind, messages to the customer included
//	every_ms       the mean gap of active slots; where that is below two slots, less by as much as the last 16 have visits beyond one in each
//	known_ms       since the first qualifying event
//	slot_ms        length of a slot, an eighth of the horizon; slots are cut from 1970 on
//	visits         active slots, those with a qualifying event; up to 65,535
//	recent         active slots among the 8 up to that of the latest qualifying event
//	before         active slots among the 8 before these
//	visits_recent  visits in the same slots as recent; a visit begins after a pause of a hundredth of the horizon, or in a new slot
//	visits_before  visits in the same slots as before
//	negatives      negative events ever
//	rating         the newest rating, -100 (bad) to 100
//	messages       of the company since the latest event that counts against silence
//	trouble_at     the minute of the newest negative event
//	left_at        when the relation was ended
//
// Codes say what a reason is about: rhythm, recency, history and contact that
// somebody is silent (or, recency, back), trend that visits have changed,
// negatives, experience, pressure; left that the relation was ended; and joined that
// an anonymous customer has signed in.
type Reason struct {
	Code    string           `json:"code"`              // what the reason is about
	LogOdds float64          `json:"log_odds"`          // how much it moved the risk, in natural logarithms of odds; positive: towards leaving
	Text    string           `json:"text"`              // a sentence for people, in the language of the settings
	Numbers map[string]int64 `json:"numbers,omitempty"` // those that the text states or rests on, by name
}
