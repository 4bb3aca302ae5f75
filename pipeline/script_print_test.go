package pipeline_test

// How a script prints what a shard publishes.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/metric"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// printLeap says when store times are held, and when no longer.
func (s *script) printLeap() {
	leap := s.shard.Status().Leap
	leap.Behind = 0
	if leap == s.leap {
		return
	}
	s.leap = leap
	if leap.Ahead == 0 {
		fmt.Fprintf(&s.out, "no leap is held; the clock is %s\n", clockText(s.shard.Clock()))

		return
	}
	fmt.Fprintf(&s.out, "store times are %v ahead since %s; the clock is %s, %d events wait\n", time.Duration(leap.Ahead)*time.Millisecond,
		clockText(leap.Since), clockText(s.shard.Clock()), leap.Waiting)
}

func (s *script) print(w *strings.Builder, cut *shard.Cut) {
	fmt.Fprintf(w, "cut %d at %s, version %d\n", cut.Number, clockText(cut.Clock), cut.Sequence)
	for _, mark := range cut.Joins {
		fmt.Fprintf(w, "  anonymous:%s is %s, by record %d\n", mark.Anonymous, mark.Customer, mark.Sequence)
	}
	for i := range cut.Moves {
		mark := &cut.Moves[i]
		s.moves = append(s.moves, *mark)
		if mark.Customer != "" {
			fmt.Fprintf(w, "  %s was here before, by record %d", mark.Customer, mark.Sequence)
		} else {
			fmt.Fprintf(w, "  anonymous:%s is here again, by record %d, which partition %d is told", mark.Anonymous, mark.Sequence, mark.Home)
		}
		if len(mark.Traces) > 0 {
			fmt.Fprintf(w, ", and counts in windows that end after %s", clockText(mark.Final))
		}
		fmt.Fprintln(w)
	}
	for _, stream := range cut.Outputs {
		for i := range stream {
			s.printMessage(w, &stream[i])
		}
	}
}

func (s *script) printMessage(w *strings.Builder, message *shard.Message) {
	table := strings.Split(message.Subject, ".")[1]
	switch {
	case strings.HasPrefix(message.Subject, "deadletters."):
		fmt.Fprintf(w, "  dead letter %s: %s\n", table, message.Header[event.HeaderError])
	case strings.HasPrefix(message.Subject, "signals."):
		var signal wire.Signal
		s.unmarshal(message.Data, &signal)
		fmt.Fprintf(w, "  %s %s to %s at %s, risk %.4f, silent %v: %s\n", signal.Customer, signal.Signal, signal.Level,
			clockText(signal.At), signal.Risk, time.Duration(signal.SilentMS)*time.Millisecond, signal.Reasons[0].Text)
		if signal.Value != 0 {
			fmt.Fprintf(w, "    value %.2f, at risk %.2f%s\n", signal.Value, signal.ValueAtRisk, strings.TrimRight(" "+signal.Currency, " "))
		}
		if signal.Returned {
			fmt.Fprintf(w, "    returned; episode %d\n", signal.Episode)
		}
		if signal.Joined != "" {
			fmt.Fprintf(w, "    is %s; %s\n", signal.Joined, signal.Headline)
		}
		if signal.Holdout {
			fmt.Fprintln(w, "    in the hold-out")
		}
		if signal.IfBack != "" {
			fmt.Fprintf(w, "    %s\n", signal.IfBack)
		}
	case strings.HasPrefix(message.Subject, "s."):
		var report fact.StatisticsReport
		s.unmarshal(message.Data, &report)
		rows, err := churn.ReadRows(report.Rows)
		if err != nil {
			s.t.Fatal(err)
		}
		whole := 0
		for _, row := range rows {
			if row.Outcome.Complete() {
				whole++
			}
		}
		fmt.Fprintf(w, "  statistics for %s%d: %d customers, %d rows, %d complete\n",
			report.Import, report.Coordinate, report.Statistics.Customers, len(rows), whole)
		if round := report.Alerts; round != nil {
			fmt.Fprintf(w, "  alerts of period %d: member %v, asks %v, candidates worth", round.Period-s.firstPeriod(), round.Member, round.Asks)
			for _, list := range round.Lists {
				worths, err := fact.ReadWorths(list.Worths)
				if err != nil {
					s.t.Fatal(err)
				}
				fmt.Fprint(w, " ", strings.TrimSpace(list.Currency+" "+worthsText(worths)))
				if list.Customers > len(worths) {
					fmt.Fprintf(w, " of %d", list.Customers)
				}
			}
			fmt.Fprintln(w)
		}
	case table == "late":
		var late wire.LateEvent
		s.unmarshal(message.Data, &late)
		fmt.Fprintf(w, "  late %s %s of %s\n", late.Customer, late.ID, clockText(late.Time))
	case table == "feed":
		var row wire.FeedRow
		s.unmarshal(message.Data, &row)
		channel := row.Channel
		if channel == "" {
			channel = "the whole"
		}
		fmt.Fprintf(w, "  feed of %s %s at %s, since %s: %d events, %.0f expected; %d held, %d released, %d dropped\n",
			channel, row.State, clockText(row.Time), clockText(row.Since), row.Observed, row.Expected, row.Held, row.Released, row.Dropped)
	case table == "levels" || table == "pipeline":
	case table == "quality":
		var quality wire.QualityRow
		s.unmarshal(message.Data, &quality)
		for _, bin := range quality.Bins {
			fmt.Fprintf(w, "  quality of %s, bin %d, at %s: %d rows, %d lost, risks of %.4f, squared errors of %.4f\n",
				bin.Segment, bin.Bin, clockText(quality.Time), bin.Rows, bin.Lost, float64(bin.RiskSum)/1e4, float64(bin.BrierSum)/1e8)
		}
	default:
		s.printRollups(w, message.Data)
	}
}

// worthsText lists values at risk and risks.
func worthsText(worths []fact.Worth) string {
	texts := make([]string, len(worths))
	for i, worth := range worths {
		texts[i] = fmt.Sprintf("%.2f/%d", float64(worth>>14)/100, worth&(1<<14-1))
	}

	return fmt.Sprint(texts)
}

func (s *script) printRollups(w *strings.Builder, data []byte) {
	if metrics, err := wire.ParseMetrics(data); err == nil {
		s.printMetrics(w, &metrics)

		return
	}
	rollups, err := wire.ParseRollups(data)
	if err != nil {
		s.t.Fatal(err)
	}
	if !slices.Contains(s.tables, string(rollups.Table)) {
		return
	}
	for _, window := range rollups.Windows {
		if !slices.Contains(s.windows, window.Window) {
			continue
		}
		for _, row := range window.Rows {
			printRow(w, rollups.Table, window.Window, window.End, row)
		}
	}
	for _, series := range rollups.Series {
		if !slices.Contains(s.windows, series.Window) {
			continue
		}
		fmt.Fprintf(w, "  series of %d:\n", len(series.Steps))
		for end, row := range series.Rows() {
			printRow(w, rollups.Table, series.Window, end, row)
		}
	}
}

func (s *script) printMetrics(w *strings.Builder, m *wire.Metrics) {
	if !slices.Contains(s.tables, string(m.Table)) {
		return
	}
	values := func(by []string, columns []wire.Column, row int) {
		fmt.Fprintf(w, " %s:", strings.Join(by, ", "))
		slots := m.Table == metric.Cuts().Table() // of which most are 0
		for i, name := range m.Measures {
			switch c := &columns[i]; {
			case slots && (len(c.Counts) == 0 || c.Counts[row] == 0) && (len(c.Sums) == 0 || c.Sums[row].Units() == 0):
			case c.Counts != nil:
				fmt.Fprintf(w, " %s %d", name, c.Counts[row])
			case c.Sums != nil:
				fmt.Fprintf(w, " %s %g", name, c.Sums[row].Units())
			default:
				fmt.Fprintf(w, " %s 0", name)
			}
		}
		fmt.Fprintln(w)
	}
	show := func(window string, end int64, by []string, columns []wire.Column, row int) {
		fmt.Fprintf(w, "  %s %s to %s:", m.Table, window, clockText(end))
		values(by, columns, row)
	}
	for _, day := range m.Days {
		for row := range day.Rows() {
			by := make([]string, len(day.By))
			for i := range by {
				by[i] = day.By[i][row]
			}
			fmt.Fprintf(w, "  %s of %s:", m.Table, time.Unix(day.Day*86_400, 0).UTC().Format(time.DateOnly))
			values(by, day.Measures, row)
		}
	}
	for _, window := range m.Windows {
		for row := range window.Rows() {
			by := make([]string, len(window.By))
			for i := range by {
				by[i] = window.By[i][row]
			}
			if slices.Contains(s.windows, window.Window) {
				show(window.Window, window.End, by, window.Measures, row)
			}
		}
	}
	for _, series := range m.Series {
		for row, end := range series.Ends() {
			if slices.Contains(s.windows, series.Window) {
				show(series.Window, end, series.By, series.Measures, row)
			}
		}
	}
}

func printRow(w *strings.Builder, table wire.Table, window string, end int64, row wire.Row) {
	fmt.Fprintf(w, "  %s %s to %s:", table, window, clockText(end))
	if row.Key != "" {
		fmt.Fprintf(w, " %s", strings.TrimSpace(row.Key+" "+row.Currency))
	}
	fmt.Fprintf(w, " %d events", row.Events)
	switch table {
	case wire.Total, wire.Kind:
		fmt.Fprintf(w, ", %d customers", row.Customers)
	case wire.Type:
		fmt.Fprintf(w, ", sum %g", row.Value.Units())
	}
	fmt.Fprintln(w)
}

func (s *script) unmarshal(data []byte, value any) {
	if err := json.Unmarshal(data, value); err != nil {
		s.t.Fatal(err)
	}
}
