package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/forget"
	"ebb/pipeline/shard"
)

// eventOf is an event of a time of day.
func eventOf(customer, id, at string) string {
	return fmt.Sprintf(`{"id":%q,"time":"2026-05-04T%sZ","customer":%q,"type":"page.viewed"}`, id, at, customer)
}

// Of a record of history with rows of several customers, those of others stay: as they
// were, with their clocks, and by the next erasure too.
func TestErasureKeepsTheRowsOfOthers(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	key, err := input.keys.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const ann = "ann"
	home := event.PartitionOf(ann, layout.Partitions)
	ben := tokenIn(layout, home)
	var body []byte
	for i, who := range []string{ann, ben, ann, "cy"} {
		body = event.AppendRow(body, int64(1000+i), []byte(eventOf(who, fmt.Sprint("r", i), "10:00:00")))
	}
	packed := publishRaw(t, js, layout.laneSubject(laneHistory, home), nats.Header{
		headerImport: {key.token(1)}, event.HeaderRows: {"4"},
	}, string(body))
	lone := publishRaw(t, js, layout.Prefix+".events."+tokenIn(layout, home), nil, eventOf(ann, "e", "10:00:00"))
	later := publishRaw(t, js, layout.Prefix+".events."+tokenIn(layout, home), nil, eventOf(ben, "f", "10:00:00"))

	erase := func(customer string) uint64 {
		t.Helper()
		asked, err := input.Forget(t.Context(), customer)
		if err != nil {
			t.Fatal(err)
		}
		secret, err := input.HashKey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		what := shard.Erase{From: 1, To: asked, Asked: asked}
		what.Hashes.Add(forget.NewHasher(secret).Of([]byte(customer)), 1<<50)
		var told []string
		rows := errors.New("the database is away")
		how := Erasing{
			Rows:     func(_ context.Context, customers []string) error { told = customers; return rows },
			Progress: func(string, int) {},
		}
		eraser := NewEraser(js, layout)
		for place := 1; place <= 4; place++ { // a crash after each
			ctx, crash := context.WithCancel(t.Context())
			at := place
			err := eraser.Erase(ctx, home, what, Erasing{Progress: func(string, int) {
				if at--; at == 0 {
					crash()
				}
			}})
			if crash(); err == nil {
				t.Fatalf("a crash after place %d was none", place)
			}
			if there, err := input.Holds(t.Context(), asked); err != nil || !there {
				t.Fatalf("what asks is gone after a crash at place %d: %v", place, err)
			}
		}
		if err := eraser.Erase(t.Context(), home, what, how); !errors.Is(err, rows) {
			t.Fatalf("a database that is away: %v", err)
		}
		if there, err := input.Holds(t.Context(), asked); err != nil || !there {
			t.Fatalf("what asks is gone before all is done: %v, %v", there, err)
		}
		rows = nil
		for range 2 { // again changes nothing
			if err := eraser.Erase(t.Context(), home, what, how); err != nil {
				t.Fatal(err)
			}
		}
		if fmt.Sprint(told) != fmt.Sprint([]string{customer}) && len(told) > 0 {
			t.Errorf("rows of %v are erased, want those of %s", told, customer)
		}

		return asked
	}
	for _, gone := range []uint64{packed, lone, erase(ann)} {
		if there, err := input.Holds(t.Context(), gone); err != nil || there {
			t.Errorf("record %d is there: %v", gone, err)
		}
	}
	if there, err := input.Holds(t.Context(), later); err != nil || !there {
		t.Errorf("the record of another is gone: %v", err)
	}
	want := `{"row":2,"clock":1001,"body":` + quoted(t, eventOf(ben, "r1", "10:00:00")) + `},{"row":4,"clock":1003,"body":` + quoted(t, eventOf("cy", "r3", "10:00:00")) + `}`
	if got := remains(t, input, home); got != fmt.Sprintf(`{"sequence":%d,"rows":[%s]}`, packed, want) {
		t.Errorf("what remains is %s, want the rows %s", got, want)
	}
	erase(ben)
	want = `{"row":4,"clock":1003,"body":` + quoted(t, eventOf("cy", "r3", "10:00:00")) + `}`
	if got := remains(t, input, home); got != fmt.Sprintf(`{"sequence":%d,"rows":[%s]}`, packed, want) {
		t.Errorf("what remains is %s, want the rows %s", got, want)
	}
}

// tokenIn is one of a partition.
func tokenIn(layout Layout, partition int) string {
	for i := 0; ; i++ {
		if token := fmt.Sprint("someone-", i); event.PartitionOf(token, layout.Partitions) == partition {
			return token
		}
	}
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	body, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}

	return string(body)
}

// remains is the body of the records that hold the rows of others.
func remains(t *testing.T, input *Input, partition int) string {
	t.Helper()
	var found []string
	err := input.ReadPartition(t.Context(), partition, 0, func(records []event.Record, _ uint64) error {
		for _, r := range records {
			if r.Control == event.ControlRemains {
				found = append(found, string(r.Data))
			}
		}

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	return strings.Join(found, "\n")
}

// What another partition refused is erased by that one, which is told where it begins.
func TestErasureTellsOtherPartitions(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	const ann = "ann"
	home := event.PartitionOf(ann, layout.Partitions)
	other := (home + 1) % layout.Partitions
	astray := publishRaw(t, js, layout.Prefix+".events."+tokenIn(layout, other), nil, eventOf(ann, "e", "10:00:00"))
	publishRaw(t, js, layout.Prefix+".deadletters.misrouted", nats.Header{
		event.HeaderPartition: {fmt.Sprint(other)}, event.HeaderSequence: {fmt.Sprint(astray)},
	}, eventOf(ann, "e", "10:00:00"))
	asked, err := input.Forget(t.Context(), ann)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := input.HashKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	what := shard.Erase{From: 1, To: asked, Asked: asked}
	who := forget.NewHasher(secret).Of([]byte(ann))
	what.Hashes.Add(who, 1<<50)
	if err := NewEraser(js, layout).Erase(t.Context(), home, what, Erasing{}); err != nil {
		t.Fatal(err)
	}
	if n := streamMessages(t, js, layout.StreamName(shard.DeadLetters)); n != 0 {
		t.Errorf("%d dead letters are left", n)
	}
	var told fact.ForgottenMark
	var at uint64
	if err := input.ReadPartition(t.Context(), other, 0, func(records []event.Record, _ uint64) error {
		for _, r := range records {
			if r.Control == event.ControlForgotten {
				at = r.Sequence

				return json.Unmarshal(r.Data, &told)
			}
		}

		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if told.Customer != who || told.From != astray {
		t.Fatalf("the other partition is told %+v, want of record %d", told, astray)
	}
	what.From, what.To, what.Asked = told.From, at, at
	if err := NewEraser(js, layout).Erase(t.Context(), other, what, Erasing{}); err != nil {
		t.Fatal(err)
	}
	if there, err := input.Holds(t.Context(), astray); err != nil || there {
		t.Errorf("what went astray is there: %v", err)
	}
}
