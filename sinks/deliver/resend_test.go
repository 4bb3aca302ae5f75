package deliver_test

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ebb/sinks"
	"ebb/sinks/deliver"
)

// letters are the dead letters of the stream, oldest first.
func (b bench) letters() []deliver.Letter {
	b.Helper()
	stream, err := b.js.Stream(b.Context(), "ENGAGEMENT_DEADLETTERS")
	if err != nil {
		b.Fatal(err)
	}
	var out []deliver.Letter
	for sequence := uint64(1); sequence <= stream.CachedInfo().State.LastSeq; sequence++ {
		m, err := stream.GetMsg(b.Context(), sequence)
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, deliver.Letter{Sequence: sequence, Subject: m.Subject, Header: m.Header, Data: m.Data})
	}

	return out
}

func (b bench) resend(sink sinks.Sink, letters []deliver.Letter) deliver.Resent {
	b.Helper()
	r, err := deliver.NewResend(b.js, sink, deliver.Config{}, time.Now().UnixNano())
	if err != nil {
		b.Fatal(err)
	}
	for _, l := range letters {
		if err := r.Add(b.Context(), l); err != nil {
			b.Fatal(err)
		}
	}
	if err := r.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}

	return r.Result()
}

// refusedMessages makes dead letters: a message of five rows of which the sink
// refuses two, a signal, and one that can't be read.
func refusedMessages(t *testing.T) bench {
	b := newBench(t)
	b.sink.set(func(batch *sinks.Batch) error {
		if len(batch.Signals) > 0 {
			return sinks.Refuse("signals", fmt.Errorf("no room for %s", batch.Signals[0].Customer))
		}

		return rejectEvents(2, 3)(batch)
	}, nil)
	message := []byte(`{"schema":1,"table":"rollups_total","partition":3,"version":9,"clock":300000,"era":77,"windows":[`)
	for i := range 5 {
		message = fmt.Appendf(message, `{"window":"1m","end":%d,"rows":[[%d,1]]},`, (i+1)*60_000, i)
	}
	b.publish("engagement.rollups.rollups_total.3", append(message[:len(message)-1], "]}"...))
	b.publish("engagement.rollups.rollups_total.3", []byte(`{"schema":9,"table":"rollups_total"}`))
	b.publish("engagement.signals.at_risk.3.c-1",
		[]byte(`{"schema":1,"customer":"c-1","partition":3,"episode":1,"level":"at_risk","signal":"raised","previous":"healthy","at":5,"last_event":4,"sequence":6,"version":6,"era":78}`))
	f := b.start(nil)
	b.caughtUp(f)
	if got := len(b.letters()); got != 3 {
		t.Fatalf("%d dead letters, want 3", got)
	}

	return b
}

// Who reads an era misses dead letters that have none.
func TestRefusedMessagesCarryTheirEra(t *testing.T) {
	b := newBench(t)
	input, err := b.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "ENGAGEMENT", Subjects: []string{"engagement.p.*"}})
	if err != nil {
		t.Fatal(err)
	}
	b.sink.set(rejectEvents(2), nil)
	b.publish("engagement.rollups.rollups_total.3",
		[]byte(`{"schema":1,"table":"rollups_total","partition":3,"version":9,"clock":300000,"era":77,"windows":[{"window":"1m","end":60000,"rows":[[2,1]]}]}`))
	b.publish("engagement.rollups.rollups_total.3", []byte(`{`))
	b.publish("engagement.signals.at_risk.3.c-1", []byte(`{"schema":4,"era":9999999999999999}`))
	f := b.start(nil)
	b.caughtUp(f)
	b.caughtUp(f)

	now := strconv.FormatInt(input.CachedInfo().Created.UnixMilli(), 10)
	want := map[string]string{`{"schema":1`: "77", `{`: now, `{"schema":4`: now}
	letters := b.letters()
	if len(letters) != len(want) {
		t.Fatalf("%d dead letters", len(letters))
	}
	for _, l := range letters {
		if got := l.Header.Get(sinks.HeaderEra); got != want[string(l.Data[:min(len(l.Data), 11)])] {
			t.Errorf("%s: era is %q", l.Data, got)
		}
	}
	for _, row := range b.sink.Rows().DeadLetters {
		if row.Era == 0 {
			t.Errorf("the sink's row has no era: %+v", row)
		}
	}
}

// Once the cause is gone the rows are written, each as it would have been.
func TestRefusedRowsAreWrittenAgain(t *testing.T) {
	b := refusedMessages(t)
	letters := b.letters()

	if got := b.resend(nil, letters); got.Rows != 6 || got.Written != 2 || len(got.Refused) != 1 {
		t.Errorf("a count says %+v", got)
	}
	if rows := len(b.sink.Rows().Rollups[sinks.Total]); rows != 3 {
		t.Errorf("a count left %d rows, want 3", rows)
	}

	b.sink.set(nil, nil)
	for range 2 {
		got := b.resend(b.sink, letters)
		if got.Rows != 6 || got.Written != 2 || len(got.Refused) != 1 {
			t.Errorf("result is %+v", got)
		}
		b.expectTotals(5)
		if signals := b.sink.Rows().Signals; len(signals) != 1 || signals[0].Customer != "c-1" || signals[0].Era != 78 {
			t.Errorf("signals are %+v", signals)
		}
	}
	if got := len(b.letters()); got != 3 {
		t.Errorf("%d dead letters, want the 3 of before: the unreadable one is refused for the same reason", got)
	}
}

// What is refused again has a dead letter with the new reason, which counts in
// place of the old one; nothing is lost of the rest.
func TestRefusedAgainStaysADeadLetterWithItsNewReason(t *testing.T) {
	b := refusedMessages(t)
	before := b.letters()
	b.sink.set(func(batch *sinks.Batch) error {
		for _, r := range batch.Rollups[sinks.Total] {
			if r.Events == 3 {
				return sinks.Refuse("rollups_total", fmt.Errorf("three is too many"))
			}
		}

		return nil
	}, nil)
	got := b.resend(b.sink, before)
	if got.Rows != 5 || got.Written != 1 || len(got.Refused) != 2 {
		t.Errorf("result is %+v", got)
	}
	b.expectTotals(5, 3)
	after := b.letters()
	if len(after) != 4 {
		t.Fatalf("%d dead letters, want 4", len(after))
	}
	newest := after[3]
	if text := newest.Header.Get(sinks.HeaderError); text != "the sink refuses a row of table rollups_total: three is too many" {
		t.Errorf("the new reason is %q", text)
	}
	same := 0
	for _, l := range before {
		if l.Key() == newest.Key() {
			same++
			if newest.Header.Get(sinks.HeaderEra) != l.Header.Get(sinks.HeaderEra) || !bytes.Equal(newest.Data, l.Data) || newest.Subject != l.Subject {
				t.Errorf("the new dead letter is %+v, the old one %+v", newest, l)
			}
		}
	}
	if same != 1 {
		t.Errorf("the new dead letter is of the same message as %d others", same)
	}
	if got := b.resend(b.sink, []deliver.Letter{newest}); len(got.Refused) != 1 || len(b.letters()) != 4 {
		t.Errorf("the same reason once more: %+v, %d dead letters", got, len(b.letters()))
	}
}

// A sink that is away ends the sending; the dead letters stay.
func TestSendingAgainEndsWhereTheSinkIsAway(t *testing.T) {
	b := refusedMessages(t)
	r, err := deliver.NewResend(b.js, b.sink, deliver.Config{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	b.sink.set(func(*sinks.Batch) error { return context.DeadlineExceeded }, nil)
	for _, l := range b.letters() {
		if err := r.Add(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Flush(t.Context()); err == nil {
		t.Error("no error")
	}
	if got := r.Result(); got.Rows != 0 || got.Written != 0 || len(b.letters()) != 3 {
		t.Errorf("result is %+v, %d dead letters", got, len(b.letters()))
	}
}
