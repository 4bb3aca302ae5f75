package event

import "ebb/pipeline/amount"

// Limits of an event. Lengths are in bytes of UTF-8, after unescaping.
const (
	MaxEventBytes     = 64 << 10 // default limit of a whole event
	MaxIDBytes        = 256
	MaxCustomerBytes  = 256 // of a customer id, the prefix of an anonymous one included
	MaxAnonymousBytes = MaxCustomerBytes - len(AnonymousPrefix)
	MaxTypeBytes      = 128
	MaxFieldBytes     = 256 // channel, session, device, campaign, message, product
	MaxEventDepth     = 64  // objects and arrays within each other, the event itself included
)

// MaxValue is the greatest magnitude of a value, in units of its currency.
const MaxValue = 1e18

// Bounds of a time, Unix milliseconds, both included: the years 1970 to 2200.
const (
	MinTime int64 = 0
	MaxTime int64 = 7_289_654_399_999 // 2200-12-31T23:59:59.999Z
)

// AnonymousPrefix makes a customer id of an anonymous id: an event that has
// only anonymous_id "a1" belongs to the customer "anonymous:a1".
const AnonymousPrefix = "anonymous:"

// Fields says which optional fields an event has, where the zero value would
// not tell.
type Fields uint8

// The fields that have a bit in [Event.Fields].
const (
	HasValue Fields = 1 << iota
	HasScore
	HasSentiment
	HasDuration
	HasProgress
	HasReceivedAt
)

// Event is one engagement fact, decoded and checked.
//
// The byte slices are views of the message or of the decoder's own buffer:
// they are valid until the decoder's next Decode and as long as the message is
// not changed, and nobody may write to them. An empty slice means that the
// field is absent.
type Event struct {
	ID          []byte
	Customer    []byte // canonical: the customer id, or AnonymousPrefix + anonymous id
	AnonymousID []byte
	Type        []byte // as the producer wrote it; Classify resolves aliases
	Channel     []byte
	Session     []byte
	Device      []byte
	Campaign    []byte
	Message     []byte
	Product     []byte
	Currency    []byte // ISO 4217

	Time       int64 // Unix ms, of the fact
	ReceivedAt int64 // Unix ms, when the first system of the producer saw it; see HasReceivedAt

	Value amount.Amount // of Currency, at most ±amount.Max(); see HasValue

	Score     float64 // any finite number; its scale is the survey's
	Sentiment float64 // -1 to 1
	Duration  float64 // seconds, not negative
	Progress  float64 // 0 to 1

	Fields  Fields
	Machine bool // a scanner or a bot, not a person

	Properties []byte   // one JSON object, raw
	Extra      []Member // fields that the format doesn't know, in their order
}

// Member is a field of the event that the format doesn't know.
type Member struct {
	Name  []byte // unescaped
	Value []byte // one JSON value, raw
}

// Has reports whether the event has all the given fields.
func (e *Event) Has(f Fields) bool { return e.Fields&f == f }

// Reset empties the event and keeps the memory of Extra.
func (e *Event) Reset() {
	extra := e.Extra[:0]
	*e = Event{} // not with Extra in it: that would be made apart and copied
	e.Extra = extra
}
