package pipeline_test

// What the lines of a script say.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/forget"
	"ebb/pipeline/meaning"
)

// parse reads a line of a script. The name is what the output calls it, ""
// for control records.
func (s *script) parse(line string) (record event.Record, name string) {
	at, rest, _ := strings.Cut(line, " ")
	verb, rest, _ := strings.Cut(rest, " ")
	s.sequence++
	clock := s.time(at)
	record = event.Record{Sequence: s.sequence, Stored: clock, Clock: clock}
	switch verb {
	case "event", "forged", "history":
		record.Forged = verb == "forged"
		if verb == "history" {
			record.Lane = event.LaneHistory
			record.Stored = s.storedAt(&rest, clock)
		}
		record.Data, name = s.event(clock, rest)
	case "unclocked":
		record.Lane, record.Unclocked = event.LaneHistory, true
		record.Data, name = s.event(clock, rest)
	case "raw":
		customer, body, _ := strings.Cut(rest, " ")
		record.Data, name = []byte(body), customer
	case "tick":
		record.Lane, record.Control = event.LaneControl, event.ControlTick
	case "mark":
		record.Lane, record.Control, record.Data = event.LaneHistory, event.ControlTick, []byte(`{}`)
	case "last":
		record.Lane, record.Control, record.Data = event.LaneHistory, event.ControlTick, []byte(`{"last":true}`)
	case "ask":
		record.Lane, record.Control = event.LaneHistory, event.ControlTick
		record.Data = fmt.Appendf(nil, `{"coordinate":%s}`, rest)
	case "start":
		record.Stored = s.storedAt(&rest, clock)
		record.Lane, record.Control = event.LaneHistory, event.ControlStart
		mark := fact.StartMark{}
		for i, field := range strings.Fields(rest) {
			if i == 0 {
				mark.Import, mark.Expired = field, map[string]int64{}

				continue
			}
			length, until, _ := strings.Cut(field, "=")
			mark.Expired[length] = s.time(until)
		}
		var err error
		if record.Data, err = json.Marshal(mark); err != nil {
			s.t.Fatal(err)
		}
	case "end":
		record.Lane, record.Control = event.LaneHistory, event.ControlEnd
		record.Data = fmt.Appendf(nil, `{"import":%q}`, rest)
	case "model":
		record.Lane, record.Control = event.LaneControl, event.ControlModel
		var version uint64
		var shape, rate float64
		scan(s.t, rest, "%d shape=%g rate=%g", &version, &shape, &rate)
		parameters := scriptPrior().Parameters()
		parameters.Version, parameters.Rates = version, churn.Rates{Shape: shape, Rate: rate}
		parameters.Step = clock / (s.config.Churn.Horizon / 8)
		var err error
		if record.Data, err = json.Marshal(fact.ModelFact{Parameters: parameters}); err != nil {
			s.t.Fatal(err)
		}
	case "alerts":
		record.Lane, record.Control = event.LaneControl, event.ControlAlerts
		var said fact.AlertsFact
		var takes string
		scan(s.t, rest, "%s from=%d", &takes, &said.From)
		for take := range strings.SplitSeq(takes, ",") {
			said.Takes = append(said.Takes, 0)
			scan(s.t, take, "%d", &said.Takes[len(said.Takes)-1])
		}
		if fields := strings.Fields(rest); len(fields) == 4 {
			said.Import = fields[2]
			scan(s.t, fields[3], "%d", &said.Question)
			clock = s.shard.Clock()
		}
		said.Every = s.config.AlertEvery.Milliseconds()
		said.Period = clock / said.Every
		said.From += s.firstPeriod()
		var err error
		if record.Data, err = json.Marshal(said); err != nil {
			s.t.Fatal(err)
		}
	case "config":
		record.Lane, record.Control, name = event.LaneControl, event.ControlConfig, "config record"
		record.Data = s.configRecord(rest)
	case "join":
		record = s.joinRecord(record, rest)
	case "move":
		record = s.moveRecord(record, rest)
	case "forget", "forgotten":
		record = s.forgetRecord(record, verb, rest)
	case "control":
		record.Lane, record.Control, record.Data = event.LaneControl, event.ControlUnknown, []byte(rest)
		name = "control record"
	default:
		s.t.Fatalf("%q: unknown verb %q", line, verb)
	}

	return record, name
}

// forgetRecord is a record that has a customer forgotten, or says that one was.
func (s *script) forgetRecord(record event.Record, verb, customer string) event.Record {
	var mark any = fact.ForgetMark{Customer: customer}
	record.Lane, record.Control = event.LaneControl, event.ParseControl(verb)
	if record.Control == event.ControlForgotten {
		mark = fact.ForgottenMark{Customer: forget.NewHasher(nil).Of([]byte(customer)), Until: record.Stored}
	}
	var err error
	if record.Data, err = json.Marshal(mark); err != nil {
		s.t.Fatal(err)
	}

	return record
}

// joinRecord is a record that says who an anonymous customer is: ANONYMOUS CUSTOMER, and
// time=TIME of the event that it follows from, where that is not now.
func (s *script) joinRecord(record event.Record, rest string) event.Record {
	rest, of, _ := strings.Cut(rest, " time=")
	anonymous, customer, _ := strings.Cut(rest, " ")
	mark := fact.JoinMark{Anonymous: anonymous, Customer: customer, Time: record.Clock}
	if of != "" {
		mark.Time = s.time(of)
	}
	record.Lane, record.Control = event.LaneControl, event.ControlJoin
	var err error
	if record.Data, err = json.Marshal(mark); err != nil {
		s.t.Fatal(err)
	}

	return record
}

// moveRecord is the newest record that cuts held of where a customer was active before
// they were known, or of an anonymous id under which they were since.
func (s *script) moveRecord(record event.Record, customer string) event.Record {
	record.Lane, record.Control = event.LaneControl, event.ControlMove
	for _, mark := range slices.Backward(s.moves) {
		if mark.Customer != customer && event.AnonymousPrefix+mark.Anonymous != customer {
			continue
		}
		var err error
		if record.Data, err = json.Marshal(mark); err != nil {
			s.t.Fatal(err)
		}

		return record
	}
	s.t.Fatalf("nothing of %s moved", customer)

	return record
}

// configRecord is the body of: VERSION KEY=VALUE,VALUE… The version of before, or
// one that does not validate, changes nothing.
func (s *script) configRecord(rest string) []byte {
	fields := strings.Fields(rest)
	var version uint64
	scan(s.t, fields[0], "%d", &version)
	config := s.config
	for _, field := range fields[1:] {
		key, values, _ := strings.Cut(field, "=")
		s.set(&config, key, strings.Split(values, ",")...)
	}
	if version > s.shard.Force().Version && config.Validate() == nil {
		s.config = config
	}
	body, err := json.Marshal(meaning.Fact{Version: version, Config: config})
	if err != nil {
		s.t.Fatal(err)
	}

	return body
}

// storedAt takes stored=TIME out of a line about an import; without it the
// record was stored at its clock.
func (s *script) storedAt(rest *string, clock int64) int64 {
	before, after, found := strings.Cut(*rest, " stored=")
	if !found {
		return clock
	}
	*rest = before

	return s.time(after)
}

// firstPeriod is that of the beginning of the script's first day.
func (s *script) firstPeriod() int64 {
	return scriptDay.UnixMilli() / s.config.AlertEvery.Milliseconds()
}

func (s *script) event(clock int64, rest string) (body []byte, name string) {
	fields := strings.Fields(rest)
	event := map[string]any{"customer": fields[0], "type": fields[1], "id": fmt.Sprint(s.sequence), "time": timeText(clock)}
	for _, field := range fields[2:] {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "time":
			event[key] = timeText(s.time(value))
		case "value", "score", "sentiment", "progress":
			event[key] = json.Number(value)
		case "machine":
			event[key] = value == "true"
		case "properties":
			event[key] = json.RawMessage(value)
		default:
			event[key] = value
		}
	}
	body, err := json.Marshal(event)
	if err != nil {
		s.t.Fatal(err)
	}

	return body, fmt.Sprint(fields[0], " ", event["id"])
}

// scan reads values from the text of a script.
func scan(t *testing.T, text, format string, values ...any) {
	t.Helper()
	if _, err := fmt.Sscanf(text, format, values...); err != nil {
		t.Fatalf("%q is not like %q: %v", text, format, err)
	}
}

func (s *script) time(text string) int64 {
	day := scriptDay
	if rest, ok := strings.CutPrefix(text, "+"); ok {
		var days int
		n, clock, _ := strings.Cut(rest, "d")
		scan(s.t, n, "%d", &days)
		day, text = day.AddDate(0, 0, days), clock
	}
	at, err := time.Parse("15:04:05.999", text)
	if err != nil {
		s.t.Fatal(err)
	}

	return day.Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute +
		time.Duration(at.Second())*time.Second + time.Duration(at.Nanosecond())).UnixMilli()
}

func timeText(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// clockText is a time as scripts write it.
func clockText(ms int64) string {
	at := time.UnixMilli(ms).UTC()
	if days := int(at.Sub(scriptDay).Hours() / 24); days > 0 {
		return fmt.Sprintf("+%dd%s", days, at.Format("15:04:05.999"))
	}

	return at.Format("15:04:05.999")
}
