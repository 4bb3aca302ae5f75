package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/sinks/clickhouse/clickhousetest"
)

// envSourceEvents says how many messages of each kind the stream of the test holds;
// make sources sets it.
const envSourceEvents = "EBB_TEST_SOURCE_EVENTS"

// order is an event that somebody else's systems have put into their stream.
type order struct {
	id, customer, name string
	at                 time.Time
	value              float64
}

// segmentNames are names of Segment's with the types that they mean.
func segmentNames() [][2]string {
	return [][2]string{{"Order Completed", "order.completed"}, {"Product Added", "cart.added"}, {"Email Opened", "email.opened"}}
}

func (o order) segment() []byte {
	return fmt.Appendf(nil, `{"type":"track","messageId":%q,"userId":%q,"event":%q,"timestamp":%q,"properties":{"revenue":%.2f,"currency":"EUR"}}`,
		o.id, o.customer, o.name, o.at.Format(time.RFC3339Nano), o.value)
}

func (o order) structured() []byte {
	return fmt.Appendf(nil, `{"specversion":"1.0","source":"/shop","id":%q,"type":"com.example.%s","subject":%q,"time":%q,"data":{"value":%.2f,"currency":"EUR"}}`,
		o.id, o.name, o.customer, o.at.Format(time.RFC3339Nano), o.value)
}

func (o order) binary(subject string) *nats.Msg {
	return &nats.Msg{Subject: subject, Data: fmt.Appendf(nil, `{"value":%.2f,"currency":"EUR"}`, o.value), Header: nats.Header{
		"ce-specversion": {"1.0"}, "ce-source": {"/shop"}, "ce-id": {o.id}, "ce-type": {"com.example." + o.name},
		"ce-subject": {o.customer}, "ce-time": {o.at.Format(time.RFC3339Nano)}, "Content-Type": {"application/json"},
	}}
}

// ordersOf are so many events of a kind between two times, in order, some without an id
// in the place of a Segment call.
func ordersOf(kind string, count int, from, to time.Time) []order {
	names := segmentNames()
	orders := make([]order, count)
	step := to.Sub(from) / time.Duration(count)
	for i := range orders {
		name := names[i%len(names)][0]
		if kind != "segment" {
			name = names[i%len(names)][1]
		}
		orders[i] = order{
			id: fmt.Sprintf("%s-%d-%d", kind, from.Unix(), i), customer: "customer-" + strconv.Itoa((i*7+i/13)%211), name: name,
			at: from.Add(time.Duration(i) * step).UTC().Truncate(time.Millisecond), value: float64(i%97) + 0.25,
		}
	}

	return orders
}

// sourced is a stream of somebody else's on a server that can be killed.
type sourced struct {
	*live
	server *process
	port   string
	dir    string
}

func newSourced(t *testing.T) *sourced {
	t.Helper()
	clearEnvironment(t)
	s := &sourced{live: &live{database: clickhousetest.Migrated(t)}, port: "0", dir: t.TempDir()}
	s.serve(t)
	for name, value := range map[string]string{
		"EBB_NATS_URL": s.url, "EBB_CLICKHOUSE_ADDR": s.database.Addr, "EBB_CLICKHOUSE_DATABASE": s.database.Name,
		"EBB_STREAM_PARTITIONS": strconv.Itoa(livePartitions), "EBB_METRICS": "base", "EBB_HTTP_LISTEN": "127.0.0.1:0",
		"EBB_TTL_ROLLUPS": "0s", "EBB_TTL_SIGNALS": "0s",
	} {
		t.Setenv(name, value)
	}
	s.conn = s.database.Open(t)
	conn, err := nats.Connect(s.url, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	if s.js, err = natsjs.New(conn); err != nil {
		t.Fatal(err)
	}
	if _, err := s.js.CreateStream(t.Context(), natsjs.StreamConfig{Name: "ORDERS", Subjects: []string{"orders.>"}}); err != nil {
		t.Fatal(err)
	}

	return s
}

// serve starts the server, at the same address if it ran before.
func (s *sourced) serve(t *testing.T) {
	t.Helper()
	s.server = startProcess(t, "local", "--no-clickhouse", "--dir", s.dir, "--nats-port", s.port)
	s.url = s.server.says(t, `EBB_NATS_URL=(\S+)`)
	s.port = s.url[strings.LastIndex(s.url, ":")+1:]
}

func (s *sourced) put(t *testing.T, messages ...*nats.Msg) {
	t.Helper()
	for i, m := range messages {
		if _, err := s.js.PublishMsgAsync(m); err != nil {
			t.Fatal(err)
		}
		if (i+1)%1000 != 0 && i+1 != len(messages) {
			continue
		}
		select {
		case <-s.js.PublishAsyncComplete():
		case <-time.After(30 * time.Second):
			t.Fatal("messages were not stored in 30 s")
		}
	}
}

// messagesOf are orders as Segment calls, and as CloudEvents in both modes.
func messagesOf(segment, structured, binary []order) []*nats.Msg {
	var all []*nats.Msg
	for _, o := range segment {
		all = append(all, &nats.Msg{Subject: "orders.segment", Data: o.segment()})
	}
	for _, o := range structured {
		all = append(all, &nats.Msg{Subject: "orders.structured", Data: o.structured(), Header: nats.Header{"Content-Type": {"application/cloudevents+json"}}})
	}
	for _, o := range binary {
		all = append(all, o.binary("orders.binary"))
	}

	return all
}

// fiveLines is the configuration.
const fiveLines = `sources:
  - name: orders
    stream: ORDERS
    format: auto
    from: beginning
`

// A stream with a past of 60 days, in three forms, and live messages behind it: each
// event counts once with its own time, through kills of ebb and of the server, and the
// figures of the past are those of `ebb replay` of the same events.
func TestSourceCountsEveryEventOnce(t *testing.T) {
	count := 600
	if text := os.Getenv(envSourceEvents); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	s := newSourced(t)
	end := time.Now().Add(-3 * 24 * time.Hour).Truncate(time.Hour)
	begin := end.Add(-60 * 24 * time.Hour)
	segment := ordersOf("segment", count, begin, end)
	structured := ordersOf("structured", count/2, begin.Add(time.Second), end)
	binary := ordersOf("binary", count/2, begin.Add(2*time.Second), end)
	s.put(t, messagesOf(segment, structured, binary)...)
	s.put(t, &nats.Msg{Subject: "orders.segment", Data: []byte(`{"type":"track","messageId":"bad","userId":"x","event":"Order Completed","timestamp":"yesterday"}`)})
	before := s.state(t)

	config := filepath.Join(t.TempDir(), "ebb.yaml")
	if err := os.WriteFile(config, []byte(fiveLines), 0o600); err != nil {
		t.Fatal(err)
	}
	p, _ := startSourced(t, config)
	s.killAt(t, p, count/2)
	p, _ = startSourced(t, config)
	s.kill(t, s.server)
	s.serve(t)
	total := uint64(2 * count)
	address := s.untilProcessed(t, p, total)
	if got := s.state(t); got != before {
		t.Errorf("the stream is %+v, was %+v", got, before)
	}

	// Live ones, while both are killed again.
	now := time.Now() // their minutes are over, so that nobody has to wait for windows
	lives := max(count/4, 40)
	live := ordersOf("segment", lives, now.Add(-4*time.Minute), now.Add(-2*time.Minute))
	s.put(t, messagesOf(live[:lives/2], nil, nil)...)
	eventually(t, "live events", func() bool { return processed(t, address) > total })
	s.kill(t, p)
	s.put(t, messagesOf(live[lives/2:lives*3/4], nil, nil)...)
	p, _ = startSourced(t, config)
	s.kill(t, s.server)
	s.serve(t)
	s.put(t, messagesOf(live[lives*3/4:], nil, nil)...)
	total += uint64(lives)
	s.untilProcessed(t, p, total)
	s.written(t, "ENGAGEMENT")
	if code := p.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d\n%s", code, p.output)
	}
	s.checkLetters(t)
	s.checkOnce(t, slices.Concat(segment, structured, binary, live))
	s.checkReplayed(t, segment, structured, binary)
}

// startSourced starts `ebb run`, and does not wait for more than its address.
func startSourced(t *testing.T, config string) (p *process, address string) {
	t.Helper()
	p = startProcess(t, "run", "--config", config)

	return p, "http://" + p.says(t, `serving metrics and health" listen=(\S+)`)
}

func (s *sourced) kill(t *testing.T, p *process) {
	t.Helper()
	if code := p.stop(t, syscall.SIGKILL); code != -1 {
		t.Fatalf("exit code %d after SIGKILL\n%s", code, p.output)
	}
}

// killAt kills ebb once so many events of the past are in the input.
func (s *sourced) killAt(t *testing.T, p *process, rows int) {
	t.Helper()
	eventually(t, "the import", func() bool {
		stream, err := s.js.Stream(t.Context(), "ENGAGEMENT")
		if err != nil {
			return false
		}
		m, err := stream.GetLastMsgForSubject(t.Context(), "engagement.import")
		var status struct {
			Rows int `json:"rows"`
		}

		return err == nil && json.Unmarshal(m.Data, &status) == nil && status.Rows >= min(rows, 1)
	})
	s.kill(t, p)
}

// untilProcessed waits until so many events were processed.
func (s *sourced) untilProcessed(t *testing.T, p *process, want uint64) string {
	t.Helper()
	address := "http://" + p.says(t, `serving metrics and health" listen=(\S+)`)
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		got := processed(t, address)
		if got == want {
			return address
		}
		if got > want || time.Now().After(deadline) {
			t.Fatalf("%d events processed, want %d\n%s", got, want, p.output)
		}
		select {
		case <-p.exited:
			t.Fatalf("ebb ended:\n%s", p.output)
		default:
		}
	}
}

// written waits until the rows of the last windows are in ClickHouse.
func (s *sourced) written(t *testing.T, stream string) {
	t.Helper()
	time.Sleep(2 * time.Second) // a cut, at least
	eventually(t, "the rows", func() bool {
		consumer, err := s.js.Consumer(t.Context(), stream+"_ROLLUPS", "clickhouse")
		if err != nil {
			return false
		}
		info := consumer.CachedInfo()

		return info.NumPending == 0 && info.NumAckPending == 0
	})
}

// sourceState is what must not change of a stream.
type sourceState struct {
	Messages, First, Last uint64
	Config                string
}

func (s *sourced) state(t *testing.T) sourceState {
	t.Helper()
	stream, err := s.js.Stream(t.Context(), "ORDERS")
	if err != nil {
		t.Fatal(err)
	}
	info := stream.CachedInfo()
	config, err := json.Marshal(info.Config)
	if err != nil {
		t.Fatal(err)
	}

	return sourceState{info.State.Msgs, info.State.FirstSeq, info.State.LastSeq, string(config)}
}

// checkLetters checks the dead letter of the message that could not be read.
func (s *sourced) checkLetters(t *testing.T) {
	t.Helper()
	stream, err := s.js.Stream(t.Context(), "ENGAGEMENT_DEADLETTERS")
	if err != nil {
		t.Fatal(err)
	}
	letter, err := stream.GetLastMsgForSubject(t.Context(), "engagement.deadletters.invalid_field")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"source orders, stream ORDERS, sequence ", "format segment: segment timestamp is "} {
		if text := letter.Header.Get(event.HeaderError); !strings.Contains(text, part) {
			t.Errorf("the dead letter says %q, without %q", text, part)
		}
	}
}

// checkOnce compares the events that stand in the input, in whatever form, with those
// that were sent: each is there once, or its copies are the same event, with its time.
func (s *sourced) checkOnce(t *testing.T, all []order) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// Windows of a minute that follow one another count every event once.
	var got uint64
	if err := s.conn.QueryRow(ctx, "SELECT toUInt64(sum(events)) FROM valid_rollups_total WHERE window = '1m'").Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != uint64(len(all)) {
		t.Errorf("the windows of a minute have counted %d events, want %d", got, len(all))
	}
	days := map[string]uint64{}
	for _, o := range all {
		days[o.at.Format(time.DateOnly)]++
	}
	rows, err := s.conn.Query(ctx, "SELECT toString(toDate(window_end - INTERVAL 1 MILLISECOND)) AS date, toUInt64(sum(events)) FROM valid_rollups_total WHERE window = '1m' GROUP BY date")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var date string
		var n uint64
		if err := rows.Scan(&date, &n); err != nil {
			t.Fatal(err)
		}
		if days[date] != n {
			t.Errorf("%d events on %s, want %d", n, date, days[date])
		}
	}
}

// checkReplayed imports the same events with `ebb replay` into another database, and
// compares all windows of the past.
func (s *sourced) checkReplayed(t *testing.T, segment, structured, binary []order) {
	t.Helper()
	other := clickhousetest.Migrated(t)
	file := filepath.Join(t.TempDir(), "events.jsonl")
	var lines []byte
	for _, o := range segment {
		lines = append(append(lines, o.segment()...), '\n')
	}
	for _, o := range slices.Concat(structured, binary) {
		lines = append(append(lines, o.structured()...), '\n')
	}
	if err := os.WriteFile(file, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("EBB_STREAM_PREFIX", "replayed")
	t.Setenv("EBB_CLICKHOUSE_ADDR", other.Addr)
	t.Setenv("EBB_CLICKHOUSE_DATABASE", other.Name)
	p, address := startRun(t)
	if code, out, text := command(t, "replay", file, "--format", "auto"); code != exitOK {
		t.Fatalf("replay: exit code %d %s %s", code, out, text)
	}
	want := uint64(len(segment) + len(structured) + len(binary))
	eventually(t, "the replay", func() bool { return processed(t, address) == want })
	s.written(t, "REPLAYED")
	if code := p.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d\n%s", code, p.output)
	}
	// When a row was published depends on where ticks stood, by the number of rows before,
	// and the stream has one more: the message that can't be read.
	last := segment[len(segment)-1].at.Add(-time.Hour).UnixMilli()
	conn := other.Open(t)
	for _, table := range []string{"valid_rollups_total", "valid_rollups_kind", "valid_rollups_channel", "valid_rollups_type"} {
		query := fmt.Sprintf("SELECT toString(tuple(* EXCEPT (version, clock, era))) AS row FROM %s WHERE window_end <= fromUnixTimestamp64Milli(%d) ORDER BY row", table, last)
		mine, theirs := rowsOf(t, s.conn, query), rowsOf(t, conn, query)
		if len(theirs) == 0 || !slices.Equal(mine, theirs) {
			t.Errorf("%s: %d rows, and %d of the replay; or they differ", table, len(mine), len(theirs))
			for i := range min(len(mine), len(theirs)) {
				if mine[i] != theirs[i] {
					t.Errorf("row %d\n%s\nand of the replay\n%s", i, mine[i], theirs[i])

					break
				}
			}

			continue
		}
		t.Logf("%s: %d rows are those of the replay", table, len(theirs))
	}
}

func rowsOf(t *testing.T, conn driver.Conn, query string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		found = append(found, row)
	}

	return found
}

// History beside live events: a source with it is not begun, and says so; a second ebb
// beside, with the old one's input as another source, has both in the order of time.
func TestSourceBesideLiveEvents(t *testing.T) {
	s := newSourced(t)
	t.Setenv("EBB_CLICKHOUSE_ENABLED", "false")
	config := func(text string) string {
		file := filepath.Join(t.TempDir(), "ebb.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}

		return file
	}
	old, address := startRun(t, "--config", config("lateness: 10m\n"))
	const direct = 60
	now := time.Now()
	for i, o := range ordersOf("direct", direct, now.Add(-4*time.Minute), now.Add(-time.Minute)) {
		s.publish(t, o.customer, eventAt(o.id, o.customer, "page.viewed", o.at))
		if i == 0 {
			eventually(t, "the first event", func() bool { return processed(t, address) == 1 })
		}
	}
	past := ordersOf("segment", 300, now.Add(-20*24*time.Hour), now.Add(-2*time.Hour))
	s.put(t, messagesOf(past, nil, nil)...)
	eventually(t, "live events", func() bool { return processed(t, address) == direct })
	if code := old.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, old.output)
	}

	old, address = startRun(t, "--config", config(fiveLines))
	eventually(t, "the source to be blocked", func() bool {
		_, text := fetch(t, address+"/readyz")

		return strings.Contains(text, "source_away") && strings.Contains(text, "build beside")
	})

	beside := config(fiveLines + "  - {name: before, stream: ENGAGEMENT, subjects: [engagement.p.*], format: native}\nstream: {prefix: second}\n")
	second, secondAt := startSourced(t, beside)
	s.untilProcessed(t, second, direct+300)
	s.put(t, messagesOf(ordersOf("segment", 10, time.Now().Add(-time.Minute), time.Now()), nil, nil)...)
	o := ordersOf("direct", 1, time.Now(), time.Now().Add(time.Second))[0]
	s.publish(t, o.customer, eventAt("last", o.customer, "page.viewed", time.Now()))
	s.untilProcessed(t, second, direct+300+11)
	if late := outcomes(t, secondAt, "late_dropped", "duplicates", "dead_letters"); late > 0 {
		t.Errorf("%d events of the second are late, there twice or refused", late)
	}
	code, out, text := command(t, "source", "list", "--config", beside)
	if code != exitOK || strings.Count(out, "live") != 2 {
		t.Errorf("source list: exit code %d\n%s%s", code, out, text)
	}
	code, out, text = command(t, "status", "--stream.prefix", "second")
	if code != exitOK || !strings.Contains(out, "orders  ORDERS") || !strings.Contains(out, "before  ENGAGEMENT") {
		t.Errorf("status: exit code %d\n%s%s", code, out, text)
	}
	code, out, text = command(t, "source", "try", "orders", "--events", "3", "--json", "--config", beside)
	if code != exitOK || strings.Count(out, `"format":"segment"`) != 3 {
		t.Errorf("source try: exit code %d\n%s%s", code, out, text)
	}
	code, out, text = command(t, "check", "--config", beside)
	if !strings.Contains(out, "source orders: stream ORDERS: message 1 is read as segment") || !strings.Contains(out, "source before: stream ENGAGEMENT: ") {
		t.Errorf("check: exit code %d\n%s%s", code, out, text)
	}
	for _, p := range []*process{old, second} {
		if code := p.stop(t, syscall.SIGTERM); code != exitOK {
			t.Errorf("exit code %d\n%s", code, p.output)
		}
	}
}
