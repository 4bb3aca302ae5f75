package event

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Reason says why a record was refused. It is the last token of the dead
// letter's subject, the name of its counter, and has one sentinel error.
type Reason uint8

// The reasons, in the order in which they are judged.
const (
	ReasonNone Reason = iota

	// The record is not what its lane allows.
	ReasonForgedControl     // a header reserved for ebb, where producers write
	ReasonUnreadableControl // a control record that this version can't read
	ReasonImportOpen        // a live event while an import is open

	// The bytes are no event.
	ReasonOversize
	ReasonMalformed
	ReasonInvalidUTF8
	ReasonInvalidField
	ReasonMissingID
	ReasonMissingTime
	ReasonMissingType
	ReasonMissingCustomer
	ReasonNullCustomer // an id that stands for nobody, such as undefined
	ReasonUnknownType  // only where the vocabulary rejects unknown types

	ReasonForgetDenied // it has its customer forgotten, and events may not; see meaning.Config.ForgetByCommand

	// The event doesn't belong here.
	ReasonMisrouted   // its customer hashes to another partition
	ReasonTooFarAhead // its time lies beyond the clock plus the allowed skew

	// There is no room for it.
	ReasonCustomerLimit // its customer is new, and the partition has as many as it may

	ReasonCount // how many there are, ReasonNone included
)

// One sentinel for each reason: errors.Is(err, ErrMalformed).
var (
	ErrForgedControl     = errors.New("forged_control")
	ErrUnreadableControl = errors.New("unreadable_control")
	ErrImportOpen        = errors.New("import_open")
	ErrOversize          = errors.New("oversize")
	ErrMalformed         = errors.New("malformed")
	ErrInvalidUTF8       = errors.New("invalid_utf8")
	ErrInvalidField      = errors.New("invalid_field")
	ErrMissingID         = errors.New("missing_id")
	ErrMissingTime       = errors.New("missing_time")
	ErrMissingType       = errors.New("missing_type")
	ErrMissingCustomer   = errors.New("missing_customer")
	ErrNullCustomer      = errors.New("null_customer")
	ErrUnknownType       = errors.New("unknown_type")
	ErrForgetDenied      = errors.New("forget_denied")
	ErrMisrouted         = errors.New("misrouted")
	ErrTooFarAhead       = errors.New("too_far_ahead")
	ErrCustomerLimit     = errors.New("customer_limit")
)

// Err is the sentinel of the reason; nil for ReasonNone.
func (r Reason) Err() error {
	//exhaustive:enforce
	switch r {
	case ReasonNone:
		return nil
	case ReasonForgedControl:
		return ErrForgedControl
	case ReasonUnreadableControl:
		return ErrUnreadableControl
	case ReasonImportOpen:
		return ErrImportOpen
	case ReasonOversize:
		return ErrOversize
	case ReasonMalformed:
		return ErrMalformed
	case ReasonInvalidUTF8:
		return ErrInvalidUTF8
	case ReasonInvalidField:
		return ErrInvalidField
	case ReasonMissingID:
		return ErrMissingID
	case ReasonMissingTime:
		return ErrMissingTime
	case ReasonMissingType:
		return ErrMissingType
	case ReasonMissingCustomer:
		return ErrMissingCustomer
	case ReasonNullCustomer:
		return ErrNullCustomer
	case ReasonUnknownType:
		return ErrUnknownType
	case ReasonForgetDenied:
		return ErrForgetDenied
	case ReasonMisrouted:
		return ErrMisrouted
	case ReasonTooFarAhead:
		return ErrTooFarAhead
	case ReasonCustomerLimit:
		return ErrCustomerLimit
	}

	return nil
}

// String is the reason as a subject token and counter name; "none" for
// ReasonNone and for numbers that are no reason.
func (r Reason) String() string {
	if err := r.Err(); err != nil {
		return err.Error()
	}

	return "none"
}

// ParseReason reads what String writes.
func ParseReason(name string) (Reason, bool) {
	for r := ReasonNone + 1; r < ReasonCount; r++ {
		if r.String() == name {
			return r, true
		}
	}

	return ReasonNone, false
}

// Bounds of the parts of a refusal's text, in bytes.
const (
	maxRefusalFrom   = 256
	maxRefusalField  = 64
	MaxRefusalValue  = 96
	maxRefusalRemedy = 256
)

// Refusal says why a record became a dead letter, and what its producer can do
// about it.
type Refusal struct {
	Reason Reason
	Field  string // name of the field, or the place, such as "byte 17"
	Value  string // what stood there, cut short
	Remedy string // the next step
	From   string // where a source read it; "" where it came into the input as it is
}

// Refuse makes a refusal. Of value it copies only what the text will show.
func Refuse(reason Reason, field string, value []byte, remedy string) *Refusal {
	return &Refusal{
		Reason: reason,
		Field:  field,
		Value:  string(value[:min(len(value), MaxRefusalValue+1)]),
		Remedy: remedy,
	}
}

// InFormat says in which format the field stands: `segment messageId`.
func InFormat(format string, refusal *Refusal) *Refusal {
	named := *refusal
	named.Field = format + " " + refusal.Field

	return &named
}

// Error is one line of printable ASCII, at most 1,800 bytes, so that it can
// stand in a header and in a log whatever the producer sent.
func (r *Refusal) Error() string {
	var b strings.Builder

	b.WriteString(r.Reason.String())

	if r.From != "" {
		b.WriteString(": " + Printable(r.From, maxRefusalFrom))
	}

	if r.Field != "" {
		b.WriteString(": " + Printable(r.Field, maxRefusalField))
	}

	if r.Value != "" {
		b.WriteString(" is " + Printable(r.Value, MaxRefusalValue))
	}

	if r.Remedy != "" {
		b.WriteString("; " + Printable(r.Remedy, maxRefusalRemedy))
	}

	return b.String()
}

// Is makes errors.Is find the sentinel of the reason.
func (r *Refusal) Is(target error) bool {
	return target == r.Reason.Err()
}

// Printable cuts s to limit bytes, at the start of a character, and quotes it
// where it holds anything but printable ASCII.
func Printable(s string, limit int) string {
	cut := ""

	if len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}

		s, cut = s[:limit], "..."
	}

	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return strconv.QuoteToASCII(s) + cut
		}
	}

	return s + cut
}
