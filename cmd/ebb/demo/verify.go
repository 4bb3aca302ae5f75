package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/cmd/ebb/term"
	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
	"ebb/sinks/clickhouse/verify"
)

// Verified is what the verification found.
type Verified struct {
	Published   uint64          `json:"published"`
	Processed   uint64          `json:"processed"`
	Duplicates  uint64          `json:"duplicates"`
	DeadLetters uint64          `json:"dead_letters"`
	LateDropped uint64          `json:"late_dropped"`
	Tables      []verifiedTable `json:"tables"`

	// Unproved are signals of customers whose history crosses a change of the
	// configuration that it depends on.
	Unproved uint64 `json:"signals_unproved"`

	// Crowded are partitions that had more customers than max_customers, Full those
	// with more rows of metrics than they tell apart: what is not proved in them says
	// verify.Report.
	Crowded []uint16 `json:"partitions_crowded,omitempty"`
	Full    []uint16 `json:"partitions_full,omitempty"`

	// Unleveled are rollups by level of risk that are not proved, because signals are kept
	// for too short a time to tell the levels from.
	Unleveled []string `json:"rollups_unleveled,omitempty"`

	// Erased are partitions out of which customers were erased who were forgotten:
	// nothing is proved in them, which concerns so many rows.
	Erased  []uint16 `json:"partitions_erased,omitempty"`
	LeftOut uint64   `json:"rows_left_out,omitempty"`

	outside shard.Counts // of these partitions
}

// verifiedTable is the comparison of one table, and for rollups of one
// window length.
type verifiedTable struct {
	Table     string   `json:"table"`
	Window    string   `json:"window,omitempty"`
	Compared  uint64   `json:"rows_compared"`
	Missing   uint64   `json:"rows_missing"`
	Extra     uint64   `json:"rows_extra"`
	Different uint64   `json:"rows_different"`
	Examples  []string `json:"examples,omitempty"`
}

// comparedTable is the comparison of one table.
type comparedTable struct {
	Compared  uint64 `json:"rows_compared"`
	Missing   uint64 `json:"rows_missing"`
	Extra     uint64 `json:"rows_extra"`
	Different uint64 `json:"rows_different"`
}

// byTable adds up comparisons by table.
func byTable(found []verify.TableReport) map[string]comparedTable {
	tables := make(map[string]comparedTable)
	for i := range found {
		t := tables[found[i].Table]
		t.Compared += found[i].Compared
		t.Missing += found[i].Missing
		t.Extra += found[i].Extra
		t.Different += found[i].Different
		tables[found[i].Table] = t
	}

	return tables
}

// Verify derives all rows from the raw stream with SQL and compares. The
// engine must have stopped, so that stream and tables tell of the same records.
func (d *Demo) Verify(ctx context.Context, conn driver.Conn, r *Report) error {
	began := time.Now()
	say := func(step string) {
		fmt.Fprintf(d.To.Err, "verifying, %3.0f s: %s\n", time.Since(began).Seconds(), step)
	}
	say("loading the raw stream")
	if err := verify.Load(ctx, conn, d.rawStream(ctx)); err != nil {
		return err
	}
	settings, err := verifyVersions(ctx, jetstream.NewConfigs(d.Js, d.Layout), d.Config)
	if err != nil {
		return err
	}
	if settings.Era, err = jetstream.NewInput(d.Js, d.Layout).Era(ctx); err != nil {
		return err
	}
	found, err := verify.Run(ctx, conn, settings, say)
	if err != nil {
		return err
	}
	v := &Verified{
		Published:   found.Totals.Published,
		Processed:   found.Totals.Processed,
		Duplicates:  found.Totals.Duplicates,
		DeadLetters: found.Totals.DeadLetters,
		LateDropped: found.Totals.LateDropped,
	}
	r.Tables = byTable(found.Tables)
	for _, table := range found.Tables {
		v.Tables = append(v.Tables, verifiedTable(table))
		r.RowsCompared += table.Compared
		r.RowsMissing += table.Missing
		r.RowsExtra += table.Extra
		r.RowsDifferent += table.Different
	}
	v.Unproved, v.Crowded, v.Full, v.Unleveled = found.Unproved, found.Crowded, found.Full, found.Unleveled
	v.Erased, v.LeftOut = found.Erased, found.LeftOut
	for _, p := range d.Engine.Instance.Progress() {
		if slices.Contains(v.Erased, uint16(p.Partition)) {
			v.outside.Add(p.Counts)
		}
	}
	r.Verification = v

	return nil
}

// rawStream is the input stream up to where each partition was worked off.
func (d *Demo) rawStream(ctx context.Context) iter.Seq2[verify.Record, error] {
	return func(yield func(verify.Record, error) bool) {
		taken := make([]uint64, d.Config.Partitions)
		var last uint64
		for _, p := range d.Engine.Instance.Progress() {
			taken[p.Partition] = p.Taken
			last = max(last, p.Taken)
		}
		source, err := jetstream.NewInput(d.Js, d.Layout).Open(ctx, 1)
		if err != nil {
			yield(verify.Record{}, err)

			return
		}
		defer source.Close()
		for read := uint64(0); read < last; {
			records, err := source.Next(ctx)
			if err != nil {
				yield(verify.Record{}, err)

				return
			}
			for i := range records {
				record := &records[i]
				read = record.Sequence
				if record.Sequence <= taken[record.Partition] && !yield(rawRecord(record), nil) {
					return
				}
			}
		}
	}
}

func rawRecord(record *event.Record) verify.Record {
	return verify.Record{
		Sequence:  record.Sequence,
		Partition: uint16(record.Partition),
		Lane:      [...]string{"p", "c", "h"}[record.Lane],
		Control:   record.Control.String(),
		Forged:    record.Forged,
		Unclocked: record.Unclocked,
		Rows:      record.Rows,
		Clock:     record.Clock,
		Stored:    record.Stored,
		Body:      record.Data,
	}
}

// verifyVersions are the verifier's words for all configurations that were ever
// in force, from the first one on.
func verifyVersions(ctx context.Context, configs own.ConfigReader, config meaning.Config) (verify.Settings, error) {
	newest, err := configs.Newest(ctx)
	if err != nil {
		return verify.Settings{}, err
	}
	if newest.Version == 0 {
		return verifySettings(config)
	}
	var all verify.Settings
	for version := uint64(1); version <= newest.Version; version++ {
		kept, err := configs.Version(ctx, version)
		if err != nil {
			return verify.Settings{}, err
		}
		kept.Config.MaxEventBytes, kept.Config.Lengths = config.MaxEventBytes, config.Lengths
		settings, err := verifySettings(kept.Config)
		if err != nil {
			return verify.Settings{}, err
		}
		if version == 1 {
			all, all.Version = settings, version
		} else {
			all.Changes = append(all.Changes, verify.Change{Version: version, Settings: settings})
		}
	}

	return all, nil
}

// verifySettings are the verifier's words for a pipeline's configuration.
func verifySettings(c meaning.Config) (verify.Settings, error) {
	vocab, err := vocabulary.NewVocabulary(c.Vocabulary)
	if err != nil {
		return verify.Settings{}, err
	}
	s := verify.Settings{
		Partitions:      c.Partitions,
		Lateness:        c.Lateness,
		Skew:            c.Skew,
		CutInterval:     c.CutInterval,
		CutRecords:      c.CutRecords,
		MaxEventBytes:   c.MaxEventBytes,
		RejectUnknown:   c.Vocabulary.UnknownTypes == vocabulary.RejectUnknown,
		ForgetByCommand: c.ForgetByCommand,
		Horizon:         time.Duration(c.Churn.Horizon) * time.Millisecond,
		ScannerWithin:   time.Duration(c.Churn.ScannerWithin) * time.Millisecond,
		Channels:        vocab.Channels(),
		Currencies:      vocabulary.Currencies(),
		Currency:        c.Currency,
		Zone:            c.Zone,
		MaxCustomers:    c.MaxCustomers,
		MaxKeys:         shard.MaxMeasuredKeys,
		Unusual:         c.Churn.Unusual,
		ContactCost:     c.Churn.ContactCost,
		Uplift:          c.Churn.Uplift,
	}
	if s.Words, err = churn.Dictionary(c.Churn.Language, c.Churn.Horizon); err != nil {
		return verify.Settings{}, err
	}
	s.Keep, s.KeepAnonymous = c.KeepSpans()
	if c.Duplicates.ByID {
		s.KeepID, s.SliceID = c.Duplicates.Keep, time.Duration(c.Duplicates.Slice())*time.Millisecond
	}
	for _, name := range vocab.Names() {
		s.Types = append(s.Types, verify.Type{
			Name: name.Name, Type: name.Type, Kind: name.Kind.String(), Channel: name.Channel, Stage: name.Stage.String(),
			Qualifying: name.Qualifying, Ends: name.Ends, Negative: name.Negative,
			Contacts: name.Contacts, Money: int8(name.Money), Worst: name.Scale.Worst, Best: name.Scale.Best, BySurvey: name.BySurvey, Weight: name.Weight,
		})
	}
	s.Metrics = c.Metrics
	for i := range c.Rollups {
		r := &c.Rollups[i]
		s.Rollups = append(s.Rollups, verify.Rollup{Name: r.Name, By: r.By, Value: r.Value, AtMost: r.Most(), Types: r.Types, Metric: r.Metric})
	}
	for _, l := range c.Lengths {
		s.Windows = append(s.Windows, verify.Window{
			Name: l.Name, Size: time.Duration(l.Size) * time.Millisecond, Slide: time.Duration(l.Slide) * time.Millisecond,
		})
	}

	return s, nil
}

// failure is where SQL and the pipeline disagree about the outcomes.
func (v *Verified) failure(r *Report) error {
	var problems []error
	for _, outcome := range []struct {
		name      string
		sql, ours uint64
	}{
		{"processed", v.Processed, r.Processed - v.outside.Processed},
		{"duplicates", v.Duplicates, r.Duplicates - v.outside.Duplicates},
		{"dead letters", v.DeadLetters, r.DeadLetters - v.outside.DeadLetters},
		{"late", v.LateDropped, r.LateDropped - v.outside.LateDropped},
	} {
		if outcome.sql != outcome.ours {
			problems = append(problems, fmt.Errorf("SQL finds %d %s, the pipeline counted %d", outcome.sql, outcome.name, outcome.ours))
		}
	}

	return errors.Join(problems...)
}

func (v *Verified) print(w io.Writer, r *Report) {
	fmt.Fprintf(w, "\nVerification: every row derived anew from the raw stream with SQL\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "table\twindow\tcompared\tmissing\textra\tdifferent\t")
	for _, t := range v.Tables {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\t\n", t.Table, t.Window, t.Compared, t.Missing, t.Extra, t.Different)
	}
	fmt.Fprintf(table, "all\t\t%d\t%d\t%d\t%d\t\n", r.RowsCompared, r.RowsMissing, r.RowsExtra, r.RowsDifferent)
	table.Flush()
	if v.Unproved > 0 {
		fmt.Fprintln(w, term.Wrapped(fmt.Sprintf("%d signals are of customers whose history crosses a change of the horizon, of how long customers stay, "+
			"of the currency or of what a scanner is; what they say is not proved.", v.Unproved), ""))
	}
	if len(v.Crowded) > 0 {
		fmt.Fprintln(w, term.Wrapped(fmt.Sprintf("Partitions %v had more customers than max_customers, so some made room for others, or others moved there from such: in them signals, censuses "+
			"and metrics that follow customers are not proved, nor customers of windows where events followed them by an anonymous id.", v.Crowded), ""))
	}
	if len(v.Full) > 0 {
		fmt.Fprintln(w, term.Wrapped(fmt.Sprintf("Partitions %v may have had more rows of metrics than they tell apart (%d): in them metrics are not proved.",
			v.Full, shard.MaxMeasuredKeys), ""))
	}
	if len(v.Unleveled) > 0 {
		fmt.Fprintln(w, term.Wrapped(fmt.Sprintf("The events are older than signals are kept, so levels can't be told from those: the rollups by level (%s) are not proved.",
			strings.Join(v.Unleveled, ", ")), ""))
	}
	if len(v.Erased) > 0 {
		fmt.Fprintln(w, term.Wrapped(fmt.Sprintf("Out of partitions %v customers were erased who were forgotten, so not all of their events are there: %d rows of theirs are not proved.",
			v.Erased, v.LeftOut), ""))
	}
	for _, t := range v.Tables {
		for _, example := range t.Examples {
			fmt.Fprintf(w, "  %s %s: %s\n", t.Table, t.Window, example)
		}
	}
}
