package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/serve"
	"ebb/cmd/ebb/status"
	"ebb/cmd/ebb/term"
	"ebb/deploy/local/localtest"
	"ebb/pipeline/clock"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/section"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// operated is a NATS server with streams of two partitions, for the commands
// that operators use.
type operated struct {
	url    string
	js     natsjs.JetStream
	layout jetstream.Layout
	config meaning.Config
}

func startOperated(t *testing.T) *operated {
	t.Helper()
	clearEnvironment(t)
	o := &operated{url: localtest.NATS(t)}
	t.Setenv("EBB_NATS_URL", o.url)
	t.Setenv("EBB_STREAM_PARTITIONS", "2")
	t.Setenv("EBB_LOG_LEVEL", "error")

	settings, err := parseConfig(t)
	if err != nil {
		t.Fatal(err)
	}
	o.layout = settings.Stream.Layout()
	o.config = settings.Processing.Pipeline(&settings.Stream, &settings.Churn)
	if o.js, err = settings.NATS.ConnectJetStream(t.Context(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.js.Conn().Close)
	if err := jetstream.Provision(t.Context(), o.js, o.layout); err != nil {
		t.Fatal(err)
	}

	return o
}

// process runs an engine until everything in the input stream is committed,
// and returns what the partitions have counted.
func (o *operated) process(t *testing.T) (counts shard.Counts) {
	t.Helper()
	e, err := serve.StartEngine(t.Context(), serve.EngineConfig{
		Js: o.js, Layout: o.layout, Pipeline: o.config, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	for {
		committed := make([]uint64, o.layout.Partitions)
		for _, p := range e.Instance.Progress() {
			committed[p.Partition] = p.Committed
		}
		behind, err := jetstream.Behind(t.Context(), o.js, o.layout, committed)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Max(behind) == 0 {
			counts, _, _ = e.Totals()

			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d are not committed: %+v", behind, e.Instance.Progress())
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}

	return counts
}

func (o *operated) publish(t *testing.T, customer, ev string) {
	t.Helper()
	if _, err := o.js.Publish(t.Context(), "engagement.events."+event.Token(customer), []byte(ev)); err != nil {
		t.Fatal(err)
	}
}

func (o *operated) messages(t *testing.T, stream string) uint64 {
	t.Helper()
	found, err := o.js.Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}

	return found.CachedInfo().State.Msgs
}

func shopEvent(id, customer, eventType string) string {
	return `{"id":"` + id + `","time":"` + time.Now().UTC().Format(time.RFC3339) + `","customer":"` + customer + `","type":"` + eventType + `"}`
}

// An event on another customer's subject is a dead letter; requeue sends it
// under its own customer's, where it counts.
func TestDeadLettersAreListedAndSentAgain(t *testing.T) {
	o := startOperated(t)
	o.publish(t, otherPartition("ann"), shopEvent("1", "ann", "page.viewed"))
	o.publish(t, "ben", "no event \x1b[31m at all")
	o.process(t)

	code, stdout, stderr := command(t, "deadletters", "list")
	if code != exitOK || !strings.Contains(stdout, "misrouted") || !strings.Contains(stdout, "page.viewed") || !strings.Contains(stdout, "malformed") {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if strings.Contains(stdout, "\x1b") {
		t.Error("a control character of an event reaches the terminal")
	}

	_, stdout, _ = command(t, "deadletters", "list", "--reason", "misrouted", "--json")
	var line deadletterLine
	if err := json.Unmarshal([]byte(stdout), &line); err != nil {
		t.Fatalf("%q: %v", stdout, err)
	}
	if !strings.HasPrefix(line.Subject, "engagement.p.") {
		t.Errorf("subject %q", line.Subject)
	}
	for _, reason := range reasons() {
		if code, _, stderr := command(t, "deadletters", "list", "--reason", reason); code != exitOK {
			t.Errorf("--reason %s: exit code %d, %s", reason, code, stderr)
		}
	}
	if line.Reason != "misrouted" || line.Sequence == 0 || line.Record != "1" || line.Error == "" || line.Body == "" {
		t.Errorf("line %+v", line)
	}

	before := o.messages(t, "ENGAGEMENT")
	code, stdout, _ = command(t, "deadletters", "requeue", "--reason", "misrouted", "--dry-run")
	if code != exitOK || stdout != "Would send 1 events.\n" || o.messages(t, "ENGAGEMENT") != before {
		t.Errorf("dry run: exit code %d, %q, %d messages before and %d after", code, stdout, before, o.messages(t, "ENGAGEMENT"))
	}
	if code, _, stderr = command(t, "deadletters", "requeue", "--reason", "misrouted"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	code, _, stderr = command(t, "deadletters", "requeue", "--reason", "malformed")
	if code != exitFailure || !strings.Contains(stderr, "can't be sent as it is") || !strings.Contains(stderr, "repair the events") {
		t.Errorf("a malformed event: exit code %d, %q", code, stderr)
	}

	counts := o.process(t)
	if counts.Processed != 1 || counts.DeadLetters != 2 {
		t.Errorf("%+v after requeue, want 1 processed and the 2 dead letters from before", counts)
	}
}

// otherPartition is a customer whose events are in the other of two partitions.
func otherPartition(customer string) string {
	for i := 0; ; i++ {
		if other := fmt.Sprintf("other-%d", i); event.PartitionOf(other, 2) != event.PartitionOf(customer, 2) {
			return other
		}
	}
}

func TestRequeueWantsAChoice(t *testing.T) {
	clearEnvironment(t)
	for _, args := range [][]string{{}, {"3", "--reason", "malformed"}, {"--reason", "nonsense"}} {
		code, _, stderr := command(t, append([]string{"deadletters", "requeue"}, args...)...)
		if code != exitUsage || !strings.Contains(stderr, "reason") {
			t.Errorf("%v: exit code %d, %q", args, code, stderr)
		}
	}
	startOperated(t)
	code, _, stderr := command(t, "deadletters", "requeue", "4711")
	if code != exitFailure || !strings.Contains(stderr, "4711") || !strings.Contains(stderr, "ebb deadletters list") {
		t.Errorf("a dead letter that isn't there: exit code %d, %q", code, stderr)
	}
}

func TestStatusShowsHowFarPartitionsHaveCome(t *testing.T) {
	o := startOperated(t)
	code, stdout, stderr := command(t, "status")
	if code != exitOK || strings.Count(stdout, "not started") != 2 {
		t.Fatalf("before the first start: exit code %d\n%s%s", code, stdout, stderr)
	}

	for _, customer := range []string{"ann", "ben", "cleo", "dora"} {
		o.publish(t, customer, shopEvent("1", customer, "page.viewed"))
	}
	o.process(t)
	o.publish(t, "ann", shopEvent("2", "ann", "page.viewed"))

	code, stdout, stderr = command(t, "status", "--json")
	var got status.Status
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, stdout, stderr)
	}
	if got.Stream.Name != "ENGAGEMENT" || got.Stream.Last == 0 || got.Stream.Messages < 5 || got.Import != nil {
		t.Errorf("stream %+v, import %v", got.Stream, got.Import)
	}
	if len(got.Partitions) != 2 {
		t.Fatalf("%d partitions, want 2", len(got.Partitions))
	}
	for i, p := range got.Partitions {
		if p.Partition != i || !p.Started || p.Cursor == 0 || p.Cut == 0 || p.Generation == 0 || time.Since(p.CursorTime) > time.Hour {
			t.Errorf("partition %+v", p)
		}
		if want := map[bool]uint64{true: 1}[i == event.PartitionOf("ann", 2)]; p.Behind != want {
			t.Errorf("partition %d is behind %d, want %d: ticks are not lag", i, p.Behind, want)
		}
		if p.Format != section.Format || p.Sections.Format() != section.Format || !strings.Contains(string(p.Sections), " customers.1 ") {
			t.Errorf("the snapshot is of format %d, with sections %s", p.Format, p.Sections)
		}
		if p.Markers["rollups"] == 0 || len(p.Markers) != shard.Streams {
			t.Errorf("markers %v", p.Markers)
		}
	}

	code, stdout, _ = command(t, "status")
	if code != exitOK || !strings.Contains(stdout, "PARTITION") || !strings.Contains(stdout, "Stream ENGAGEMENT: ") ||
		!strings.Contains(stdout, "Snapshots of format 6: 2; this ebb writes format 6\n") || strings.Contains(stdout, "not started") {
		t.Errorf("exit code %d\n%s", code, stdout)
	}
}

func TestStatusShowsASilentFeed(t *testing.T) {
	silent := shard.FeedState{Silent: true, Channels: "email,web", Since: 1_767_225_600_000, Held: 3}
	email := shard.FeedState{Channels: "email", Since: 1_767_229_200_000, Held: 1}
	s := &status.Status{Partitions: []status.PartitionStatus{
		{Feed: status.FeedOf(&silent)}, {Feed: status.FeedOf(&email)}, {Feed: status.FeedOf(&shard.FeedState{})},
	}}
	var text strings.Builder
	if err := s.Print(&text, call.Given{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"The input is SILENT in 2 of 3 partitions since 2026-01-01T00:00:00Z. Check the producers",
		"  all: in 1 partitions\n  email: in 2 partitions\n  web: in 1 partitions\n",
		"Signals of 4 customers are held",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("status lacks %q:\n%s", want, text.String())
		}
	}
	data, err := json.Marshal(s.Partitions[2].Feed)
	if err != nil || string(data) != `{"silent":false,"channels":null,"since":null,"held":0}` {
		t.Errorf("%v: a feed that is there is %s", err, data)
	}
}

func TestOperatorIsToldOfASilentFeed(t *testing.T) {
	var text strings.Builder
	o := serve.NewObserver(slog.New(slog.NewTextHandler(&text, nil)), nil)
	o.Committed(&shard.Cut{Changes: []wire.FeedRow{
		{State: wire.FeedSilent, Channel: "email", Observed: 1, Expected: 30.5, Since: 1_767_225_600_000},
		{State: wire.FeedGivenUp}, {State: wire.FeedBack},
	}}, 3)
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	for i, want := range []string{"level=WARN", "level=WARN", "level=INFO"} {
		if len(lines) != 3 || !strings.Contains(lines[i], want) {
			t.Fatalf("log\n%s", text.String())
		}
	}
	if !strings.Contains(lines[0], "check the producers") || !strings.Contains(lines[0], "channel=email since=2026-01-01T00:00:00Z events=1 expected=30.5") {
		t.Errorf("line %s", lines[0])
	}
}

func TestOperatorIsToldOfALeap(t *testing.T) {
	leap := clock.Leap{Ahead: 40 * 24 * 3600_000, Since: 1_767_225_600_000, Waiting: 2}
	var log, text strings.Builder
	o := serve.NewObserver(slog.New(slog.NewTextHandler(&log, nil)), nil)
	for _, cut := range []shard.Cut{{Partition: 1}, {Partition: 1, Leap: leap}, {Partition: 1, Leap: leap}, {Partition: 1}} {
		o.Committed(&cut, 1)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "partition=1 ahead=960h0m0s since=2026-01-01T00:00:00Z") || !strings.Contains(lines[1], "is settled") {
		t.Errorf("log\n%s", log.String())
	}

	newest := time.UnixMilli(1_767_225_600_000)
	s := &status.Status{Stream: status.StreamStatus{LastTime: newest}, Partitions: []status.PartitionStatus{
		{Leap: status.LeapOf(&leap), Clock: newest}, {Clock: newest.AddDate(12, 0, 0)}, {Clock: newest.Add(time.Hour)},
		{Clock: newest.Add(2 * time.Minute)},
	}}
	if err := s.Print(&text, call.Given{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"STORE TIMES are up to 960h0m0s ahead of what producers say in 1 of 4 partitions",
		"The newest record is up to 1h0m0s behind the CLOCK of 1 of 4 partitions",
		"The CLOCK of 1 of 4 partitions is at 2038-01-01T00:00:00Z,\nahead of the newest record",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("status lacks %q:\n%s", want, text.String())
		}
	}
	for line := range strings.Lines(text.String()) {
		if len(line) > 81 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
}

func TestCommandsSayWhatIsMissing(t *testing.T) {
	clearEnvironment(t)
	url := localtest.NATS(t)
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no stream", []string{"status", "--nats.url", url}, "there is no stream ENGAGEMENT; `ebb run --nats.url " + url + "` with the same settings creates it"},
		{"no server", []string{"status", "--nats.url", "nats://127.0.0.1:1"}, "`ebb local --nats-port 1` starts one"},
		{"no ClickHouse", []string{"migrate", "--clickhouse.addr", "127.0.0.1:1"}, "127.0.0.1:1"},
		{"no password file", []string{"status", "--nats.url", url, "--nats.user", "a", "--nats.password_file", "/nowhere/secret"}, "/nowhere/secret"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, _, stderr := command(t, test.args...)
			if code != exitFailure || !strings.Contains(stderr, test.want) {
				t.Errorf("exit code %d and %q, want 1 and %q", code, stderr, test.want)
			}
		})
	}
}

func TestMigrateCreatesDatabaseAndTables(t *testing.T) {
	clearEnvironment(t)
	database := localtest.ClickHouse(t)
	args := []string{"migrate", "--clickhouse.addr", database.Addr, "--clickhouse.database", database.Name, "--ttl.signals", "90d"}
	for range 2 { // a second time changes nothing
		code, stdout, stderr := command(t, args...)
		if code != exitOK || !strings.Contains(stdout, "Database "+database.Name) {
			t.Fatalf("exit code %d, %q, %q", code, stdout, stderr)
		}
	}

	var engine string
	row := database.Open(t).QueryRow(t.Context(), "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = 'signals'")
	if err := row.Scan(&engine); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(engine, "TTL at + toIntervalSecond(7776000)") {
		t.Errorf("signals: %s, want a time to live of 90 days", engine)
	}
}

func TestDashboardsWritesFilesThatGrafanaCanRead(t *testing.T) {
	clearEnvironment(t)
	dir := t.TempDir()
	code, stdout, stderr := command(t, "dashboards", dir, "--json")
	var got struct{ Files []string }
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil {
		t.Fatalf("exit code %d, %v, %q", code, err, stderr)
	}
	if !strings.Contains(stdout, dir+"/dashboards/ebb-overview.json") || len(got.Files) < 3 {
		t.Errorf("files %q", got.Files)
	}
}

func TestPrintable(t *testing.T) {
	if got, want := term.Printable("a\tb\x1b[31m\xffé\n"), "a·b·[31m·é·"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var table bytes.Buffer
	if err := (&status.Status{}).Print(&table, call.Given{}); err != nil || !strings.Contains(table.String(), "last at never") {
		t.Errorf("empty status: %v\n%s", err, table.String())
	}
}
