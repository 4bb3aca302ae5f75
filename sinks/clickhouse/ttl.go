package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// TTL is how long rows stay, by the server's clock. 0 keeps them for ever.
type TTL struct {
	Rollups     []WindowTTL   // from window end, and up to two days more; a length that is not named stays for ever
	Figures     time.Duration // levels, quality, pipeline and feed, from when they were written
	Signals     time.Duration // from the change of level
	Late        time.Duration // from the partition's clock when the event came
	DeadLetters time.Duration // from the record's clock
}

// WindowTTL is how long the rows of a window length stay.
type WindowTTL struct {
	Window string // its name, such as 1m
	Keep   time.Duration
}

// DefaultTTL suits live input: the shorter the windows, the more rows they
// have and the sooner nobody looks at them. What names customers stays for
// less.
func DefaultTTL() TTL {
	const day = 24 * time.Hour

	return TTL{
		Rollups: []WindowTTL{
			{"1m", 14 * day}, {"5m", 60 * day}, {"1h", 400 * day}, {"24h", 0}, {"7d", 0}, {"28d", 0},
		},
		Figures: 730 * day, Signals: 180 * day, Late: 30 * day, DeadLetters: 30 * day,
	}
}

// outlive is how much longer rows of rollups stay than series, which hold a day: a
// row that corrects one must not go before it, or the figure of before comes back.
const outlive = 48 * time.Hour

// minTTL keeps rows long enough to be corrected and looked at.
const minTTL = time.Hour

func (t TTL) check() error {
	check := func(name string, ttl time.Duration) error {
		if ttl != 0 && ttl < minTTL {
			return fmt.Errorf("clickhouse ttl %s is %s; it has to be 0, to keep rows for ever, or at least %s", name, ttl, minTTL)
		}

		return nil
	}
	problems := []error{
		check("figures", t.Figures), check("signals", t.Signals), check("late", t.Late), check("dead_letters", t.DeadLetters),
	}
	for _, w := range t.Rollups {
		problems = append(problems, check("rollups "+w.Window, w.Keep))
		if strings.ContainsAny(w.Window, `'\\`) {
			problems = append(problems, fmt.Errorf("clickhouse ttl rollups: %q is no name of a window length", w.Window))
		}
	}

	return errors.Join(problems...)
}

// tableTTL is the clauses of a table, none to keep rows for ever.
type tableTTL struct {
	table   string
	clauses []string
}

// windows are the clauses of tables of windows, and of their series.
func (t TTL) windows() (rows, series []string) {
	for _, w := range t.Rollups {
		if w.Keep > 0 {
			rows = append(rows, after("window_end", w.Keep+outlive)+fmt.Sprintf(" WHERE window = '%s'", w.Window))
			series = append(series, after("last_end", w.Keep)+fmt.Sprintf(" WHERE window = '%s'", w.Window))
		}
	}

	return rows, series
}

// setTTL alters the tables whose time to live is another than wanted. The
// server then removes expired rows in the background.
func setTTL(ctx context.Context, conn driver.Conn, ttl TTL) error {
	rollups, series := ttl.windows()
	one := func(column string, ttl time.Duration) []string {
		if ttl == 0 {
			return nil
		}

		return []string{after(column, ttl)}
	}
	all := []tableTTL{
		{"rollups_total", rollups},
		{"rollups_kind", rollups},
		{"rollups_channel", rollups},
		{"rollups_type", rollups},
		{"rollups_total_series", series},
		{"rollups_kind_series", series},
		{"rollups_channel_series", series},
		{"rollups_type_series", series},
		{"levels", one("written", ttl.Figures)},
		{"model_quality", one("written", ttl.Figures)},
		{"pipeline", one("written", ttl.Figures)},
		{"feed", one("written", ttl.Figures)},
		{"signals", one("at", ttl.Signals)},
		{"level_changes", one("at", ttl.Signals)},
		{"newest_signals", one("at", ttl.Signals)},
		{"late", one("clock", ttl.Late)},
		{"deadletters", one("time", ttl.DeadLetters)},
	}
	for _, m := range metric.Tables() {
		if m.Daily() {
			all = append(all, tableTTL{string(m.Table()), ttl.days()})

			continue
		}
		all = append(all, tableTTL{string(m.Table()), rollups}, tableTTL{string(m.Table()) + "_series", series})
	}
	engines, err := enginesOf(ctx, conn)
	if err != nil {
		return err
	}
	for _, t := range all {
		engine, there := engines[t.table]
		if !there {
			return fmt.Errorf("clickhouse: there is no table %s", t.table)
		}
		if err := setTableTTL(ctx, conn, t, engine); err != nil {
			return err
		}
	}

	return nil
}

// days are those of tables of days: rows stay as long as those of windows of a day.
func (t TTL) days() []string {
	for _, w := range t.Rollups {
		if w.Window == metric.ExampleWindow && w.Keep > 0 {
			return []string{after("day", w.Keep+outlive)}
		}
	}

	return nil
}

// enginesOf are the engines of the tables, as the server says them.
func enginesOf(ctx context.Context, conn driver.Conn) (map[string]string, error) {
	rows, err := conn.Query(ctx, "SELECT name, engine_full FROM system.tables WHERE database = currentDatabase() AND engine != 'View'")
	if err != nil {
		return nil, fmt.Errorf("clickhouse: read the times to live: %w", err)
	}
	defer rows.Close()
	engines := map[string]string{}
	for rows.Next() {
		var name, engine string
		if err := rows.Scan(&name, &engine); err != nil {
			return nil, fmt.Errorf("clickhouse: read the times to live: %w", err)
		}
		engines[name] = engine
	}

	return engines, rows.Err()
}

func after(column string, ttl time.Duration) string {
	return fmt.Sprintf("%s + toIntervalSecond(%d)", column, int64(ttl/time.Second))
}

// setTableTTL compares with the words in which the server repeats a clause.
func setTableTTL(ctx context.Context, conn driver.Conn, t tableTTL, engine string) error {
	_, has, _ := strings.Cut(engine, " TTL ")
	has, _, _ = strings.Cut(has, " SETTINGS ")
	wanted := strings.Join(t.clauses, ", ")

	var change string
	switch {
	case has == wanted:
		return nil
	case wanted == "":
		change = "REMOVE TTL"
	default:
		change = "MODIFY TTL " + wanted
	}
	if err := conn.Exec(ctx, "ALTER TABLE "+t.table+" "+change); err != nil {
		return fmt.Errorf("clickhouse: time to live of table %s: %w", t.table, err)
	}

	return nil
}
