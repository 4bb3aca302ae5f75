package clickhouse

import (
	"context"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ebb/sinks"
)

// coverage remembers which beginnings of eras table eras holds already, so that
// a write seldom has to add one.
type coverage struct {
	mu    sync.Mutex
	known map[eraWindow]int64
}

type eraWindow struct {
	era    int64
	window string
}

// news are the beginnings that lie before those known.
func (c *coverage) news(found []sinks.Beginning) []sinks.Beginning {
	c.mu.Lock()
	defer c.mu.Unlock()
	var news []sinks.Beginning
	for _, b := range found {
		if since, known := c.known[eraWindow{b.Era, b.Window}]; !known || b.Since < since {
			news = append(news, b)
		}
	}

	return news
}

// keep notes beginnings that are stored.
func (c *coverage) keep(stored []sinks.Beginning) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = make(map[eraWindow]int64)
	}
	for _, b := range stored {
		key := eraWindow{b.Era, b.Window}
		if since, known := c.known[key]; !known || b.Since < since {
			c.known[key] = b.Since
		}
	}
}

// forget is for when the database may be another, or an older one.
func (c *coverage) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = nil
}

// erasTable takes beginnings, which are not rows of a batch.
func erasTable(beginnings []sinks.Beginning) table {
	type row = sinks.Beginning

	return table{
		name:    "eras",
		columns: []clickhouse.ColumnNameAndType{{Name: "era", Type: time64}, {Name: "window", Type: lowText}, {Name: "since", Type: time64}},
		rows:    func(*sinks.Batch) int { return len(beginnings) },
		values: func(*sinks.Batch) []any {
			return []any{
				column(beginnings, func(r *row) int64 { return r.Era }),
				column(beginnings, func(r *row) string { return r.Window }),
				column(beginnings, func(r *row) int64 { return r.Since }),
			}
		},
	}
}

// begin stores where the eras of the batch begin, before the rows themselves.
func (s *Sink) begin(ctx context.Context, batch *sinks.Batch) error {
	news := s.eras.news(batch.Beginnings())
	if len(news) == 0 {
		return nil
	}
	if err := s.insert(ctx, erasTable(news), &sinks.Batch{}); err != nil {
		return err
	}
	s.eras.keep(news)

	return nil
}
