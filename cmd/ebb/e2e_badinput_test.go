package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
	"ebb/sinks/clickhouse/verify"
)

// badInput is one message and what becomes of it.
type badInput struct {
	name    string
	reason  string // of the dead letter, or "accepted"
	message []byte
}

// readBadInput reads the corpus of the pipeline; its files say their form.
func readBadInput(t *testing.T) (cases []badInput) {
	t.Helper()
	files, err := filepath.Glob("../../pipeline/testdata/badinput/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(content)) {
			line = strings.TrimSuffix(line, "\n")
			if line == "" || line[0] == '#' {
				continue
			}
			parts := strings.SplitN(line, "\t", 3)
			message, err := strconv.Unquote(parts[len(parts)-1])
			if err != nil || len(parts) != 3 {
				t.Fatalf("%s: line %.80q: %v", file, line, err)
			}
			cases = append(cases, badInput{parts[0], parts[1], []byte(message)})
		}
	}

	return cases
}

// sent is what was published and what has to become of it: a reason, "late" or
// "processed".
type sent struct {
	name, want string
	body       []byte
	sequence   uint64
}

// Whatever comes, the stream goes on: what is good counts, and what is bad is
// kept with its bytes, its place and the reason.
func TestBadInput(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	var all []sent
	add := func(name, want string, body []byte, sequence uint64) {
		all = append(all, sent{name, want, body, sequence})
	}
	good := func() {
		customer := fmt.Sprintf("customer-%d", len(all)%7)
		body := eventAt(strconv.Itoa(len(all)), customer, "page.viewed", time.Now())
		add("good", "processed", body, l.publish(t, customer, body))
	}
	for _, c := range readBadInput(t) {
		customer, want := outcome(t, c)
		add(c.name, want, c.message, l.publish(t, customer, c.message))
		if len(all)%3 == 0 {
			good()
		}
	}
	for _, header := range []string{"Ebb-Control", "Ebb-Clock", "ebb-clock", "EBB-Anything"} {
		body := eventAt("forged-"+header, "ann", "page.viewed", time.Now())
		add("header "+header, "forged_control", body, l.publish(t, "ann", body, header, "tick"))
	}
	body := eventAt("elsewhere", "ann", "page.viewed", time.Now())
	add("subject of another customer", "misrouted", body, l.publish(t, elsewhere("ann"), body))
	body = eventAt("ahead", "ann", "page.viewed", time.Now().Add(time.Hour))
	add("an hour ahead", "too_far_ahead", body, l.publish(t, "ann", body))
	body = []byte(`{"import":"0"}`)
	add("control of no type", "forged_control", body, l.publishTo(t, "engagement.c.1", body))
	add("control of another type", "forged_control", body, l.publishTo(t, "engagement.c.1", body, "Ebb-Control", "rewind"))
	add("model that can't be read", "forged_control", []byte("{"), l.publishTo(t, "engagement.c.1", []byte("{"), "Ebb-Control", "model"))
	add("history outside of an import", "forged_control", body, l.publishTo(t, "engagement.h.1", body, "Ebb-Clock", "1"))
	body = event.AppendRefused(nil, "orders:7", event.RefusedAt{Source: "orders", Stream: "ORDERS", Sequence: 7, Format: "segment"},
		event.Refuse(event.ReasonInvalidField, "segment timestamp", []byte("noon"), "send a time"), []byte(`{"timestamp":"noon"}`))
	add("what a source could not read", "invalid_field", body, l.publish(t, "source:orders", body))
	good()
	l.settle(t)

	checkOutcomes(t, l, all)
	r := l.verified(t)
	for _, table := range r.Verification.Tables {
		if rollups := strings.HasPrefix(table.Table, "rollups_"); rollups && (table.Compared == 0 && fed(table.Table) || len(table.Examples) > 0) {
			t.Errorf("%s %s: %d rows compared, %q", table.Table, table.Window, table.Compared, table.Examples)
		}
	}
	checkVerdicts(t, l, all)
}

// notForSQL are the cases that the verification says it can't judge: names that
// occur twice inside of properties, more than 64 levels, and numbers beyond 64
// bits.
func notForSQL(name string) bool {
	for _, part := range []string{"property twice", "65 deep", "deep in an unknown field", "1e400", "huge exponent"} {
		if strings.Contains(name, part) {
			return true
		}
	}

	return false
}

// checkVerdicts compares what SQL says of every message with what was to become
// of it.
func checkVerdicts(t *testing.T, l *live, all []sent) {
	t.Helper()
	verdicts := make(map[uint64]string)
	rows, err := l.conn.Query(t.Context(), `
		SELECT intDiv(sequence, 4096), if(verdict = '', 'processed', toString(verdict)) FROM verify_verdicts
		UNION ALL SELECT intDiv(sequence, 4096), 'unreadable_control' FROM verify_refused_controls`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var sequence uint64
		var verdict string
		if err := rows.Scan(&sequence, &verdict); err != nil {
			t.Fatal(err)
		}
		verdicts[sequence] = verdict
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}

	if len(verdicts) != len(all) {
		t.Errorf("SQL judges %d messages, %d were sent", len(verdicts), len(all))
	}
	for _, s := range all {
		if verdicts[s.sequence] != s.want && !notForSQL(s.name) {
			t.Errorf("%s: SQL says %q, want %s: %.100q", s.name, verdicts[s.sequence], s.want, s.body)
		}
	}
}

// outcome is the customer to whose subject a case goes, and what becomes of it.
// Messages whose customer can't be read go to anybody's. The times of the corpus
// are long ago or far ahead.
func outcome(t *testing.T, c badInput) (customer, want string) {
	t.Helper()
	if c.reason != "accepted" {
		return "somebody", c.reason
	}
	var ev event.Event
	if err := native.NewDecoder(0).Decode(c.message, &ev); err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	want = "late"
	if ev.Time > time.Now().UnixMilli() {
		want = "too_far_ahead"
	}

	return string(ev.Customer), want
}

// elsewhere is a customer of another partition.
func elsewhere(customer string) string {
	for i := 0; ; i++ {
		other := fmt.Sprintf("other-%d", i)
		if event.PartitionOf([]byte(other), livePartitions) != event.PartitionOf([]byte(customer), livePartitions) {
			return other
		}
	}
}

// checkOutcomes compares dead letters and counts with what was sent.
func checkOutcomes(t *testing.T, l *live, all []sent) {
	t.Helper()
	letters := l.letters(t)
	var want shard.Counts
	for _, s := range all {
		letter, refused := letters[strconv.FormatUint(s.sequence, 10)]
		switch s.want {
		case "processed":
			want.Processed++
		case "late":
			want.LateDropped++
		default:
			want.DeadLetters++
			if !refused || letter.Reason != s.want || letter.Header.Get(event.HeaderReason) != s.want || !bytes.Equal(letter.Data, s.body) {
				t.Errorf("%s: dead letter %v, %s with %d bytes; want %s with %d", s.name, refused, letter.Reason, len(letter.Data), s.want, len(s.body))
			}

			continue
		}
		if refused {
			t.Errorf("%s: dead letter %s, want %s: %.100s", s.name, letter.Reason, s.want, letter.Data)
		}
	}
	counts, _, _ := l.engine.Totals()
	if counts.Processed != want.Processed || counts.LateDropped != want.LateDropped || counts.DeadLetters != want.DeadLetters || counts.Duplicates != 0 {
		t.Errorf("counted %+v, want %+v", counts, want)
	}
	if len(letters) != int(want.DeadLetters) {
		t.Errorf("%d dead letters, want %d", len(letters), want.DeadLetters)
	}
}

// Types outside the vocabulary are refused where the configuration says so.
func TestUnknownTypesAreRefused(t *testing.T) {
	t.Parallel()
	l := startLive(t, func(c *meaning.Config) { c.Vocabulary.UnknownTypes = vocabulary.RejectUnknown })
	var all []sent
	for i, eventType := range []string{"page.viewed", "quiz.finished", "Email Opened", "email opened", "unknown"} {
		body := eventAt(strconv.Itoa(i), "ann", eventType, time.Now())
		want := map[bool]string{true: "processed", false: "unknown_type"}[eventType == "page.viewed" || eventType == "Email Opened"]
		all = append(all, sent{eventType, want, body, l.publish(t, "ann", body)})
	}
	l.settle(t)

	checkOutcomes(t, l, all)
	r := l.verified(t)
	l.checkCounts(t, r.Verification)
	checkVerified(t, r.Verification, verify.Comparisons(len(l.config.Lengths)))
}

// Inside an import live events are set aside; after it they count.
func TestLiveEventsInsideAnImport(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	var all []sent
	send := func(name, customer, want string) {
		body := eventAt(name, customer, "page.viewed", time.Now())
		all = append(all, sent{name, want, body, l.publish(t, customer, body)})
	}
	send("before", "ann", "processed")
	open, err := jetstream.OpenImport(t.Context(), l.js, l.layout, jetstream.ImportConfig{ID: "digest", Source: "history"})
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	now := time.Now()
	body := eventAt("history", "ann", "page.viewed", now)
	partition := event.PartitionOf([]byte("ann"), livePartitions)
	err = open.Append(t.Context(), []jetstream.HistoryRecord{
		{Partition: partition, Clock: now.UnixMilli(), Body: body},
		{Partition: partition, Clock: now.UnixMilli(), Control: event.ControlTick, Body: []byte("{}")},
	})
	if err := errors.Join(err, open.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	for _, customer := range []string{"ann", "ben", "cleo", "dora"} {
		send("inside", customer, "import_open")
	}
	if err := open.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}
	send("after", "ann", "processed")
	l.settle(t)

	counts, _, _ := l.engine.Totals()
	if counts.Processed != 3 {
		t.Errorf("%d processed, want those before, of and after the import", counts.Processed)
	}
	for _, s := range all {
		letter, refused := l.letters(t)[strconv.FormatUint(s.sequence, 10)]
		if refused != (s.want == "import_open") || refused && (letter.Reason != s.want || !bytes.Equal(letter.Data, s.body)) {
			t.Errorf("%s: dead letter %v %s", s.name, refused, letter.Reason)
		}
	}
	r := l.verified(t)
	l.checkCounts(t, r.Verification)
	checkVerified(t, r.Verification, verify.Comparisons(len(l.config.Lengths)))
}
