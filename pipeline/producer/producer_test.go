package producer_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/amount"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/producer"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC)

func provisioned(t *testing.T) natsjs.JetStream {
	t.Helper()
	js, err := jetstream.Connect(t.Context(), jetstream.ConnectConfig{URL: localtest.NATS(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(js.Conn().Close)
	if err := jetstream.Provision(t.Context(), js, jetstream.Layout{}); err != nil {
		t.Fatal(err)
	}

	return js
}

// read returns count records of the input stream.
func read(t *testing.T, js natsjs.JetStream, count int) []event.Record {
	t.Helper()
	source, err := jetstream.NewInput(js, jetstream.Layout{}).Open(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()

	var all []event.Record
	for len(all) < count {
		records, err := source.Next(ctx)
		if err != nil {
			t.Fatalf("after %d of %d records: %v", len(all), count, err)
		}
		all = append(all, records...)
	}

	return all
}

func TestPublishedEventsArriveWhereTheyBelong(t *testing.T) {
	js := provisioned(t)
	p := producer.New(js, producer.Options{})
	full := producer.Event{
		ID: "1", Time: noon, Customer: "ann@example.org", AnonymousID: "9f3", Type: "order.completed",
		Channel: "web", Session: "s", Device: "d", Campaign: "c", Message: "m", Product: "p",
		Value: new(19.99), Currency: "EUR", Score: new(9.0), Sentiment: new(-0.5), Duration: new(0.0), Progress: new(1.0),
		Machine: true, ReceivedAt: noon.Add(time.Second), Properties: map[string]any{"coupon": "SPRING \"26\""},
	}
	if err := p.Publish(t.Context(), full); err != nil {
		t.Fatal(err)
	}
	future, err := p.PublishAsync(producer.Event{ID: "2", Time: noon, AnonymousID: "9f3", Type: "page.viewed"})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ack := <-future.Ok(); ack.Sequence != 2 {
		t.Errorf("second event at sequence %d", ack.Sequence)
	}
	raw := `{"id":"3","time":"2026-03-01T12:00:00Z","customer":"c-17","type":"page.viewed","note":1}`
	if err := p.PublishJSON(t.Context(), []byte(raw)); err != nil {
		t.Fatal(err)
	}

	decoder := native.NewDecoder(0)
	for i, customer := range []string{"ann@example.org", "anonymous:9f3", "c-17"} {
		record := read(t, js, 3)[i]
		var ev event.Event
		if err := decoder.Decode(record.Data, &ev); err != nil {
			t.Fatalf("%s: %v", record.Data, err)
		}
		if string(ev.Customer) != customer || record.Partition != event.PartitionOf(customer, 16) {
			t.Errorf("event %d of %q is in partition %d, want %q in %d", i, ev.Customer, record.Partition,
				customer, event.PartitionOf(customer, 16))
		}
		if i == 0 {
			expectFull(t, &ev)
		}
		if i == 2 && string(record.Data) != raw {
			t.Errorf("sent as %s, want %s", record.Data, raw)
		}
	}
}

func expectFull(t *testing.T, ev *event.Event) {
	t.Helper()
	all := event.HasValue | event.HasScore | event.HasSentiment | event.HasDuration | event.HasProgress | event.HasReceivedAt
	if !ev.Has(all) || ev.Value != amount.Of(19_990_000) || ev.Score != 9 || ev.Sentiment != -0.5 || ev.Duration != 0 ||
		ev.Progress != 1 || !ev.Machine || ev.Time != noon.UnixMilli() || ev.ReceivedAt != noon.UnixMilli()+1000 {
		t.Errorf("numbers and times: %+v", ev)
	}
	for name, got := range map[string][]byte{
		"1": ev.ID, "9f3": ev.AnonymousID, "order.completed": ev.Type, "web": ev.Channel, "s": ev.Session,
		"d": ev.Device, "c": ev.Campaign, "m": ev.Message, "p": ev.Product, "EUR": ev.Currency,
	} {
		if string(got) != name {
			t.Errorf("%q came as %q", name, got)
		}
	}
	var properties map[string]string
	if err := json.Unmarshal(ev.Properties, &properties); err != nil || properties["coupon"] != `SPRING "26"` {
		t.Errorf("properties %s: %v", ev.Properties, err)
	}
}

func TestEventsThatWouldBeDeadLettersAreNotSent(t *testing.T) {
	js := provisioned(t)
	p := producer.New(js, producer.Options{})
	good := producer.Event{ID: "1", Time: noon, Customer: "a", Type: "page.viewed"}
	with := func(change func(*producer.Event)) producer.Event {
		event := good
		change(&event)
		return event
	}

	for name, c := range map[string]struct {
		event producer.Event
		want  error
	}{
		"no id":         {with(func(e *producer.Event) { e.ID = "" }), event.ErrMissingID},
		"no time":       {with(func(e *producer.Event) { e.Time = time.Time{} }), event.ErrMissingTime},
		"ancient":       {with(func(e *producer.Event) { e.Time = noon.AddDate(-500, 0, 0) }), event.ErrInvalidField},
		"no customer":   {with(func(e *producer.Event) { e.Customer = "" }), event.ErrMissingCustomer},
		"no type":       {with(func(e *producer.Event) { e.Type = "" }), event.ErrMissingType},
		"long id":       {with(func(e *producer.Event) { e.ID = strings.Repeat("x", 257) }), event.ErrInvalidField},
		"bad UTF-8":     {with(func(e *producer.Event) { e.Product = "\xff" }), event.ErrInvalidUTF8},
		"no currency":   {with(func(e *producer.Event) { e.Currency = "XXQ" }), event.ErrInvalidField},
		"endless value": {with(func(e *producer.Event) { e.Value = new(math.Inf(1)) }), event.ErrInvalidField},
		"no value":      {with(func(e *producer.Event) { e.Value = new(math.NaN()) }), event.ErrInvalidField},
		"no number":     {with(func(e *producer.Event) { e.Score = new(math.NaN()) }), event.ErrInvalidField},
		"too happy":     {with(func(e *producer.Event) { e.Sentiment = new(1.5) }), event.ErrInvalidField},
		"no JSON":       {with(func(e *producer.Event) { e.Properties = map[string]any{"f": func() {}} }), event.ErrInvalidField},
		"too large": {with(func(e *producer.Event) {
			e.Properties = map[string]any{"x": strings.Repeat("x", 64<<10)}
		}), event.ErrOversize},
	} {
		if err := p.Publish(t.Context(), c.event); !errors.Is(err, c.want) {
			t.Errorf("%s: Publish = %v, want %v", name, err, c.want)
		}
		if _, err := p.PublishAsync(c.event); !errors.Is(err, c.want) {
			t.Errorf("%s: PublishAsync = %v, want %v", name, err, c.want)
		}
	}
	if last, err := jetstream.NewInput(js, jetstream.Layout{}).Last(t.Context()); err != nil || last != 0 {
		t.Errorf("%d refused events are stored (%v)", last, err)
	}
}

func TestMessageIDsDropRepetitionsOfOneEventOnly(t *testing.T) {
	js := provisioned(t)
	p := producer.New(js, producer.Options{MessageID: true})
	one := producer.Event{ID: "order 1 ✓", Time: noon, Customer: "a", Type: "page.viewed"}
	another, later := one, one
	another.Customer = "b"
	later.Time = noon.Add(time.Millisecond)
	for _, event := range []producer.Event{one, one, another, later, one} {
		if err := p.Publish(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	if last, err := jetstream.NewInput(js, jetstream.Layout{}).Last(t.Context()); err != nil || last != 3 {
		t.Errorf("%d events stored, want 3 (%v)", last, err)
	}
}

func TestPublishWithoutAStreamSaysWhatToDo(t *testing.T) {
	conn, err := nats.Connect(localtest.NATS(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := natsjs.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	p := producer.New(js, producer.Options{Prefix: "other"})
	event := producer.Event{ID: "1", Time: noon, Customer: "a", Type: "page.viewed"}

	if err := p.Publish(t.Context(), event); err == nil || !strings.Contains(err.Error(), "ebb run") || !strings.Contains(err.Error(), "other.events.a") {
		t.Errorf("Publish = %v, want the subject and the remedy", err)
	}
	conn.Close()
	if _, err := p.PublishAsync(event); err == nil || !strings.Contains(err.Error(), nats.ErrConnectionClosed.Error()) {
		t.Errorf("PublishAsync without a connection = %v", err)
	}
}

func TestFlushEndsWithItsContext(t *testing.T) {
	js := provisioned(t)
	p := producer.New(js, producer.Options{})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 1000 {
		if _, err := p.PublishAsync(producer.Event{ID: "1", Time: noon.Add(time.Duration(i)), Customer: "a", Type: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(ended); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Flush = %v", err)
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Errorf("Flush = %v", err)
	}
}

// Events that no window waits for are told, and stored all the same.
func TestLateEventsAreTold(t *testing.T) {
	js := provisioned(t)
	late := map[string]time.Duration{}
	p := producer.New(js, producer.Options{Lateness: time.Hour, Late: func(e producer.Event, by time.Duration) { late[e.ID] = by }})
	now := time.Now()
	for id, age := range map[string]time.Duration{"now": 0, "in time": 59 * time.Minute, "late": 61 * time.Minute, "old": 25 * time.Hour, "ahead": -time.Minute} {
		e := producer.Event{ID: id, Time: now.Add(-age), Customer: "ann", Type: "page.viewed"}
		if err := p.Publish(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if _, err := p.PublishAsync(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	near := func(by, want time.Duration) bool { return by >= want && by < want+time.Minute }
	if len(late) != 2 || !near(late["late"], time.Minute) || !near(late["old"], 24*time.Hour) {
		t.Errorf("told as late: %v, want late by 1m and old by 24h", late)
	}
	read(t, js, 10)
}
