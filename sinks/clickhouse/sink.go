package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/sinks"
)

// Sink writes rows to the tables of the schema. Its methods may be called from
// several goroutines.
type Sink struct {
	conn driver.Conn
	eras coverage

	vouched sync.Map // stream to the sequence of the last cursor written
}

var _ sinks.Sink = (*Sink)(nil)

// New returns a sink that writes to the database of conn, where Migrate has
// been run, and closes conn when it is closed.
func New(conn driver.Conn) *Sink { return &Sink{conn: conn} }

// Connect opens a sink. It does not connect yet, so it does not fail where the
// server is away.
func Connect(c Config) (*Sink, error) {
	conn, err := Open(c)
	if err != nil {
		return nil, err
	}

	return New(conn), nil
}

// Close closes the connection.
func (s *Sink) Close() error { return s.conn.Close() }

// Write inserts the rows table by table. After an error some tables may have
// them and others not.
func (s *Sink) Write(ctx context.Context, batch *sinks.Batch) error {
	if err := batch.Check(); err != nil {
		return err
	}
	err := s.write(ctx, batch)
	if err != nil {
		s.eras.forget()
	}

	return err
}

func (s *Sink) write(ctx context.Context, batch *sinks.Batch) error {
	if err := s.begin(ctx, batch); err != nil {
		return err
	}
	for _, t := range tables() {
		if t.rows(batch) == 0 {
			continue
		}
		if err := s.insert(ctx, t, batch); err != nil {
			return err
		}
	}

	return s.vouch(ctx, batch.Cursor)
}

// insert writes the rows of one table as one Native block.
func (s *Sink) insert(ctx context.Context, t table, batch *sinks.Batch) error {
	all, columns := t.values(batch), slices.Clone(t.columns)
	for i, values := range all {
		if n, ok := values.(numbers); ok {
			columns[i].Type = n.kind
		}
	}
	ctx = clickhouse.Context(ctx,
		clickhouse.WithSettings(settings(batch.Token)),
		clickhouse.WithColumnNamesAndTypes(columns),
	)
	block, err := s.conn.PrepareBatch(ctx, t.insert())
	if err != nil {
		return fmt.Errorf("clickhouse table %s: %w", t.name, err)
	}
	defer block.Close()

	for i, values := range all {
		var err error
		if n, ok := values.(numbers); ok {
			err = n.appendTo(block.Column(i))
		} else {
			err = block.Column(i).Append(values)
		}
		if err != nil {
			return sinks.Refuse(t.name, fmt.Errorf("column %s: %w", t.columns[i].Name, err))
		}
	}
	if err := block.Send(); err != nil {
		if refused(err) {
			return sinks.Refuse(t.name, err)
		}

		return fmt.Errorf("clickhouse table %s: %w", t.name, err)
	}

	return nil
}

// settings of an insert. With a token the server drops a block that it stored
// just before, so a retry does not make it merge the rows away later.
func settings(token string) clickhouse.Settings {
	s := clickhouse.Settings{
		// A retry may find the rows of signals stored, and those of what they feed not.
		"deduplicate_blocks_in_dependent_materialized_views": 1,

		"async_insert":                    0,
		"max_partitions_per_insert_block": 0, // an import's batch may span decades
		"optimize_on_insert":              0, // a batch hardly ever has two versions of a row; FINAL and merges look for them anyway
	}
	if token != "" {
		s["insert_deduplication_token"] = token
	}

	return s
}
