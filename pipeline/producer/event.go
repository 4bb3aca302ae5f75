package producer

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
)

// Event is one engagement fact. ID, Time, Type and one of Customer and
// AnonymousID are required; a zero field is absent. Numbers are pointers,
// because 0 is a number: Value: new(19.99).
type Event struct {
	ID          string    // 1 to 256 bytes; unique for a customer and time
	Time        time.Time // when it happened, to the millisecond
	Customer    string    // 1 to 256 bytes
	AnonymousID string    // 1 to 246 bytes; the customer is "anonymous:" and this id where Customer is ""
	Type        string    // such as "order.completed", 1 to 128 bytes

	Channel, Session, Device, Campaign, Message, Product string // at most 256 bytes each

	Value    *float64 // in units of Currency, rounded to millionths, at most ±1e18
	Currency string   // ISO 4217

	Score     *float64
	Sentiment *float64 // -1 to 1
	Duration  *float64 // seconds, 0 or more
	Progress  *float64 // 0 to 1

	Machine    bool      // a scanner or a bot, not a person
	ReceivedAt time.Time // when the first system saw it

	Properties map[string]any // anything that encodes to JSON
}

// encode writes the event as native JSON.
func (e *Event) encode() ([]byte, error) {
	if e.Time.IsZero() {
		return nil, fmt.Errorf("%w: set Time to when the event happened", event.ErrMissingTime)
	}

	customer := e.Customer
	if customer == "" && e.AnonymousID != "" {
		customer = event.AnonymousPrefix + e.AnonymousID
	}
	ev := event.Event{
		ID:          []byte(e.ID),
		Customer:    []byte(customer),
		AnonymousID: []byte(e.AnonymousID),
		Type:        []byte(e.Type),
		Channel:     []byte(e.Channel),
		Session:     []byte(e.Session),
		Device:      []byte(e.Device),
		Campaign:    []byte(e.Campaign),
		Message:     []byte(e.Message),
		Product:     []byte(e.Product),
		Currency:    []byte(e.Currency),
		Time:        e.Time.UnixMilli(),
		Machine:     e.Machine,
	}
	if !e.ReceivedAt.IsZero() {
		ev.ReceivedAt = e.ReceivedAt.UnixMilli()
		ev.Fields |= event.HasReceivedAt
	}
	if err := e.numbers(&ev); err != nil {
		return nil, err
	}
	if len(e.Properties) > 0 {
		properties, err := json.Marshal(e.Properties)
		if err != nil {
			return nil, fmt.Errorf("%w: properties: %w", event.ErrInvalidField, err)
		}
		ev.Properties = properties
	}

	return native.AppendEvent(nil, &ev), nil
}

// numbers sets the optional numbers. Ranges are the decoder's to check, but
// what is no JSON number is not for it to see.
func (e *Event) numbers(ev *event.Event) error {
	for _, n := range []struct {
		field event.Field
		value *float64
		has   event.Fields
		to    *float64
	}{
		{event.FieldScore, e.Score, event.HasScore, &ev.Score},
		{event.FieldSentiment, e.Sentiment, event.HasSentiment, &ev.Sentiment},
		{event.FieldDuration, e.Duration, event.HasDuration, &ev.Duration},
		{event.FieldProgress, e.Progress, event.HasProgress, &ev.Progress},
	} {
		if n.value == nil {
			continue
		}
		if math.IsNaN(*n.value) || math.IsInf(*n.value, 0) {
			return fmt.Errorf("%w: %s is %v; use a finite number", event.ErrInvalidField, n.field, *n.value)
		}
		*n.to = *n.value
		ev.Fields |= n.has
	}

	if e.Value == nil {
		return nil
	}
	value, ok := amount.Parse(strconv.FormatFloat(*e.Value, 'f', 6, 64)) // not of what is no number or endless
	if !ok || amount.Max().Less(value.Abs()) {
		return fmt.Errorf("%w: value is %v; %s", event.ErrInvalidField, *e.Value, event.FieldValue.Spec().RemedyRange())
	}
	ev.Value = value
	ev.Fields |= event.HasValue

	return nil
}
