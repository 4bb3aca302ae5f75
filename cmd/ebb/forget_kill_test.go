package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/wire"
)

// Somebody is forgotten on a running installation while ebb is killed again and again in
// the middle of it: among dead letters, between ClickHouse and the input, among imported
// records that others share, and among events. Afterwards nothing names them, each event
// of others is there once, and the proof finds no difference in what it can follow, and
// names the partitions that it can't.
func TestForgetThroughKills(t *testing.T) {
	t.Parallel()
	const ann = "ann-17"
	home := event.PartitionOf(ann, livePartitions)
	ben, cleo := customerIn(home), customerIn((home+1)%livePartitions)
	l := newRun(t)
	p, address := l.startRun(t)

	const past, live, letters = 40, 400, 200
	file := filepath.Join(t.TempDir(), "past.jsonl")
	var lines []byte
	for i := range past {
		at := time.Now().Add(-20*24*time.Hour + time.Duration(i)*time.Hour)
		for _, customer := range []string{ann, ben, cleo} {
			lines = append(append(lines, eventAt(fmt.Sprint("past-", customer, i), customer, "page.viewed", at)...), '\n')
		}
	}
	if err := os.WriteFile(file, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, stderr := l.command(t, "replay", file); code != exitOK {
		t.Fatalf("replay: exit code %d\n%s%s", code, out, stderr)
	}
	if code, out, stderr := l.command(t, "replay", "--live"); code != exitOK {
		t.Fatalf("replay --live: exit code %d\n%s%s", code, out, stderr)
	}
	for i := range live {
		at := time.Now().Add(-time.Duration(i) * time.Second)
		l.publish(t, ann, eventAt(fmt.Sprint("a", i), ann, "page.viewed", at))
		if i%10 == 0 {
			l.publish(t, ben, eventAt(fmt.Sprint("b", i), ben, "order.completed", at))
			l.publish(t, cleo, eventAt(fmt.Sprint("c", i), cleo, "page.viewed", at))
		}
	}
	for i := range letters {
		l.publish(t, ann, fmt.Appendf(nil, `{"id":"bad-%d","customer":%q}`, i, ann))
	}
	l.publish(t, cleo, eventAt("astray", ann, "page.viewed", time.Now())) // refused in a partition that is not theirs
	l.publish(t, ben, fmt.Appendf(nil, `{"id":"bad","customer":%q,"properties":{"by":%q}}`, ben, "nobody"))
	signal := wire.Signal{Schema: wire.Schema, Signal: wire.Raised, Customer: ann, Level: "cooling", Previous: "healthy", Episode: 1, Reasons: []wire.Reason{}, Era: 1, At: time.Now().UnixMilli()}
	signal.Complete()
	body, err := json.Marshal(signal)
	if err != nil {
		t.Fatal(err)
	}
	l.publishTo(t, fmt.Sprintf("engagement.signals.cooling.%d.%s", home, event.Token(ann)), body)
	count := func(query string) (n uint64) {
		t.Helper()
		if err := l.conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}

		return n
	}
	eventually(t, "all of it to be processed", func() bool {
		return processed(t, address) == 3*past+live+2*live/10
	})
	signals := func() uint64 { return count("SELECT count() FROM signals FINAL WHERE customer = '" + ann + "'") }
	eventually(t, "all of it in ClickHouse", func() bool { // time that goes on before the live events come adds signals of its own
		return count("SELECT count() FROM deadletters FINAL") == letters+2 && signals() >= 1
	})
	before := eventsOfOthers(t, l, ann)
	if len(before) != 2*past+2*live/10+1 {
		t.Fatalf("%d events of others, want %d", len(before), 2*past+2*live/10+1)
	}

	input := jetstream.NewInput(l.js, l.layout)
	record, err := input.Forget(t.Context(), ann)
	if err != nil {
		t.Fatal(err)
	}
	left := func(stream, subject string) uint64 {
		t.Helper()
		found, err := l.js.Stream(t.Context(), stream)
		if err != nil {
			t.Fatal(err)
		}
		info, err := found.Info(t.Context(), natsjs.WithSubjectFilter(subject))
		if err != nil {
			t.Fatal(err)
		}
		var n uint64
		for _, messages := range info.State.Subjects {
			n += messages
		}

		return n
	}
	events := func() uint64 { return left(l.layout.Stream, "engagement.p."+strconv.Itoa(home)) }
	all, others := events(), uint64(live/10+1)
	inside := 0
	for _, moment := range []struct {
		name    string
		reached func() (reached, middle bool)
	}{
		{"among the dead letters", func() (bool, bool) {
			n := left("ENGAGEMENT_DEADLETTERS", ">")
			return n < letters*2/3, n > 1
		}},
		{"behind ClickHouse", func() (bool, bool) { return signals() == 0, events() == all }},
		{"among the first events", func() (bool, bool) { n := events(); return n < all*3/4, n > others }},
		{"among the last events", func() (bool, bool) { n := events(); return n < all/4, n > others }},
	} {
		middle := false
		eventually(t, "a moment "+moment.name, func() bool {
			for deadline := time.Now().Add(time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
				if reached, is := moment.reached(); reached {
					middle = is

					return true
				}
			}

			return false
		})
		if code := p.stop(t, syscall.SIGKILL); code != -1 {
			t.Fatalf("exit code %d after SIGKILL\n%s", code, p.output)
		}
		if middle {
			inside++
		}
		t.Logf("killed %s: %v; %d events of the partition are left", moment.name, middle, events())
		l.bury(t)
		p = l.startProcess(t, "run")
		p.says(t, `serving metrics and health" listen=(\S+)`)
	}
	if inside == 0 {
		t.Error("no kill was in the middle of an erasure, which proves nothing")
	}
	eventually(t, "what asks for it to go, as the last", func() bool {
		there, err := input.Holds(t.Context(), record)
		if err != nil {
			t.Fatal(err)
		}

		return !there && heldIn(t, l, l.layout.Stream, ann) == 0
	})
	if code := p.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, p.output)
	}

	if held := heldBytes(t, l, ann); len(held) > 0 {
		t.Errorf("after it is held: %v", held)
	}
	after := eventsOfOthers(t, l, ann)
	if !maps.Equal(before, after) {
		t.Errorf("of others there are %d events, were %d", len(after), len(before))
		for body, n := range before {
			if after[body] != n {
				t.Errorf("%d times instead of %d: %s", after[body], n, body)
			}
		}
	}
	l.start(t)
	l.settle(t)
	r := l.verified(t)
	for _, table := range r.Verification.Tables {
		for _, example := range table.Examples {
			t.Errorf("%s %s: %s", table.Table, table.Window, example)
		}
	}
	named := []uint16{uint16(home), uint16((home + 1) % livePartitions)}
	slices.Sort(named)
	if v := r.Verification; r.RowsMissing+r.RowsExtra+r.RowsDifferent > 0 || !slices.Equal(v.Erased, named) || v.LeftOut == 0 {
		t.Errorf("the proof: %+v", v)
	}
}

// customerIn is a customer of a partition.
func customerIn(partition int) string {
	for i := 0; ; i++ {
		if id := "other-" + strconv.Itoa(i); event.PartitionOf(id, livePartitions) == partition {
			return id
		}
	}
}
