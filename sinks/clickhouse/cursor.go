package clickhouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ebb/sinks"
)

// Cursor returns the newest cursor that the database holds. Its Safe is of ten
// minutes before: a backup copies table by table.
func (s *Sink) Cursor(ctx context.Context, name, stream string) (sinks.Cursor, error) {
	at := sinks.Cursor{Name: name, Stream: stream}
	row := s.conn.QueryRow(ctx, `
		SELECT
			argMax(sequence, saved), argMax(created, saved),
			argMaxIf(sequence, saved, saved <= (SELECT max(saved) FROM sink_cursors WHERE name = ? AND stream = ?) - toIntervalMinute(10))
		FROM sink_cursors
		WHERE name = ? AND stream = ?`, name, stream, name, stream)
	if err := row.Scan(&at.Sequence, &at.Created, &at.Safe); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return sinks.Cursor{}, fmt.Errorf("clickhouse table sink_cursors: %w", err)
	}
	at.Safe = min(at.Safe, at.Sequence)
	if last, written := s.vouched.Load(stream); !written || last != at.Sequence {
		s.eras.forget() // the database may be another than before
	}

	return at, nil
}

// vouch stores the cursor, after the rows that it vouches for.
func (s *Sink) vouch(ctx context.Context, at *sinks.Cursor) error {
	if at == nil {
		return nil
	}
	err := s.conn.Exec(ctx, "INSERT INTO sink_cursors (name, stream, sequence, created) VALUES (?, ?, ?, ?)",
		at.Name, at.Stream, at.Sequence, at.Created)
	if err != nil {
		return fmt.Errorf("clickhouse table sink_cursors: %w", err)
	}
	s.vouched.Store(at.Stream, at.Sequence)

	return nil
}

// Incomplete says whether err is that the database, a table or a column of it is
// not there: Prepare makes it again.
func Incomplete(err error) bool {
	var exception *clickhouse.Exception
	if !errors.As(err, &exception) {
		return false
	}
	switch exception.Code {
	case 16, 47, 60, 81: // NO_SUCH_COLUMN_IN_TABLE, UNKNOWN_IDENTIFIER, UNKNOWN_TABLE, UNKNOWN_DATABASE
		return true
	}

	return false
}
