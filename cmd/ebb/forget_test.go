package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
	"ebb/pipeline/wire"
)

// heldIn says how often a stream names a customer.
func heldIn(t *testing.T, l *live, stream, customer string) (held int) {
	t.Helper()
	l.each(t, stream, ">", func(m *natsjs.RawStreamMsg) {
		if bytes.Contains(m.Data, []byte(customer)) {
			held++
		}
	})

	return held
}

// heldBytes says by place how often the id of a customer or its token is held: in all
// messages of all streams, snapshots decompressed, and all tables of ClickHouse. The
// places are searched as bytes, by nothing that knows where to look.
func heldBytes(t *testing.T, l *live, customer string) map[string]int {
	t.Helper()
	quoted, err := json.Marshal(customer)
	if err != nil {
		t.Fatal(err)
	}
	forms := [][]byte{[]byte(customer), []byte(event.Token(customer)), bytes.Trim(quoted, `"`)}
	has := func(data []byte) bool {
		return slices.ContainsFunc(forms, func(form []byte) bool { return bytes.Contains(data, form) })
	}
	held := make(map[string]int)
	names := l.js.StreamNames(t.Context())
	for name := range names.Name() {
		l.each(t, name, ">", func(m *natsjs.RawStreamMsg) {
			if has(m.Data) || has([]byte(m.Subject)) || has([]byte(fmt.Sprint(m.Header))) {
				held[name]++
			}
		})
	}
	if names.Err() != nil {
		t.Fatal(names.Err())
	}
	bucket, err := l.js.ObjectStore(t.Context(), l.layout.Snapshots)
	if err != nil {
		t.Fatal(err)
	}
	objects, _ := bucket.List(t.Context()) // none is an error
	for _, object := range objects {
		packed, err := bucket.GetBytes(t.Context(), object.Name)
		if err != nil {
			continue // replaced by the next meanwhile
		}
		_, sections, err := shard.OpenSnapshot(packed)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sections {
			if has(s.Body) {
				held["snapshots"]++
			}
		}
	}
	tables, err := l.conn.Query(t.Context(), "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine NOT IN ('View')")
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	for tables.Next() {
		var table string
		if err := tables.Scan(&table); err != nil {
			t.Fatal(err)
		}
		for _, form := range forms[:2] {
			var n uint64
			if err := l.conn.QueryRow(t.Context(), "SELECT count() FROM "+table+" WHERE position(toString(tuple(*)), ?) > 0", string(form)).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n > 0 {
				held["clickhouse."+table] += int(n)
			}
		}
	}

	return held
}

// After a customer is forgotten nothing names them: no stream, snapshot, table or state,
// also not after late events, a lost snapshot, and a database that reads all again. What
// counted them stays, and others are as they were.
func TestForgetLeavesNothing(t *testing.T) {
	t.Parallel()
	const ann = "zoë: 17"
	like := "zoë: 1" // begins the same, and is of the same partition
	for i := 1; event.PartitionOf(like, livePartitions) != event.PartitionOf(ann, livePartitions); i++ {
		like = fmt.Sprint("zoë: 1x", i)
	}
	ben := "ben-0"
	for i := 1; event.PartitionOf(ben, livePartitions) == event.PartitionOf(ann, livePartitions); i++ {
		ben = fmt.Sprint("ben-", i)
	}
	l := startLive(t, func(*meaning.Config) {})
	now := time.Now()
	for i, customer := range []string{like, ann, ann, ben, ann} {
		l.publish(t, customer, eventAt(fmt.Sprint("e", i), customer, "page.viewed", now))
	}
	late := eventAt("late", ann, "page.viewed", now.Add(-50*time.Hour))
	l.publish(t, ann, late)
	l.publish(t, ben, eventAt("late", ben, "page.viewed", now.Add(-50*time.Hour)))
	l.publish(t, ann, fmt.Appendf(nil, `{"id":"bad","time":"2026-01-01T00:00:00Z","customer":%q,"type":"page.viewed","value":"much"}`, ann))
	l.publish(t, ben, eventAt("astray", ann, "page.viewed", now)) // misrouted
	l.publish(t, ben, fmt.Appendf(nil, `{"id":"bad","customer":%q}`, ben))
	for _, customer := range []string{ann, ben} {
		s := wire.Signal{Schema: wire.Schema, Signal: wire.Raised, Customer: customer, Level: "cooling", Previous: "healthy", Episode: 1, Reasons: []wire.Reason{}, Era: 1, At: now.UnixMilli()}
		s.Complete()
		body, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		l.publishTo(t, fmt.Sprintf("engagement.signals.cooling.%d.%s", event.PartitionOf(customer, livePartitions), event.Token(customer)), body)
	}
	l.settle(t)
	l.again(t) // with a snapshot of all of it
	rows := func(query string) (n uint64) {
		if err := l.conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}

		return n
	}
	counted := "SELECT sum(events) FROM rollups_total FINAL WHERE window = '1m'"
	eventually(t, "all rows in ClickHouse", func() bool {
		return rows("SELECT count() FROM signals FINAL") == 2 && rows("SELECT count() FROM late FINAL") == 2 &&
			rows("SELECT count() FROM deadletters FINAL") == 3 && rows(counted) > 0
	})
	before, benBefore := heldBytes(t, l, ann), heldBytes(t, l, ben)
	for _, place := range []string{
		"ENGAGEMENT", "ENGAGEMENT_ROLLUPS", "ENGAGEMENT_SIGNALS", "ENGAGEMENT_DEADLETTERS", "snapshots",
		"clickhouse.signals", "clickhouse.late", "clickhouse.deadletters",
	} {
		if before[place] == 0 {
			t.Errorf("%s never named the customer, so it proves nothing: %v", place, before)
		}
	}

	flags := []string{"--nats.url", l.url, "--stream.partitions", fmt.Sprint(livePartitions), "--clickhouse.addr", l.database.Addr, "--clickhouse.database", l.database.Name}
	if code, out, stderr := command(t, append([]string{"forget", ann, "--dry-run"}, flags...)...); code != exitOK || !strings.Contains(out, "Nothing was erased.") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	code, out, stderr := command(t, append([]string{"forget", ann, "--json", "--wait", "60s"}, flags...)...)
	var told forgotten
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != exitOK || !told.Done {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, out, stderr)
	}
	for _, of := range told.Places {
		if of.Place != "ENGAGEMENT_SOURCES" && of.Before == 0 || of.After == nil || *of.After != 0 {
			t.Errorf("%+v", of)
		}
	}
	nothing := func(when string) {
		t.Helper()
		eventually(t, "no event names the customer "+when, func() bool { return heldIn(t, l, l.layout.Stream, ann) == 0 }) // the last place
		if held := heldBytes(t, l, ann); len(held) > 0 {
			t.Errorf("%s: %v", when, held)
		}
	}
	// Events of others that are no events went where their partition was not theirs.
	nothing("after it")
	after := heldBytes(t, l, ben)
	delete(after, "snapshots") // one of another time, or two while it is replaced
	delete(benBefore, "snapshots")
	if fmt.Sprint(after) != fmt.Sprint(benBefore) {
		t.Errorf("of another it holds %v, before %v", after, benBefore)
	}
	if heldBytes(t, l, like)["ENGAGEMENT"] == 0 {
		t.Error("an id that begins the same is gone")
	}

	// Late events and copies leave no trace; an event of now is a new customer's.
	counts := rows(counted)
	l.publish(t, ann, late)
	l.publish(t, ann, eventAt("e1", ann, "page.viewed", now))
	l.settle(t)
	l.again(t)
	nothing("after late events")
	if n := l.forgottenEvents(); n != 2 {
		t.Errorf("%d events were withheld, want 2", n)
	}
	if got := rows(counted); got != counts {
		t.Errorf("windows count %d events, before %d", got, counts)
	}

	// The state is made again from what is left, and a database from what was published.
	if err := l.engine.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := l.js.DeleteObjectStore(t.Context(), l.layout.Snapshots); err != nil {
		t.Fatal(err)
	}
	if err := l.conn.Exec(t.Context(), "TRUNCATE TABLE late"); err != nil {
		t.Fatal(err)
	}
	l.start(t)
	l.publish(t, ann, late)
	l.settle(t)
	l.again(t)
	nothing("after the loss of snapshots")
	if code, out, _ := command(t, append([]string{"export", ann}, flags...)...); code != exitOK || out != "" {
		t.Errorf("exit code %d: %s", code, out)
	}
}

// again stops the engine, which stores the state, and starts it.
func (l *live) again(t *testing.T) {
	t.Helper()
	if err := l.engine.Stop(); err != nil {
		t.Fatal(err)
	}
	l.start(t)
}

func (l *live) forgottenEvents() (n uint64) {
	for _, p := range l.engine.Instance.Progress() {
		n += p.Forgotten.Events
	}

	return n
}

// What asks for it is done by the next who runs, after whatever interrupted it: here
// nobody runs, and then everything but the last step was done before.
func TestForgetGoesOnAfterAnInterruption(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	const ann = "ann-9"
	l.publish(t, ann, eventAt("a", ann, "page.viewed", time.Now()))
	l.settle(t)
	if err := l.engine.Stop(); err != nil {
		t.Fatal(err)
	}
	flags := []string{"--nats.url", l.url, "--stream.partitions", fmt.Sprint(livePartitions), "--no-clickhouse.enabled"}
	code, _, stderr := command(t, append([]string{"forget", ann, "--wait", "0"}, flags...)...)
	if code != exitFailure || !strings.Contains(stderr, "not every place is done yet") {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	if held := heldIn(t, l, l.layout.Stream, ann); held != 2 {
		t.Fatalf("%d records name the customer, want the event, and what asks", held)
	}
	l.start(t)
	eventually(t, "what asked is erased", func() bool { return heldIn(t, l, l.layout.Stream, ann) == 0 })
	if held := heldBytes(t, l, ann); len(held) > 0 {
		t.Error(held)
	}

	input := jetstream.NewInput(l.js, l.layout)
	if there, err := input.Holds(t.Context(), 1); err != nil || there {
		t.Errorf("the first record is there: %v, %v", there, err)
	}
	l.again(t) // the record that the first cursor stood on is gone
	l.publish(t, ann, eventAt("b", ann, "page.viewed", time.Now()))
	l.settle(t)
	if got := heldIn(t, l, l.layout.Stream, ann); got != 1 {
		t.Errorf("%d records name the customer, want the one event of who came back", got)
	}
	l.publish(t, ann, eventAt("f", ann, vocabulary.ForgottenType, time.Now()))
	eventually(t, "who asks by an event is erased", func() bool { return heldIn(t, l, l.layout.Stream, ann) == 0 })
}
