package verify

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// Report is what Run found.
type Report struct {
	Totals Totals
	Tables []TableReport

	// Unproved is how many signals are of customers whose history crosses a change
	// of the horizon, of how long customers stay, of their currency or of what a
	// scanner is: what such signals say follows from both configurations, which is
	// not derived. All rows of windows, late events and dead letters are.
	Unproved uint64

	// Crowded are partitions that had more customers than they may, so that some made
	// room for others, and those to which others moved from there: signals, censuses and
	// metrics that follow customers are not proved in them, nor customers of windows where
	// events followed them by an anonymous id. Full are those that may have had more rows of metrics than they
	// tell apart: their metrics are not proved.
	Crowded []uint16
	Full    []uint16

	// Unleveled are rollups of users by level of risk that are not proved, because the
	// database keeps signals for too short a time to tell the levels from.
	Unleveled []string

	// Erased are partitions out of which somebody was erased who was forgotten. Nothing
	// is proved in them; LeftOut is how many rows of rollups, signals, late events and
	// dead letters that concerns.
	Erased  []uint16
	LeftOut uint64
}

// Totals is what became of the records, as SQL sees it. Published is the sum of
// the other four: every event, and every control record that is refused.
type Totals struct {
	Published   uint64
	Processed   uint64
	Duplicates  uint64
	DeadLetters uint64
	LateDropped uint64
}

// TableReport is the comparison of one table, and for rollups of one window
// length.
type TableReport struct {
	Table     string
	Window    string   // of rollups, else ""
	Compared  uint64   // rows that are expected and there, equal or not
	Missing   uint64   // rows that are expected and not there
	Extra     uint64   // rows that are there and not expected
	Different uint64   // of those compared, rows with other figures
	Examples  []string // of the last three, up to 5
}

// OK says whether the table is what it should be.
func (t TableReport) OK() bool { return t.Missing+t.Extra+t.Different == 0 }

// OK says whether all tables are what they should be.
func (r Report) OK() bool {
	for _, t := range r.Tables {
		if !t.OK() {
			return false
		}
	}

	return true
}

// Rows is how many rows were compared.
func (r Report) Rows() uint64 {
	var rows uint64
	for _, t := range r.Tables {
		rows += t.Compared
	}

	return rows
}

// chunk is a range of partitions, both included.
type chunk struct{ low, high int }

func (c chunk) in(parameters map[string]string) map[string]string {
	return with(parameters, "low", strconv.Itoa(c.low), "high", strconv.Itoa(c.high))
}

// Run derives the rows from what Load has loaded and compares them with the
// tables of conn's database. progress, which may be nil, hears of each step. A
// difference is no error: it is in the report.
func Run(ctx context.Context, conn driver.Conn, s Settings, progress func(step string)) (Report, error) {
	s.setDefaults()
	if err := s.check(); err != nil {
		return Report{}, err
	}
	if progress == nil {
		progress = func(string) {}
	}
	var report Report
	var err error
	if report.Erased, report.LeftOut, err = leaveOut(ctx, conn, &s); err != nil {
		return Report{}, err
	}
	s.erased = report.Erased
	if err := derive(ctx, conn, &s, progress); err != nil {
		return Report{}, err
	}

	t := &report.Totals
	err = row(ctx, conn, "totals.sql", nil, &t.Published, &t.Processed, &t.Duplicates, &t.DeadLetters, &t.LateDropped)
	if err != nil {
		return Report{}, err
	}
	chunks, err := chunksBy(ctx, conn, "verify_accepted", s.ChunkEvents)
	if err != nil {
		return Report{}, err
	}
	chunks = without(chunks, report.Erased)
	var bounds limits
	if bounds.crowded, err = crowdedOf(ctx, conn, &s); err != nil {
		return Report{}, err
	}
	covered, err := coverage(ctx, conn, s.Era)
	if err != nil {
		return Report{}, err
	}
	lost, err := lostIn(ctx, conn, bounds.crowded)
	if err != nil {
		return Report{}, err
	}
	rolled, err := compareRollups(ctx, conn, chunks, lost, &s, covered, progress)
	if err != nil {
		return Report{}, err
	}
	report.Tables = append(report.Tables, rolled...)
	if all := s.metrics(windowed()); len(all) > 0 {
		progress("rollups of your own")
		if report.Unleveled, err = unleveled(ctx, conn, &s); err != nil {
			return Report{}, err
		}
		s.leftOut = report.Unleveled
		if err := deriveRollups(ctx, conn, &s, chunks, progress); err != nil {
			return Report{}, err
		}
		measured, err := compareMetrics(ctx, conn, all, chunks, &bounds, &s, covered, progress)
		if err != nil {
			return Report{}, err
		}
		report.Tables = append(report.Tables, measured...)
	}
	days, err := compareDays(ctx, conn, chunks, &bounds, &s, covered, progress)
	if err != nil {
		return Report{}, err
	}
	report.Tables = append(report.Tables, days...)
	if err := compareWhole(ctx, conn, apart(), &s, with(s.parameters(), "since", covered.since("")), &report, progress); err != nil {
		return Report{}, err
	}
	if s.wants(storied()...) {
		if err := stories(ctx, conn, &s, without(chunks, bounds.crowded), covered.since(""), &report, progress); err != nil {
			return Report{}, err
		}
	}
	if err := compareWhole(ctx, conn, copied(), &s, nil, &report, progress); err != nil {
		return Report{}, err
	}
	report.Crowded, report.Full = bounds.crowded, bounds.full

	return report, nil
}

// compareWhole compares tables of which each has a file that compares all of it.
func compareWhole(
	ctx context.Context, conn driver.Conn, tables []string, s *Settings, parameters map[string]string, report *Report, progress func(string),
) error {
	for _, table := range tables {
		if !s.wants(table) {
			continue
		}
		progress(table)
		found := TableReport{Table: table}
		if err := compare(ctx, conn, table+".sql", parameters, &found); err != nil {
			return err
		}
		report.Tables = append(report.Tables, found)
	}

	return nil
}

// apart are the tables of what counts in no window.
func apart() []string { return []string{"late", "deadletters"} }

// basic are the tables that every stream has rows in.
func basic() []string { return []string{"total", "kind", "channel", "type"} }

// Comparisons is how many reports a proof of all tables has, of so many lengths of
// windows: of each table of windows one a length, and one of each other table.
func Comparisons(lengths int) int {
	return (len(basic())+len(windowed()))*lengths + len(daily()) + len(apart()) + len(storied()) + len(copied())
}

// copied are the tables that the server fills from signals, of which each has a file.
func copied() []string { return []string{"level_changes", "newest_signals"} }

// compareDays compares the tables of censuses and cohorts. Where none of them was ever
// on and none has a row, nothing of days is derived.
func compareDays(
	ctx context.Context, conn driver.Conn, chunks []chunk, bounds *limits, s *Settings, covered covered, progress func(string),
) (reports []TableReport, _ error) {
	wanted := s.metrics(daily())
	held, err := heldBy(ctx, conn)
	if err != nil {
		return nil, err
	}
	idle := func(m *metric.Metric) bool { return len(s.versionsOf(m.Name)) == 0 && !held.any(string(m.Table())) }
	if !slices.ContainsFunc(wanted, func(m *metric.Metric) bool { return !idle(m) }) {
		for _, m := range wanted {
			reports = append(reports, TableReport{Table: string(m.Table())})
		}

		return reports, nil
	}
	progress("days")
	if err := deriveDays(ctx, conn, s, chunks, progress); err != nil {
		return nil, err
	}
	parameters := with(s.parameters(), "since", covered.since(""))
	for _, c := range metric.Censuses() {
		m := c.Rows()
		if !s.wants(string(m.Table())) {
			continue
		}
		progress(string(m.Table()))
		found, err := compareCensus(ctx, conn, m, bounds.chunksOf(m, chunks), s, parameters)
		if err != nil {
			return nil, err
		}
		reports = append(reports, found)
	}
	for _, c := range metric.AllCohorts() {
		if !s.wants(string(c.Table())) {
			continue
		}
		progress(string(c.Table()))
		found, err := compareCohort(ctx, conn, c, chunks, s, parameters)
		if err != nil {
			return nil, err
		}
		reports = append(reports, found)
	}

	return reports, nil
}

// windowed are the metrics whose rows are of windows.
func windowed() []*metric.Metric {
	return slices.DeleteFunc(metric.Tables(), (*metric.Metric).Daily)
}

// metrics are those of all whose tables are to be compared.
func (s *Settings) metrics(all []*metric.Metric) []*metric.Metric {
	return slices.DeleteFunc(all, func(m *metric.Metric) bool { return !s.wants(string(m.Table())) })
}

// daily are the metrics whose rows are of days: censuses and cohorts.
func daily() []*metric.Metric {
	return slices.DeleteFunc(metric.Tables(), func(m *metric.Metric) bool { return !m.Daily() })
}

// derive fills the scratch tables, from the raw records to the accepted events.
func derive(ctx context.Context, conn driver.Conn, s *Settings, progress func(string)) error {
	if err := loadSettings(ctx, conn, s); err != nil {
		return err
	}
	for _, table := range []string{"clocks", "kept", "begun", "spans", "crossing", "expired", "horizon", "parsed", "customers", "verdicts", "heard_before", "arrived", "lived", "lifetimes", "accepted", "left", "came", "carried"} {
		if err := conn.Exec(ctx, "TRUNCATE TABLE verify_"+table); err != nil {
			return fmt.Errorf("verify: table verify_%s: %w", table, err)
		}
	}
	chunks, err := chunksBy(ctx, conn, "verify_raw", s.ChunkEvents)
	if err != nil {
		return err
	}

	err = steps(ctx, conn, s.parameters(), chunks, progress, []step{
		{"clocks.sql", true}, {"spans.sql", false}, {"kept.sql", false}, {"expired.sql", false}, {"horizon.sql", false}, {"controls.sql", false}, {"parsed.sql", true},
		{"customers.sql", false}, {s.verdicts(), true}, {"heard.sql", false},
	})
	if err != nil {
		return err
	}
	joined, err := partitionsOf(ctx, conn, "SELECT DISTINCT partition FROM verify_joined")
	if err != nil {
		return err
	}
	files := []step{{"lived.sql", true}, {"accepted.sql", true}, {"traced.sql", false}}
	if s.anyJoined = len(joined) > 0; s.anyJoined {
		files = append([]step{{"heard_before.sql", false}}, append(files, step{"moved.sql", false}, step{"lifetimes.sql", true}, step{"carried.sql", false})...)
	}

	return steps(ctx, conn, s.parameters(), chunks, progress, files)
}

// step is a file to execute, over all partitions or some at a time.
type step struct {
	file    string
	chunked bool
}

func steps(ctx context.Context, conn driver.Conn, parameters map[string]string, chunks []chunk, progress func(string), files []step) error {
	for _, step := range files {
		progress(step.file)
		over := []chunk{{0, 1<<16 - 1}}
		if step.chunked {
			over = chunks
		}
		for _, c := range over {
			if err := execute(ctx, conn, step.file, c.in(parameters)); err != nil {
				return err
			}
		}
	}

	return nil
}

// chunksBy cuts all partitions into ranges of at most rows rows of table each,
// or one partition. Partitions without a row are in a range too, because rows
// that should not be there may be theirs.
func chunksBy(ctx context.Context, conn driver.Conn, table string, rows uint64) ([]chunk, error) {
	found, err := conn.Query(ctx, "SELECT partition, count() FROM "+table+" GROUP BY partition ORDER BY partition")
	if err != nil {
		return nil, fmt.Errorf("verify: table %s: %w", table, err)
	}
	defer found.Close()

	chunks := []chunk{{0, 1<<16 - 1}}
	var held uint64
	for found.Next() {
		var partition uint16
		var count uint64
		if err := found.Scan(&partition, &count); err != nil {
			return nil, fmt.Errorf("verify: table %s: %w", table, err)
		}
		if held > 0 && held+count > rows {
			chunks[len(chunks)-1].high = int(partition) - 1
			chunks = append(chunks, chunk{int(partition), 1<<16 - 1})
			held = 0
		}
		held += count
	}

	return chunks, found.Err()
}

// compareRollups compares the basic tables.
func compareRollups(
	ctx context.Context, conn driver.Conn, chunks []chunk, lost []uint16, s *Settings, covered covered, progress func(string),
) (reports []TableReport, _ error) {
	accepted, err := rowsOf(ctx, conn, "SELECT '', partition, count() FROM verify_accepted GROUP BY partition")
	if err != nil {
		return nil, err
	}
	for _, name := range basic() {
		if !s.wants("rollups_" + name) {
			continue
		}
		progress("rollups_" + name)
		query, err := statements(name + ".sql")
		if err != nil {
			return nil, err
		}
		found := s.reportsOf("rollups_" + name)
		of := chunks
		if name == "total" || name == "kind" { // which count customers
			of = without(chunks, lost)
		}
		if err := compareLengths(ctx, conn, query[0], s.parameters(), of, accepted[""], s, covered, found); err != nil {
			return nil, fmt.Errorf("verify: %s.sql: %w", name, err)
		}
		reports = append(reports, found...)
	}

	return reports, nil
}

// maxExamples is how many differences a report shows by their keys.
const maxExamples = 5

// compare runs a comparison and adds what it finds to report.
func compare(ctx context.Context, conn driver.Conn, file string, parameters map[string]string, report *TableReport) error {
	var part TableReport
	err := row(ctx, conn, file, parameters, &part.Compared, &part.Missing, &part.Extra, &part.Different, &part.Examples)
	if err != nil {
		return err
	}
	add(report, part)

	return nil
}

// add adds what a part of the table shows.
func add(t *TableReport, part TableReport) {
	t.Compared += part.Compared
	t.Missing += part.Missing
	t.Extra += part.Extra
	t.Different += part.Different
	t.Examples = append(t.Examples, part.Examples...)
	t.Examples = t.Examples[:min(len(t.Examples), maxExamples)]
}

// Drop removes the scratch tables.
func Drop(ctx context.Context, conn driver.Conn) error {
	for _, view := range []string{"verify_heard", "verify_traced", "verify_moved", "verify_followed", "verify_devices", "verify_joined", "verify_refused_controls", "verify_ends", "verify_signals", "verify_unproved"} {
		if err := conn.Exec(ctx, "DROP VIEW IF EXISTS "+view); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
	}
	for _, table := range []string{
		"messages", "raw", "configs", "reads", "kept", "begun", "types", "channels", "currencies", "words", "clocks", "spans", "crossing", "expired", "horizon", "parsed", "customers", "verdicts", "accepted", "left", "came", "carried",
		"heard_before", "arrived", "lived", "lives", "brought", "histories", "moments", "measured", "dated", "fields", "rolled", "rolled_rows", "calendar", "days", "lifetimes", "active", "told", "places", "deeds", "people",
	} {
		if err := conn.Exec(ctx, "DROP TABLE IF EXISTS verify_"+table); err != nil {
			return fmt.Errorf("verify: table verify_%s: %w", table, err)
		}
	}

	return nil
}
