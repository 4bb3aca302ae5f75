package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/shard"
	"ebb/sinks/clickhouse"
)

// Report is what `ebb demo` prints.
type Report struct {
	Source         string      `json:"source"`
	Published      uint64      `json:"published"`
	Live           uint64      `json:"live"` // events beside the published ones, of this run or a former one
	Processed      uint64      `json:"processed"`
	Duplicates     uint64      `json:"duplicates"`
	DeadLetters    uint64      `json:"dead_letters"`
	LateDropped    uint64      `json:"late_dropped"`
	RowsCompared   uint64      `json:"rows_compared"`
	RowsMissing    uint64      `json:"rows_missing"`
	RowsExtra      uint64      `json:"rows_extra"`
	RowsDifferent  uint64      `json:"rows_different"`
	SignalsRaised  uint64      `json:"signals_raised"`
	SignalsCleared uint64      `json:"signals_cleared"`
	Alerts         uint64      `json:"alerts"` // within --churn.alert_budget
	Seconds        float64     `json:"seconds"`
	Customers      int64       `json:"customers"`
	Levels         levelCounts `json:"levels"`
	Feed           feed        `json:"feed"`
	Windows        []window    `json:"windows"`
	Clock          int64       `json:"clock"`   // the newest of the partitions, Unix ms
	AtRisk         []customer  `json:"at_risk"` // as of now, those with the most to lose first; none who came once

	Risky      shard.RosterGroup `json:"all_at_risk"`
	RiskyOnce  shard.RosterGroup `json:"all_at_risk_once"` // of these, who came once
	Lapsed     shard.RosterGroup `json:"all_lapsed"`
	LapsedOnce shard.RosterGroup `json:"all_lapsed_once"`

	HorizonMS    int64     `json:"horizon_ms"`
	Truth        *truth    `json:"truth,omitempty"`
	Verification *Verified `json:"verification,omitempty"`

	// Tables is what the verification found by table, over all windows of it.
	Tables map[string]comparedTable `json:"tables,omitempty"`

	NATS       string `json:"nats_url"`
	ClickHouse string `json:"clickhouse_url"`
	Database   string `json:"clickhouse_database"`

	shared  bool   // others may have published too
	stays   bool   // the servers go on after the report
	again   string // the command that brings them back
	example string // a customer to look at; "" without any signal
	config  string // file of the settings, while they stay; "" where a file can't say them
}

// levelCounts is how many customers are at each risk level.
type levelCounts struct {
	Healthy int64 `json:"healthy"`
	Cooling int64 `json:"cooling"`
	AtRisk  int64 `json:"at_risk"`
	Lapsed  int64 `json:"lapsed"`
}

// feed is how often the input of a partition fell silent, and what became
// of the signals that were held meanwhile.
type feed struct {
	Silences uint64 `json:"silences"`         // of the whole input of a partition
	Channels uint64 `json:"channel_silences"` // of a channel in a partition
	GivenUp  uint64 `json:"given_up"`         // of both
	Held     uint64 `json:"held"`
	Released uint64 `json:"released"`
	Dropped  uint64 `json:"dropped"`
}

// window is what the newest full window of a length holds.
type window struct {
	Window    string `json:"window" ch:"window"`
	Rows      uint64 `json:"rows" ch:"rows"`           // windows of this length
	Events    uint64 `json:"events" ch:"events"`       // in the newest with any
	Customers uint64 `json:"customers" ch:"customers"` // in the same
}

const (
	feedQuery = `
		SELECT countIf(state = 'silent' AND channel = '') AS silences,
			countIf(state = 'silent' AND channel != '') AS channel_silences,
			uniqExactIf((channel, partition, since), state = 'given_up') AS given_up
		FROM feed FINAL`

	exampleQuery = `SELECT argMax(customer, (at, customer)) FROM v_signals`

	// windowsQuery counts the windows of each length in the newest era, and reads
	// the newest with any event. Series are unfolded by day, and into rows only
	// those of that day: history may have millions of windows.
	windowsQuery = `
		WITH (SELECT clock FROM v_clock) AS now, (SELECT max(era) FROM eras) AS newest_era,
		lengths AS
		(
			SELECT window, sum(windows) AS rows, maxIf(day, engaged) AS newest
			FROM
			(
				SELECT window, day, uniqExactArray(ends) AS windows, max(engaged) AS engaged
				FROM
				(
					SELECT window, day,
						arrayFilter(end -> end <= now, arrayMap(step -> addMilliseconds(first_end, step * slide), arrayCumSum(steps))) AS ends,
						arrayExists((n, step) -> n > 0 AND addMilliseconds(first_end, step * slide) <= now, events, arrayCumSum(steps)) AS engaged
					FROM rollups_total_series
					WHERE era = newest_era
					UNION ALL
					SELECT window, toDate32(window_end), [window_end], events > 0
					FROM rollups_total FINAL
					WHERE era = newest_era AND window_end <= now
				)
				GROUP BY window, day
			)
			GROUP BY window
		)
		SELECT toString(lengths.window) AS window, any(lengths.rows) AS rows,
			argMaxIf(total.events, total.window_end, total.events > 0) AS events,
			argMaxIf(total.customers, total.window_end, total.events > 0) AS customers
		FROM lengths
		LEFT JOIN (SELECT * FROM v_total WHERE day IN (SELECT newest FROM lengths)) AS total
			ON total.window = lengths.window AND total.day = lengths.newest
		GROUP BY lengths.window
		ORDER BY indexOf(['1m', '5m', '1h', '24h', '7d', '28d'], window)`
)

// report gathers the figures and, if asked, verifies all rows.
func (d *Demo) report(ctx context.Context, status jetstream.ImportStatus) (*Report, error) {
	counts, byLevel, customers := d.Engine.Totals()
	r := &Report{
		Source:         d.plan.Source.Name,
		Published:      uint64(status.Rows),
		Processed:      counts.Processed,
		Duplicates:     counts.Duplicates,
		DeadLetters:    counts.DeadLetters,
		LateDropped:    counts.LateDropped,
		SignalsRaised:  counts.Raised,
		SignalsCleared: counts.Cleared,
		Alerts:         counts.Alerts,
		Customers:      customers,
		Levels:         levelCounts{byLevel[0], byLevel[1], byLevel[2], byLevel[3]},
		Feed:           feed{Held: counts.Held, Released: counts.Released, Dropped: counts.Dropped},
		NATS:           d.natsURL,
		ClickHouse:     d.clickhouse.Address,
		Database:       demoDatabase,
		shared:         d.shared(),
		HorizonMS:      d.Config.Churn.Horizon,
		stays:          d.command.Serve || d.external(),
		again:          d.command.again(),
	}
	if r.stays {
		var err error
		if r.config, err = d.keepSettings(); err != nil {
			return nil, err
		}
	}
	if sum := r.outcomes(); r.shared && sum > r.Published {
		r.Live = sum - r.Published
	}
	conn, err := clickhouse.Open(d.clickhouse)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := r.query(ctx, conn); err != nil {
		return nil, err
	}
	if err := r.atRisk(ctx, d.Engine.Instance, d.Config.Churn.Language); err != nil {
		return nil, err
	}
	if d.simulation != nil {
		if r.Truth, err = d.simulation.score(ctx, conn); err != nil {
			return nil, err
		}
	}
	if d.command.Verify {
		if err := d.Verify(ctx, conn, r); err != nil {
			return nil, err
		}
	}
	r.Seconds = time.Since(d.began).Seconds()

	return r, nil
}

func (r *Report) query(ctx context.Context, conn driver.Conn) error {
	if err := conn.QueryRow(ctx, feedQuery).Scan(&r.Feed.Silences, &r.Feed.Channels, &r.Feed.GivenUp); err != nil {
		return fmt.Errorf("read the feed's silences: %w", err)
	}
	if err := conn.QueryRow(ctx, exampleQuery).Scan(&r.example); err != nil {
		return fmt.Errorf("read the newest signal: %w", err)
	}
	if err := conn.Select(ctx, &r.Windows, windowsQuery); err != nil {
		return fmt.Errorf("read the windows: %w", err)
	}

	return nil
}

// outcomes is how many events have one.
func (r *Report) outcomes() uint64 {
	return r.Processed + r.Duplicates + r.DeadLetters + r.LateDropped
}

// failure is why the demo did not do what it promises.
func (r *Report) failure() error {
	var problems []error
	if sum := r.outcomes(); sum != r.Published+r.Live {
		problems = append(problems, fmt.Errorf("%d events were published, but the outcomes add up to %d", r.Published+r.Live, sum))
	}
	if r.RowsMissing+r.RowsExtra+r.RowsDifferent > 0 {
		problems = append(problems, fmt.Errorf("verification failed: %d rows missing, %d extra, %d different",
			r.RowsMissing, r.RowsExtra, r.RowsDifferent))
	}
	if v := r.Verification; v != nil {
		problems = append(problems, v.failure(r))
	}

	return errors.Join(problems...)
}

// print writes the report.
func (r *Report) print(to call.Streams, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(to.Out)
		encoder.SetIndent("", "  ")

		return encoder.Encode(r)
	}
	w := &term.Writer{To: to.Out}
	w.Folded("%d events of %s published; %d processed, %d duplicates, %d dead letters, %d late, in %.1f s",
		r.Published, term.Printable(r.Source), r.Processed, r.Duplicates, r.DeadLetters, r.LateDropped, r.Seconds)
	if r.Live > 0 {
		w.Line("%d live events beside them are in these figures", r.Live)
	}
	w.Folded("%d customers: %d healthy, %d cooling, %d at risk, %d lapsed; %d signals raised, %d cleared, %d alerts",
		r.Customers, r.Levels.Healthy, r.Levels.Cooling, r.Levels.AtRisk, r.Levels.Lapsed, r.SignalsRaised, r.SignalsCleared, r.Alerts)
	if f := r.Feed; f.Silences+f.Channels > 0 {
		w.Folded("the input of a partition fell silent %d times, that of a channel %d times; %d signals held meanwhile, %d released, %d dropped",
			f.Silences, f.Channels, f.Held, f.Released, f.Dropped)
	}
	if r.Truth != nil {
		r.Truth.print(w)
	}
	w.Line("\nWindows")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "  length\twindows\tevents in the newest\tdistinct customers in it\t")
	for _, row := range r.Windows {
		fmt.Fprintf(table, "  %s\t%d\t%d\t%d\t\n", row.Window, row.Rows, row.Events, row.Customers)
	}
	table.Flush()
	r.printAtRisk(w)
	if r.Verification != nil {
		r.Verification.print(w, r)
	}
	r.printCommands(w)

	return w.Err
}
