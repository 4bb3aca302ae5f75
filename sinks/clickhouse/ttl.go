package clickhouse

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// TTL is how long rows stay, counted from the time in the row by the server's
// clock. 0 keeps them for ever, which a frozen import of old history needs: its
// rows would be expired as they come.
type TTL struct {
	Rollups     time.Duration // windows, levels, quality, pipeline and feed, from window end or minute
	Signals     time.Duration // from the change of level
	Late        time.Duration // from the partition's clock when the event came
	DeadLetters time.Duration // from the record's clock
}

// DefaultTTL suits live input: two years of figures, less for what names
// customers.
func DefaultTTL() TTL {
	const day = 24 * time.Hour

	return TTL{Rollups: 730 * day, Signals: 180 * day, Late: 30 * day, DeadLetters: 30 * day}
}

// minTTL keeps rows long enough to be corrected and looked at.
const minTTL = time.Hour

func (t TTL) check() error {
	for name, ttl := range map[string]time.Duration{
		"rollups": t.Rollups, "signals": t.Signals, "late": t.Late, "dead_letters": t.DeadLetters,
	} {
		if ttl != 0 && ttl < minTTL {
			return fmt.Errorf("clickhouse ttl %s is %s; it has to be 0, to keep rows for ever, or at least %s", name, ttl, minTTL)
		}
	}

	return nil
}

// setTTL alters the tables whose time to live is another than wanted. The
// server then removes expired rows in the background.
func setTTL(ctx context.Context, conn driver.Conn, ttl TTL) error {
	for _, t := range []struct {
		table, column string
		ttl           time.Duration
	}{
		{"rollups_total", "window_end", ttl.Rollups},
		{"rollups_kind", "window_end", ttl.Rollups},
		{"rollups_channel", "window_end", ttl.Rollups},
		{"rollups_type", "window_end", ttl.Rollups},
		{"levels", "time", ttl.Rollups},
		{"model_quality", "time", ttl.Rollups},
		{"pipeline", "time", ttl.Rollups},
		{"feed", "time", ttl.Rollups},
		{"signals", "at", ttl.Signals},
		{"late", "clock", ttl.Late},
		{"deadletters", "time", ttl.DeadLetters},
	} {
		if err := setTableTTL(ctx, conn, t.table, t.column, t.ttl); err != nil {
			return err
		}
	}

	return nil
}

func setTableTTL(ctx context.Context, conn driver.Conn, table, column string, ttl time.Duration) error {
	var engine string
	row := conn.QueryRow(ctx, "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = ?", table)
	if err := row.Scan(&engine); err != nil {
		return fmt.Errorf("clickhouse: table %s: %w", table, err)
	}
	has := strings.Contains(engine, " TTL ")
	clause := fmt.Sprintf("%s + toIntervalSecond(%d)", column, int64(ttl/time.Second))

	var change string
	switch {
	case ttl == 0 && has:
		change = "REMOVE TTL"
	case ttl != 0 && !strings.Contains(engine, " TTL "+clause):
		change = "MODIFY TTL " + clause
	default:
		return nil
	}
	if err := conn.Exec(ctx, "ALTER TABLE "+table+" "+change); err != nil {
		return fmt.Errorf("clickhouse: time to live of table %s: %w", table, err)
	}

	return nil
}
