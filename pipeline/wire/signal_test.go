package wire_test

import (
	"maps"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/format/cloudevents"
	"ebb/pipeline/wire"
)

func signalOf(customer string) wire.Signal {
	s := wire.Signal{
		Schema: wire.Schema, Signal: wire.Raised, Customer: customer, Level: "at_risk", Previous: "cooling",
		At: 1_700_000_000_123, LastEvent: 1_690_000_000_000, Episode: 3, Partition: 5, Era: 1_600_000_000_000,
		Reasons: []wire.Reason{},
	}
	s.Complete()

	return s
}

// The id is written down: who has acted on a signal must know it again in a later
// version.
func TestSignalIDs(t *testing.T) {
	s := signalOf("c-1")
	if want := "d0d204ffef1ae5a3b051b1e09b00bfe9"; s.ID != want {
		t.Errorf("the id is %s, was %s in earlier versions", s.ID, want)
	}
	if s.Time != "2023-11-14T22:13:20.123Z" || s.LastTime != "2023-07-22T04:26:40.000Z" {
		t.Errorf("times are %s and %s", s.Time, s.LastTime)
	}

	seen := map[string]string{s.ID: "the signal itself"}
	for name, change := range map[string]func(*wire.Signal){
		"customer": func(s *wire.Signal) { s.Customer = "c-2" },
		"episode":  func(s *wire.Signal) { s.Episode++ },
		"level":    func(s *wire.Signal) { s.Level = "lapsed" },
		"signal":   func(s *wire.Signal) { s.Signal = wire.Alert },
		"era":      func(s *wire.Signal) { s.Era++ },
	} {
		other := s
		change(&other)
		other.Complete()
		if same, ok := seen[other.ID]; ok {
			t.Errorf("with another %s it has the id of %s", name, same)
		}
		seen[other.ID] = name
	}
	again := s
	again.Version, again.Sequence, again.Risk, again.Headline = 9, 8, 0.5, "Otherwise."
	again.Complete()
	if again.ID != s.ID {
		t.Error("a repeated signal has another id")
	}
}

// Who reads CloudEvents gets the signal's attributes as they are.
func TestSignalsAreCloudEvents(t *testing.T) {
	reader := cloudevents.NewDecoder(nil)
	for _, customer := range []string{"c-1", "anonymous:a 1", `Zoë "Z" 100%`, "line\u2028line"} {
		s := signalOf(customer)
		header := map[string][]string{}
		for name, value := range s.CloudEvent() {
			for i := range len(value) {
				if value[i] <= ' ' || value[i] > '~' {
					t.Errorf("header %s is %q", name, value)
				}
			}
			header[name] = []string{value}
		}
		var ev event.Event
		if err := reader.DecodeBinary(header, []byte("{}"), event.Origin{}, &ev); err != nil {
			t.Fatal(err)
		}
		if string(ev.Customer) != customer || ev.Time != s.At || string(ev.Type) != "ebb.signal.raised" || string(ev.ID) != "/ebb/5 "+s.ID {
			t.Errorf("the headers of %q say customer %q, time %d, type %q, id %q", customer, ev.Customer, ev.Time, ev.Type, ev.ID)
		}
	}

	s := signalOf("c-1")
	want := map[string]string{
		"ce-specversion": "1.0", "ce-id": s.ID, "ce-source": "/ebb/5", "ce-type": "ebb.signal.raised", "ce-subject": "c-1",
		"ce-time": "2023-11-14T22:13:20.123Z", "ce-dataschema": "urn:ebb:schema:signal:1", "Content-Type": "application/json",
	}
	if have := s.CloudEvent(); !maps.Equal(have, want) {
		t.Errorf("headers are %v, want %v", have, want)
	}
	s.Row = 1
	if have := s.CloudEvent(); have != nil {
		t.Errorf("a signal of history has headers: %v", have)
	}
}
