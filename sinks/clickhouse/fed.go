package clickhouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// ErrNotAsked says that nothing could be found out of what is measured. Its text is
// for people.
var ErrNotAsked = errors.New("could not look which are fed")

// Fed is what a table holds of the last metric.Recent days of the stream's clock.
type Fed struct {
	Rows    uint64    `json:"rows"`             // of the view, where it is one of windows; else of the table
	Window  string    `json:"window,omitempty"` // length of the windows that were counted
	Last    time.Time `json:"last,omitzero"`    // of the newest row
	Problem string    `json:"problem,omitempty"`
}

// Feeding is what the tables hold, by the name of their description.
type Feeding struct {
	Clock time.Time // up to where every partition has published; zero before the first rows
	Fed   map[string]Fed
}

// Feeds asks which of what is described is fed by the streams of a prefix. The error is
// an ErrNotAsked; what can't be said of one table alone stands with it.
func Feeds(ctx context.Context, c Config, prefix string, all []metric.Description) (Feeding, error) {
	c = c.withDefaults()
	found := Feeding{Fed: make(map[string]Fed, len(all))}
	conn, err := Open(c)
	if err != nil {
		return found, fmt.Errorf("%w: %w", ErrNotAsked, err)
	}
	defer conn.Close()

	if err := c.ours(ctx, conn, prefix); err != nil {
		return found, fmt.Errorf("%w: %w", ErrNotAsked, err)
	}
	if err := conn.QueryRow(ctx, "SELECT clock FROM v_clock").Scan(&found.Clock); err != nil {
		return found, fmt.Errorf("%w: %s", ErrNotAsked, c.away(err))
	}
	clock := found.Clock.UnixMilli()
	if clock == 0 {
		found.Clock = time.Time{}
	}
	for i := range all {
		fed, err := fedOf(ctx, conn, &all[i], clock)
		switch {
		case code(err) == codeNoTable:
			fed.Problem = "its tables are not there yet; `ebb run` makes them"
		case errors.Is(err, context.DeadlineExceeded):
			fed.Problem = "ClickHouse took too long to say"
		case err != nil:
			fed.Problem = firstLine(err)
		}
		found.Fed[all[i].Name] = fed
	}

	return found, nil
}

// ours says, for people, what hinders to read the rows of the streams of a prefix.
func (c Config) ours(ctx context.Context, conn driver.Conn, prefix string) error {
	holder, err := installation(ctx, conn)
	switch {
	case code(err) == codeNoTable: // before the first ebb run
		return nil
	case err != nil:
		return errors.New(c.away(err))
	case holder != "" && holder != prefix:
		text, _ := otherInstallation(c.Database, holder, prefix)

		return errors.New(text)
	}

	return nil
}

// away tells a server that is away from one that refuses, and from one that ebb has
// not used yet, in one line.
func (c Config) away(err error) string {
	_, address, _ := strings.Cut(c.Address, "://")
	switch {
	case code(err) == codeNoDatabase:
		return fmt.Sprintf("ClickHouse at %s has no database %s yet; `ebb run` makes it", c.Address, c.Database)
	case code(err) == codeNoTable:
		return fmt.Sprintf("database %s has no tables yet; `ebb run` makes them", c.Database)
	case code(err) == codeAccessDenied:
		return fmt.Sprintf("user %s may not read database %s; `ebb check` says which rights it lacks", c.User, c.Database)
	case code(err) != 0:
		return c.unreachable(err).Text
	}

	return fmt.Sprintf("ClickHouse at %s: %s", address, innermost(err))
}

// innermost is the cause of an error alone: a driver's error tells of every step, and
// of the whole request.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return firstLine(err)
		}
		err = next
	}
}

// fedOf counts what one holds of the days before the stream's clock, in Unix ms. Of
// windows it counts those of metric.ExampleWindow, or, where none has ended yet, the
// shortest that have. Names are those of descriptions.
func fedOf(ctx context.Context, conn driver.Conn, d *metric.Description, clock int64) (fed Fed, err error) {
	const stands = "fromUnixTimestamp64Milli(toInt64(?), 'UTC')"
	if len(d.Windows) == 0 {
		rows := "valid_" + d.Table
		if d.ByView {
			rows = d.View
		}
		row := conn.QueryRow(ctx, fmt.Sprintf("SELECT count(), max(%[1]s), '' FROM %[2]s WHERE %[1]s > "+stands+" - INTERVAL %[3]d DAY", d.Time, rows, metric.Recent), clock)
		err = fed.scan(row)

		return fed, err
	}
	recent := fmt.Sprintf("SELECT count(), max(window_end), window FROM %s WHERE"+
		" day >= toDate32("+stands+") - %[2]d AND window_end > "+stands+" - INTERVAL %[2]d DAY", d.View, metric.Recent)
	if err := fed.scan(conn.QueryRow(ctx, recent+" AND window = ? GROUP BY window", clock, clock, metric.ExampleWindow)); err != nil || fed.Rows > 0 {
		return fed, err
	}
	err = fed.scan(conn.QueryRow(ctx, recent+" GROUP BY window ORDER BY indexOf(?, window) LIMIT 1", clock, clock, d.Windows))

	return fed, err
}

// scan reads a row; none means that there is nothing.
func (f *Fed) scan(row driver.Row) error {
	err := row.Scan(&f.Rows, &f.Last, &f.Window)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		*f = Fed{}

		return err
	}
	f.Last = f.Last.UTC()
	if f.Rows == 0 {
		f.Last = time.Time{}
	}

	return nil
}
