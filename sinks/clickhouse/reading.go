package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ErrNotRead says that the rows of the streams can't be read. Its text is for people.
var ErrNotRead = errors.New("nothing could be read")

// Read opens the database of the streams of a prefix for somebody who reads views, and
// says up to where every partition has published; zero before the first rows. The error
// is an ErrNotRead.
func Read(ctx context.Context, c Config, prefix string) (conn driver.Conn, clock time.Time, err error) {
	c = c.withDefaults()
	if conn, err = Open(c); err != nil {
		return nil, clock, fmt.Errorf("%w: %w", ErrNotRead, err)
	}
	if err = c.ours(ctx, conn, prefix); err == nil {
		if err = conn.QueryRow(ctx, "SELECT clock FROM v_clock").Scan(&clock); err != nil {
			err = errors.New(c.away(err))
		}
	}
	if err != nil {
		return nil, clock, errors.Join(fmt.Errorf("%w: %w", ErrNotRead, err), conn.Close())
	}
	if clock.UnixMilli() == 0 {
		return conn, time.Time{}, nil
	}

	return conn, clock.UTC(), nil
}
