package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"ebb/cmd/accept/trial"
	"ebb/sinks/clickhouse/verify"
)

func (r *result) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

// want adds a problem where a figure is not the one wanted.
func (r *result) want(what string, got, want uint64) {
	if got != want {
		r.problem("%s is %d, want %d", what, got, want)
	}
}

// checkReport checks what every run has to keep, with so many events published:
// each has one outcome, the same as SQL finds, and no row differs.
func (r *result) checkReport(published uint64) {
	report, v := &r.Report, r.Report.Verification
	if v == nil {
		r.problem("nothing was verified")

		return
	}
	r.want("published", report.Published, published)
	r.want("the sum of the outcomes", report.Processed+report.Duplicates+report.DeadLetters+report.LateDropped, published)
	r.want("dead_letters", report.DeadLetters, 0)
	r.want("rows_missing", report.RowsMissing, 0)
	r.want("rows_extra", report.RowsExtra, 0)
	r.want("rows_different", report.RowsDifferent, 0)
	r.want("published as SQL finds it", v.Published, published)
	r.want("processed", report.Processed, v.Processed)
	r.want("duplicates", report.Duplicates, v.Duplicates)
	r.want("late_dropped", report.LateDropped, v.LateDropped)

	for _, table := range v.Tables {
		r.Compared += table.Compared
		if table.Compared == 0 && table.Window != "" && everyEvent(table.Table) {
			r.problem("%s has no row of window %s", table.Table, table.Window)
		}
		for _, example := range table.Examples {
			r.problem("%s %s: %s", table.Table, table.Window, example)
		}
	}
	r.want("rows_compared", report.RowsCompared, r.Compared)
	if want := verify.Comparisons(lengths); len(v.Tables) != want {
		r.problem("%d comparisons, want %d", len(v.Tables), want)
	}
}

// lengths is how many lengths of windows there are.
const lengths = 6

// everyEvent says whether all events are in a table. Those of metrics hold what the
// file has of them, which may be nothing.
func everyEvent(table string) bool {
	return slices.Contains(basic(), table)
}

func basic() []string {
	return []string{"rollups_total", "rollups_kind", "rollups_channel", "rollups_type"}
}

// checkPlain checks that nothing is a duplicate in a file whose rows are all
// events of their own.
func (r *result) checkPlain() {
	r.want("duplicates", r.Report.Duplicates, 0)
}

// checkSame checks that the rollups are those of the plain run, but for those that follow
// from what the model has learned. In another order of the events, those that follow from
// their order need not be either.
func (r *result) checkSame(plain *result, reordered bool) {
	r.want("processed, as in the plain run,", r.Report.Processed, plain.Report.Processed)
	r.want("tables", uint64(len(r.Rollups)), uint64(len(plain.Rollups)))
	for _, want := range plain.Rollups {
		if trial.Judged(want.Table) || reordered && trial.Ordered(want.Table) {
			continue
		}
		if !slices.Contains(r.Rollups, want) {
			r.problem("%s is not that of the plain run", want.Table)
		}
	}
}

// checkUndisturbed compares everything that a run that was killed left with what
// an undisturbed one did.
func (r *result) checkUndisturbed(ctx context.Context, want trial.Report, calm, disturbed string) error {
	r.want("processed", r.Report.Processed, want.Processed)
	r.want("signals_raised", r.Report.Raised, want.Raised)
	r.want("signals_cleared", r.Report.Cleared, want.Cleared)
	undisturbed, err := trial.Digests(ctx, calm, trial.Everything())
	if err != nil {
		return err
	}
	found, err := trial.Digests(ctx, disturbed, trial.Everything())
	if err != nil {
		return err
	}
	for i, digest := range undisturbed {
		if found[i] != digest {
			r.problem("%v is not that of the undisturbed run, %v", found[i], digest)
		}
	}

	return nil
}

// done keeps a result and says how it went.
func (a *acceptance) done(r *result) {
	a.results = append(a.results, *r)
	fmt.Fprintf(os.Stderr, "%s, %s: %s\n", r.File, r.Run, verdict(r))
}

func verdict(r *result) string {
	if len(r.Problems) == 0 {
		return "passed"
	}

	return "FAILED: " + strings.Join(r.Problems, "; ")
}

// print writes a table of all runs; an error if one failed.
func (a *acceptance) print(to io.Writer) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "file\trun\tpublished\tprocessed\tduplicates\tlate\traised\trows compared\tdifferences\tseconds\tresult")
	failed := 0
	for i := range a.results {
		r := &a.results[i]
		report := &r.Report
		result := "passed"
		if len(r.Problems) > 0 {
			failed++
			result = fmt.Sprintf("FAILED, %d problems", len(r.Problems))
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f\t%s\n", strings.TrimSuffix(r.File, ".csv.gz"), r.Run,
			report.Published, report.Processed, report.Duplicates, report.LateDropped, report.Raised, r.Compared,
			report.RowsMissing+report.RowsExtra+report.RowsDifferent, report.Seconds, result)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d runs failed", failed, len(a.results))
	}
	if len(a.results) == 0 {
		return errors.New("nothing was run")
	}

	return nil
}
