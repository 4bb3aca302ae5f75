package native

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
)

// oracle decodes an event slowly, with go-json-experiment and the standard
// library. It knows the rules of the event, and shares with Decoder only the
// names of fields and the list of currencies.
type oracle struct {
	fields  map[string]jsontext.Value
	invalid string // name of the first invalid field
	event   event.Event
}

// judge is what Decode has to answer: the reason, the first invalid field
// where it is invalid_field, and the event where there is no reason.
func judge(data []byte) (event.Reason, string, event.Event) {
	if len(data) > event.MaxEventBytes {
		return event.ReasonOversize, "", event.Event{}
	}

	if !jsontext.Value(data).IsValid() || depthOf(data) > event.MaxEventDepth {
		return event.ReasonMalformed, "", event.Event{}
	}

	if jsontext.Value(data).Kind() != '{' {
		return event.ReasonMalformed, "", event.Event{}
	}

	o := oracle{fields: map[string]jsontext.Value{}}

	if err := json.Unmarshal(data, &o.fields); err != nil {
		panic(fmt.Sprintf("%q is valid, but %v", data, err))
	}

	for _, name := range namesOf(data) {
		if o.invalid == "" && !o.read(name, o.fields[name]) {
			o.invalid = name
		}
	}

	ev := &o.event

	switch {
	case o.invalid != "":
		return event.ReasonInvalidField, o.invalid, event.Event{}
	case len(ev.ID) == 0:
		return event.ReasonMissingID, "", event.Event{}
	case !o.has("time"):
		return event.ReasonMissingTime, "", event.Event{}
	case len(ev.Type) == 0:
		return event.ReasonMissingType, "", event.Event{}
	case len(ev.Customer) == 0 && len(ev.AnonymousID) == 0:
		return event.ReasonMissingCustomer, "", event.Event{}
	case standsForNobody(ev):
		return event.ReasonNullCustomer, "", event.Event{}
	case len(ev.Customer) == 0:
		ev.Customer = []byte("anonymous:" + string(ev.AnonymousID))
	}

	return event.ReasonNone, "", *ev
}

func (o *oracle) has(name string) bool {
	v := string(o.fields[name])

	return v != "" && v != "null" && v != `""`
}

// read reports whether the field is valid.
func (o *oracle) read(name string, raw jsontext.Value) bool {
	ev := &o.event
	known := false

	for _, n := range fieldNames() {
		known = known || n == name
	}

	if !known {
		ev.Extra = append(ev.Extra, event.Member{Name: []byte(name), Value: raw})

		return true
	}

	if raw.Kind() == 'n' {
		return true
	}

	switch name {
	case "id":
		return o.text(&ev.ID, raw, 256, true)
	case "customer":
		return o.text(&ev.Customer, raw, 256, true)
	case "anonymous_id":
		return o.text(&ev.AnonymousID, raw, 246, true)
	case "type":
		return o.text(&ev.Type, raw, 128, true)
	case "channel":
		return o.text(&ev.Channel, raw, 256, false)
	case "session":
		return o.text(&ev.Session, raw, 256, false)
	case "device":
		return o.text(&ev.Device, raw, 256, false)
	case "campaign":
		return o.text(&ev.Campaign, raw, 256, false)
	case "message":
		return o.text(&ev.Message, raw, 256, false)
	case "product":
		return o.text(&ev.Product, raw, 256, false)
	case "currency":
		return o.text(&ev.Currency, raw, 256, false) && (len(ev.Currency) == 0 || event.IsCurrency(ev.Currency))
	case "time":
		_, ok := o.time(&ev.Time, raw)

		return ok
	case "received_at":
		has, ok := o.time(&ev.ReceivedAt, raw)
		if has {
			ev.Fields |= event.HasReceivedAt
		}

		return ok
	case "machine":
		ev.Machine = raw.Kind() == 't'

		return raw.Kind() == 't' || raw.Kind() == 'f'
	case "properties":
		ev.Properties = raw

		return raw.Kind() == '{'
	}

	if raw.Kind() != '0' {
		return false
	}

	switch name {
	case "value":
		ev.Fields |= event.HasValue
		v, ok := fixedOracle(string(raw))
		ev.Value = v

		return ok
	case "score":
		ev.Fields |= event.HasScore

		return o.number(&ev.Score, raw, math.Inf(-1), math.Inf(1))
	case "sentiment":
		ev.Fields |= event.HasSentiment

		return o.number(&ev.Sentiment, raw, -1, 1)
	case "duration":
		ev.Fields |= event.HasDuration

		return o.number(&ev.Duration, raw, 0, math.Inf(1))
	case "progress":
		ev.Fields |= event.HasProgress

		return o.number(&ev.Progress, raw, 0, 1)
	}

	panic("no rule for " + name)
}

func (o *oracle) text(to *[]byte, raw jsontext.Value, limit int, strict bool) bool {
	if raw.Kind() != '"' {
		return false
	}

	s := unquoteOracle(raw)
	*to = []byte(s)

	return len(s) <= limit && !(strict && strings.ContainsFunc(s, unicode.IsControl))
}

func (o *oracle) time(to *int64, raw jsontext.Value) (has, ok bool) {
	if raw.Kind() != '"' {
		return false, false
	}

	s := unquoteOracle(raw)
	if s == "" {
		return false, true
	}

	*to, ok = timeOracle(s)

	return true, ok
}

func (o *oracle) number(to *float64, raw jsontext.Value, least, most float64) bool {
	v, err := strconv.ParseFloat(string(raw), 64)
	*to = v

	return err == nil && v >= least && v <= most
}

func unquoteOracle(raw jsontext.Value) string {
	s, err := jsontext.AppendUnquote(nil, raw)
	if err != nil || !utf8.Valid(s) {
		panic(fmt.Sprintf("%q: %v", raw, err))
	}

	return string(s)
}

// rfc3339 is the grammar of RFC 3339, section 5.6, with T and Z in upper case.
// The time package knows the calendar, but also takes a comma before the
// fraction, and offsets that no clock shows.
var rfc3339 = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

// timeOracle reads a time with its grammar and the time package.
func timeOracle(s string) (int64, bool) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !rfc3339.MatchString(s) {
		return 0, false
	}

	first := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	end := time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC)

	return t.UnixMilli(), !t.Before(first) && t.Before(end)
}

// fixedOracle is the number in millionths, by rational arithmetic.
func fixedOracle(s string) (amount.Amount, bool) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")

	if strings.Trim(mantissa, "-0.") == "" {
		return amount.Amount{}, true
	}

	if exponent != "" { // a rational number can't have a huge exponent
		e, ok := new(big.Int).SetString(exponent, 10)

		switch limit := int64(len(s) + 40); {
		case !ok:
			panic(s)
		case e.Cmp(big.NewInt(limit)) > 0:
			return amount.Amount{}, false
		case e.Cmp(big.NewInt(-limit)) < 0:
			return amount.Amount{}, true
		}
	}

	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}

	r.Mul(r, big.NewRat(1_000_000, 1))
	v := new(big.Int).Quo(r.Num(), r.Denom())

	if v.CmpAbs(new(big.Int).Exp(big.NewInt(10), big.NewInt(24), nil)) > 0 {
		return amount.Amount{}, false
	}

	low := new(big.Int).And(v, new(big.Int).SetUint64(math.MaxUint64))

	return amount.Amount{Lo: low.Uint64(), Hi: new(big.Int).Rsh(v, 64).Int64()}, true
}

// depthOf is how deep valid JSON is nested.
func depthOf(data []byte) int {
	d := jsontext.NewDecoder(strings.NewReader(string(data)))
	deepest := 0

	for {
		if _, err := d.ReadToken(); err != nil {
			return deepest
		}

		deepest = max(deepest, d.StackDepth())
	}
}

// namesOf are the names of an object's fields, in their order.
func namesOf(data []byte) []string {
	d := jsontext.NewDecoder(strings.NewReader(string(data)))

	var names []string

	for {
		token, err := d.ReadToken()
		if err != nil {
			return names
		}

		if kind, length := d.StackIndex(d.StackDepth()); d.StackDepth() == 1 && kind == '{' && length%2 == 1 {
			names = append(names, token.String())
		}
	}
}

// standsForNobody is the rule of null_customer, stated once more.
func standsForNobody(ev *event.Event) bool {
	id := string(ev.Customer)
	if id == "" {
		id = string(ev.AnonymousID)
	}
	words := []string{"null", "NULL", "Null", "nil", "None", "undefined", "NaN", "\\N", "(null)", "<null>", "<nil>", "[object Object]"}

	return slices.Contains(words, id) || strings.TrimFunc(id, event.IsInvisible) == ""
}
