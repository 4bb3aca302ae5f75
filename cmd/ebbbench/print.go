package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"
)

// print writes the figures as tables for people.
func (f *figures) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s, %d cores, %s/%s, %s, load before the run %.1f; %.0f s\n",
		f.Machine.CPU, f.Machine.Cores, f.Machine.OS, f.Machine.Arch, f.Machine.Go, f.Machine.Load, f.Seconds)
	if f.decoderFigures != nil {
		f.decoderFigures.print(out)
	}
	if f.segmentFigures != nil {
		f.segmentFigures.print(out)
	}
	if f.shardFigures != nil {
		f.shardFigures.print(out)
	}
	if f.memoryFigures != nil {
		f.memoryFigures.print(out)
	}
	if f.endToEndFigures != nil {
		f.endToEndFigures.print(out)
	}
	if f.lagFigures != nil {
		f.lagFigures.print(out)
	}
	if f.importFigures != nil {
		f.importFigures.print(out)
	}
	if f.backtestFigures != nil {
		f.backtestFigures.print(out)
	}
	if f.restartFigures != nil {
		f.restartFigures.print(out)
	}
	if f.metricsFigures != nil {
		f.metricsFigures.print(out)
	}
}

// table writes rows of cells with a title and an empty line before it.
func table(out io.Writer, title string, rows ...[]string) {
	fmt.Fprintf(out, "\n%s\n", title)
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	for _, row := range rows {
		for _, cell := range row {
			fmt.Fprintf(w, "%s\t", cell)
		}
		fmt.Fprintln(w)
	}
	w.Flush()
}

// count writes a number with its thousands apart.
func count(v float64) string {
	digits := strconv.FormatInt(int64(math.Round(v)), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}

	return digits
}

func ratio(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

func (d *decoderFigures) print(out io.Writer) {
	table(out, fmt.Sprintf("Decoder: events of %.0f bytes, one goroutine", d.DecodeBytes),
		[]string{"", "events/s", "ebb is faster by", "allocations"},
		[]string{"ebb", count(d.Decode), "", ratio(d.DecodeAllocs)},
		[]string{"sonic", count(d.Sonic), ratio(d.OverSonic), ""},
		[]string{"go-json-experiment", count(d.Experiment), ratio(d.OverExperiment), ""},
		[]string{"encoding/json", count(d.EncodingJSON), ratio(d.OverEncoding), ""},
	)
}

func (s *shardFigures) print(out io.Writer) {
	table(out, fmt.Sprintf("Shard: one core, %s customers", count(float64(s.ShardCustomers))),
		[]string{"events/s", "events/CPU second", "cuts", "allocations/event"},
		[]string{count(s.Shard), count(s.ShardCPU), count(float64(s.ShardCuts)), ratio(s.ShardAllocs)},
	)
	table(out, "Shard beside one for which nothing is engagement, so that it only counts, in turns with it",
		[]string{"", "events/s", "shard events per plain event"},
		[]string{"plain", count(s.Plain), ratio(s.ShardOverPlain)},
	)
	table(out, "Shard beside decoders that only decode the same events, in turns with it",
		[]string{"", "events/s", "shard events per decode"},
		[]string{"encoding/json", count(s.EncodingJSON), ratio(s.ShardOverEncoding)},
		[]string{"sonic", count(s.Sonic), ratio(s.ShardOverSonic)},
	)
}

func (m *memoryFigures) print(out io.Writer) {
	table(out, fmt.Sprintf("Memory: %s customers with %d events each in %d days (%s)",
		count(float64(m.MemoryKnown)), m.MemoryEvents, memoryDays, m.MemoryMeans),
		[]string{"bytes/customer", "above empty", "of it ring", "ring bytes/event"},
		[]string{count(m.Customer), count(float64(m.MemoryTotal)), count(float64(m.MemoryRing)), count(m.RingEvent)},
	)
}

func (e *endToEndFigures) print(out io.Writer) {
	table(out, fmt.Sprintf("End to end: %s events of %s customers, medians of %d turns",
		count(float64(e.Events)), count(float64(e.Customers)), e.Turns),
		[]string{"", "events/s", "ratio", "CPU s/million", "of it NATS", "ratio"},
		[]string{"pull, nats.go ordered", count(e.RawPlain), "", "", "", ""},
		[]string{"pull, ebb's reader", count(e.RawOurs), "", "", "", ""},
		[]string{"faster pull", count(e.Raw), "1.00", ratio(e.RawCPU), ratio(e.RawCPUServer), "1.00"},
		[]string{"whole engine", count(e.E2E), ratio(e.Ratio), ratio(e.E2ECPU), ratio(e.E2ECPUServer), ratio(e.CPURatio)},
	)
	fmt.Fprintf(out, "  over %.0f s of clock: %s cuts, %s messages in %s batches, %s rows;\n"+
		"  the last of them in ClickHouse %.0f ms later, which took it %.2f CPU s\n",
		e.Clock, count(float64(e.Cuts)), count(float64(e.Messages)), count(float64(e.Batches)), count(float64(e.Rows)), e.Written, e.ClickHouseCPU)
}

func (l *lagFigures) print(out io.Writer) {
	row := func(name string, p50, p99 int64, n int) []string {
		return []string{name, count(float64(p50)), count(float64(p99)), count(float64(n))}
	}
	table(out, fmt.Sprintf("Lag, live, %s events/s; aim p99 ≤ %s ms", count(float64(l.LagRate)), count(float64(l.Limit))),
		[]string{"ms", "p50", "p99", "of"},
		row("event to cleared signal", l.P50, l.P99, l.Signals),
		row("silence crossing to signal", l.SilenceP50, l.SilenceP99, l.Silences),
		row("window end to its rows", l.WindowP50, l.WindowP99, l.Windows),
	)
}
