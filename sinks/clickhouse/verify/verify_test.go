package verify_test

import (
	"fmt"
	"iter"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
	"ebb/sinks/clickhouse/clickhousetest"
	"ebb/sinks/clickhouse/verify"
)

// settingsOf are the verifier's words for a pipeline's configuration.
func settingsOf(t *testing.T, c meaning.Config) verify.Settings {
	t.Helper()
	vocab, err := vocabulary.NewVocabulary(c.Vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	s := verify.Settings{
		Partitions: c.Partitions, Lateness: c.Lateness, Skew: c.Skew,
		CutInterval: c.CutInterval, CutRecords: c.CutRecords, MaxEventBytes: c.MaxEventBytes,
		RejectUnknown:   c.Vocabulary.UnknownTypes == vocabulary.RejectUnknown,
		ForgetByCommand: c.ForgetByCommand,
		Horizon:         time.Duration(c.Churn.Horizon) * time.Millisecond,
		ScannerWithin:   time.Duration(c.Churn.ScannerWithin) * time.Millisecond,
		Channels:        vocab.Channels(), Currencies: vocabulary.Currencies(), Currency: c.Currency, Zone: c.Zone,
		Unusual: c.Churn.Unusual, ContactCost: c.Churn.ContactCost, Uplift: c.Churn.Uplift,
	}
	if s.Words, err = churn.Dictionary(c.Churn.Language, c.Churn.Horizon); err != nil {
		t.Fatal(err)
	}
	s.Keep, s.KeepAnonymous = c.KeepSpans()
	for _, n := range vocab.Names() {
		s.Types = append(s.Types, verify.Type{Name: n.Name, Type: n.Type, Kind: n.Kind.String(), Channel: n.Channel, Stage: n.Stage.String(), Qualifying: n.Qualifying, Ends: n.Ends, Negative: n.Negative, Contacts: n.Contacts, Money: int8(n.Money), Worst: n.Scale.Worst, Best: n.Scale.Best, BySurvey: n.BySurvey, Weight: n.Weight})
	}
	s.Metrics = c.Metrics
	for _, r := range c.Rollups {
		s.Rollups = append(s.Rollups, verify.Rollup{Name: r.Name, By: r.By, Value: r.Value, AtMost: r.Most(), Types: r.Types, Metric: r.Metric})
	}
	for _, l := range c.Lengths {
		s.Windows = append(s.Windows, verify.Window{
			Name: l.Name, Size: time.Duration(l.Size) * time.Millisecond, Slide: time.Duration(l.Slide) * time.Millisecond,
		})
	}

	return s
}

// proof is a database with the tables of a run of the real shards over records.
type proof struct {
	conn     driver.Conn
	settings verify.Settings
	records  []event.Record
	counts   shard.Counts
}

func prove(t *testing.T, c meaning.Config, records []event.Record) *proof {
	t.Helper()
	conn := clickhousetest.Migrated(t).Open(t)

	return proveIn(t, conn, c, 0, records)
}

// proveIn writes the rows of an era to a database that may hold others.
func proveIn(t *testing.T, conn driver.Conn, c meaning.Config, era int64, records []event.Record) *proof {
	t.Helper()
	p := &proof{conn: conn, settings: settingsOf(t, c), records: records}
	p.settings.Era = era
	sink := clickhouse.New(p.conn)
	batch := &sinks.Batch{}
	emit := func(cut *shard.Cut) { addCut(t, batch, cut) }
	shards := make([]*shard.Shard, c.Partitions)
	for i := range shards {
		sh, err := shard.NewShard(c, i)
		if err != nil {
			t.Fatal(err)
		}
		sh.BelongTo(era)
		shards[i] = sh
	}
	for i := range records {
		if err := shards[records[i].Partition].Process(&records[i], emit); err != nil {
			t.Fatal(err)
		}
		if batch.Rows() > 50_000 {
			write(t, sink, batch)
			*batch = sinks.Batch{}
		}
	}
	write(t, sink, batch)
	for _, shard := range shards {
		p.counts.Add(shard.Counts())
	}
	if err := verify.Load(t.Context(), p.conn, raw(records)); err != nil {
		t.Fatal(err)
	}

	return p
}

func write(t *testing.T, sink sinks.Sink, batch *sinks.Batch) {
	t.Helper()
	if err := sink.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

// addCut decodes what a cut publishes, as the feed of the sink would.
func addCut(t *testing.T, batch *sinks.Batch, cut *shard.Cut) {
	for _, m := range cut.Outputs[shard.Rollups] {
		if err := batch.AddRollup(m.Data); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range cut.Outputs[shard.Signals] {
		if err := batch.AddSignal(m.Data); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range cut.Outputs[shard.DeadLetters] {
		batch.AddDeadLetter(sinks.Message{
			Subject: m.Subject, Sequence: cut.Sequence, Data: m.Data,
			Header: func(name string) string { return m.Header[name] },
		})
	}
}

// raw is the records as the input stream holds them.
func raw(records []event.Record) iter.Seq2[verify.Record, error] {
	return func(yield func(verify.Record, error) bool) {
		for _, r := range records {
			out := verify.Record{
				Sequence: r.Sequence, Partition: uint16(r.Partition), Lane: string("pch"[r.Lane]),
				Control: r.Control.String(), Forged: r.Forged, Unclocked: r.Unclocked, Rows: r.Rows, Clock: r.Clock, Stored: r.Stored, Body: r.Data,
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

func (p *proof) run(t *testing.T) verify.Report {
	t.Helper()

	return p.only(t)
}

// only compares those tables, and all where none is named.
func (p *proof) only(t *testing.T, tables ...string) verify.Report {
	t.Helper()
	s := p.settings
	s.Only = tables
	report, err := verify.Run(t.Context(), p.conn, s, nil)
	if err != nil {
		t.Fatal(err)
	}

	return report
}

// expectOK checks the report, and its totals against the shards' own counts.
func (p *proof) expectOK(t *testing.T, report verify.Report) {
	t.Helper()
	for _, table := range report.Tables {
		if !table.OK() {
			t.Errorf("%s %s: %d compared, %d missing, %d extra, %d different:\n%s", table.Table, table.Window,
				table.Compared, table.Missing, table.Extra, table.Different, strings.Join(table.Examples, "\n"))
		}
	}
	want := verify.Totals{
		Processed: p.counts.Processed, Duplicates: p.counts.Duplicates,
		DeadLetters: p.counts.DeadLetters, LateDropped: p.counts.LateDropped,
	}
	want.Published = want.Processed + want.Duplicates + want.DeadLetters + want.LateDropped
	if report.Totals != want {
		t.Errorf("totals are %+v, want %+v", report.Totals, want)
	}
}

// config is that of the tests: few partitions, so that customers meet, and the base
// metrics; measured has all of them.
func config() meaning.Config {
	c := measured()
	c.Metrics = metric.Base()

	return c
}

func measured() meaning.Config {
	c := meaning.DefaultConfig()
	c.Partitions = 3
	c.StoreStep = 100 * 365 * 24 * time.Hour // quiet times end with any record; the proof knows of no leaps

	return c
}

func TestTablesOfALiveStreamAreProved(t *testing.T) {
	s := newStream(1, measured())
	s.live(2_500)
	p := prove(t, measured(), s.records)
	report := p.run(t)
	p.expectOK(t, report)
	if report.Rows() < 10_000 || report.Totals.Duplicates == 0 || report.Totals.LateDropped == 0 || report.Totals.DeadLetters == 0 {
		t.Errorf("the stream is no test: %d rows, totals %+v", report.Rows(), report.Totals)
	}
}

func TestTablesOfAnImportAreProved(t *testing.T) {
	s := newStream(2, measured())
	s.history(1_000, true)
	s.live(300)
	p := prove(t, measured(), s.records)
	p.settings.ChunkEvents = 300 // makes several chunks
	p.expectOK(t, p.run(t))
}

func TestAFrozenImportIsProved(t *testing.T) {
	c := config()
	c.CutRecords = 100
	c.Vocabulary.UnknownTypes = vocabulary.RejectUnknown
	s := newStream(3, c)
	s.live(200)
	s.history(1_000, false)
	p := prove(t, c, s.records)
	p.expectOK(t, p.run(t))
}

// Rows that retention would remove at once are neither produced nor missed,
// and each import has the say of what ends behind its start.
func TestExpiredWindowsAreProved(t *testing.T) {
	s := newStream(11, config())
	s.live(300)
	middle := s.clock + 60_000 + 100*30_000
	s.expired = fmt.Sprintf(`,"expired":{"1m":%d,"5m":%d,"28d":-5}`, middle, int64(1)<<60)
	s.history(400, true)
	s.live(200)
	s.expired = fmt.Sprintf(`,"expired":{"1m":%d}`, middle+1_000)
	s.history(300, true)
	s.live(100)
	p := prove(t, config(), s.records)
	p.expectOK(t, p.run(t))

	for window, want := range map[string]uint64{"1m": 1, "5m": 0, "1h": 1} {
		var rows uint64
		if err := p.conn.QueryRow(t.Context(), "SELECT countIf(window_end > fromUnixTimestamp64Milli({from:Int64}) AND window_end <= fromUnixTimestamp64Milli({until:Int64})) FROM valid_rollups_total WHERE window = '"+window+"'",
			ch.Named("from", middle), ch.Named("until", middle+3_600_000)).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if rows < want || want == 0 && rows > 0 {
			t.Errorf("%d rows of %s behind the start of the import, want at least %d and none of 5m", rows, window, want)
		}
	}
	if err := p.conn.Exec(t.Context(), "INSERT INTO rollups_total (window, window_end, partition, events, customers, version, clock) VALUES ('1m', fromUnixTimestamp64Milli({at:Int64}), 1, 1, 1, 1, 0)",
		ch.Named("at", middle/60_000*60_000)); err != nil {
		t.Fatal(err)
	}
	if found := find(t, p.only(t, "rollups_total"), "rollups_total", "1m"); found.Extra != 1 {
		t.Errorf("an expired row that is there after all: %+v, want 1 extra", found)
	}
}

// A verifier that finds nothing proves nothing: each of these has to show, and nothing else,
// so that all was well before.
func TestTamperingIsReported(t *testing.T) {
	s := newStream(4, config())
	s.live(800)
	p := prove(t, config(), s.records)

	tampered := []struct {
		name, table, window string
		statement           string
		missing, extra      uint64
		different           uint64
	}{
		{
			"a figure", "rollups_total", "5m",
			"INSERT INTO rollups_total (window, window_end, partition, events, customers, version, clock) SELECT window, window_end, partition, events + 1, customers, version + 1, clock FROM rollups_total FINAL WHERE window = '5m' ORDER BY window_end, partition LIMIT 1",
			0, 0, 1,
		},
		{
			"a distinct count", "rollups_kind", "1h",
			"INSERT INTO rollups_kind (window, window_end, kind, partition, events, customers, version, clock) SELECT window, window_end, kind, partition, events, customers + 1, version + 1, clock FROM rollups_kind FINAL WHERE window = '1h' AND kind = 'active' ORDER BY window_end, partition LIMIT 1",
			0, 0, 1,
		},
		{
			"a removed row", "rollups_channel", "1m",
			"ALTER TABLE rollups_channel DELETE WHERE (window, window_end, channel, partition) = (SELECT window, window_end, channel, partition FROM rollups_channel FINAL WHERE window = '1m' ORDER BY window_end, channel, partition LIMIT 1) SETTINGS mutations_sync = 2",
			1, 0, 0,
		},
		{
			"an added row", "rollups_type", "24h",
			"INSERT INTO rollups_type (window, window_end, type, currency, partition, events, value_sum, version, clock) VALUES ('24h', '2100-01-01 00:00:00', 'page.viewed', 'EUR', 1, 1, 1, 1, 0)",
			0, 1, 0,
		},
		{
			"an added row of no partition", "rollups_total", "1m",
			"INSERT INTO rollups_total (window, window_end, partition, events, customers, version, clock) VALUES ('1m', '2004-01-01 00:00:00', 999, 1, 1, 1, 0)",
			0, 1, 0,
		},
		{
			"a changed sum", "rollups_type", "28d",
			"INSERT INTO rollups_type (window, window_end, type, currency, partition, events, value_sum, version, clock) SELECT window, window_end, type, currency, partition, events, value_sum - 1, version + 1, clock FROM rollups_type FINAL WHERE window = '28d' ORDER BY window_end, type, currency, partition LIMIT 1",
			0, 0, 1,
		},
		{
			"a late event's customer", "late", "",
			"INSERT INTO late SELECT sequence, row, partition, time, clock, 'someone else', id, type, version + 1, era FROM late FINAL ORDER BY sequence LIMIT 1",
			0, 0, 1,
		},
		{
			"a dead letter's bytes", "deadletters", "",
			"INSERT INTO deadletters SELECT reason, sequence, row, subject, partition, time, error, concat(body, ' '), version + 1, era FROM deadletters FINAL ORDER BY sequence LIMIT 1",
			1, 0, 1, // with the one below
		},
		{
			"a removed dead letter", "deadletters", "",
			"ALTER TABLE deadletters DELETE WHERE sequence = (SELECT max(sequence) FROM deadletters) SETTINGS mutations_sync = 2",
			1, 0, 1, // with the one above
		},
	}
	for _, test := range tampered {
		if err := p.conn.Exec(t.Context(), test.statement); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
	}
	report := p.run(t)
	touched := map[string]bool{}
	for _, test := range tampered {
		touched[test.table+test.window] = true
		found := find(t, report, test.table, test.window)
		if found.Missing != test.missing || found.Extra != test.extra || found.Different != test.different || len(found.Examples) == 0 {
			t.Errorf("%s: report is %+v, want %d missing, %d extra and %d different, with an example",
				test.name, found, test.missing, test.extra, test.different)
		}
	}
	for _, found := range report.Tables {
		if !touched[found.Table+found.Window] && !found.OK() {
			t.Errorf("nobody touched it, but report is %+v", found)
		}
	}

	// Tables by name are compared as they are among all.
	some := []string{"rollups_total", "rollups_interactions", "census_reach_daily", "deadletters", "values"}
	figures := func(tables []verify.TableReport) (out []verify.TableReport) {
		for _, found := range tables {
			if slices.Contains(some, found.Table) {
				found.Examples = nil // in any order
				out = append(out, found)
			}
		}

		return out
	}
	only := p.only(t, some...)
	if got, want := figures(only.Tables), figures(report.Tables); len(got) != len(only.Tables) || !reflect.DeepEqual(got, want) {
		t.Errorf("the report of some tables is %+v, want %+v", only.Tables, want)
	}
}

func find(t *testing.T, report verify.Report, table, window string) verify.TableReport {
	t.Helper()
	for _, r := range report.Tables {
		if r.Table == table && r.Window == window {
			return r
		}
	}
	t.Fatalf("no report of table %s, window %q", table, window)

	return verify.TableReport{}
}

// Every case of the decoder's table of bad input is judged the same in SQL, but
// for those that parsed.sql names as beyond it.
func TestVerdictsOnBadInput(t *testing.T) {
	beyond := map[string]bool{
		"property twice": true, "property twice, once escaped": true, "property twice, deeper": true, "property twice among many": true,
		"65 deep in arrays": true, "65 deep in objects": true, "deep in an unknown field": true,
	}
	c := config()
	c.Partitions = 1
	s := newStream(6, c)
	for _, name := range []string{"cases.txt", "oversize.txt"} {
		text, err := os.ReadFile("../../../pipeline/testdata/badinput/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Split(strings.TrimRight(line, "\n"), "\t")
			if len(fields) != 3 || strings.HasPrefix(line, "#") || beyond[fields[0]] {
				continue
			}
			body, err := strconv.Unquote(fields[2])
			if err != nil {
				t.Fatalf("%s: %v", fields[0], err)
			}
			s.add(event.Record{Clock: begin, Lane: event.LaneEvent, Data: []byte(body)})
		}
	}
	s.ticks(event.LaneControl, begin+5_000)
	p := prove(t, c, s.records)
	p.settings.Windows = p.settings.Windows[:1]
	p.expectOK(t, p.run(t))
	if len(s.records) < 100 {
		t.Errorf("only %d cases", len(s.records))
	}
}

func TestDropLeavesNothing(t *testing.T) {
	s := newStream(5, config())
	s.live(50)
	p := prove(t, config(), s.records)
	p.settings.Windows = p.settings.Windows[:1]
	p.run(t)
	if err := verify.Drop(t.Context(), p.conn); err != nil {
		t.Fatal(err)
	}
	var left uint64
	row := p.conn.QueryRow(t.Context(), "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name LIKE 'verify%'")
	if err := row.Scan(&left); err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("%d scratch tables are left", left)
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	conn := localtest.ClickHouse(t).Open(t)
	for name, change := range map[string]func(*verify.Settings){
		"partitions": func(s *verify.Settings) { s.Partitions = 0 },
		"lateness":   func(s *verify.Settings) { s.Lateness = -1 },
		"windows":    func(s *verify.Settings) { s.Windows = nil },
		"slide":      func(s *verify.Settings) { s.Windows[0].Slide = 7 * time.Second },
		"types":      func(s *verify.Settings) { s.Types = nil },
	} {
		s := settingsOf(t, config())
		change(&s)
		if _, err := verify.Run(t.Context(), conn, s, nil); err == nil {
			t.Errorf("settings with a wrong %s were taken", name)
		}
	}
}
