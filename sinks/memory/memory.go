// Package memory is a sink that keeps its rows in maps. It is the reference
// for what a sink promises, and serves tests and programs that want the rows
// themselves. It forgets them when the process ends, and it never forgets any
// before: it is not for long runs.
package memory

import (
	"context"
	"slices"
	"sync"

	"ebb/pipeline/wire"
	"ebb/sinks"
)

// Sink keeps rows in memory. The zero value is not ready: use New. Its methods
// may be called from several goroutines.
type Sink struct {
	mu          sync.Mutex
	rollups     [sinks.RollupTables]table[rollupKey, sinks.Rollup]
	late        table[uint64, wire.LateEvent]
	levels      table[minuteKey, wire.LevelsRow]
	pipeline    table[minuteKey, wire.PipelineRow]
	quality     table[qualityKey, sinks.Quality]
	feed        table[feedKey, wire.FeedRow]
	signals     table[signalKey, wire.Signal]
	deadLetters table[deadLetterKey, sinks.DeadLetter]
}

// The keys of the tables: two rows with the same key are the same row.
type (
	rollupKey struct {
		window        string
		end           int64
		partition     int
		key, currency string
	}
	minuteKey struct {
		partition int
		time      int64
	}
	qualityKey struct {
		partition int
		time      int64
		segment   string
		bin       int
	}
	feedKey struct {
		channel   string
		time      int64
		partition int
	}
	signalKey struct {
		customer string
		episode  uint32
		level    string
		signal   string
	}
	deadLetterKey struct {
		reason   string
		sequence uint64
		subject  string
	}
)

// New returns an empty sink.
func New() *Sink {
	s := &Sink{
		late: table[uint64, wire.LateEvent]{}, signals: table[signalKey, wire.Signal]{},
		levels: table[minuteKey, wire.LevelsRow]{}, pipeline: table[minuteKey, wire.PipelineRow]{},
		deadLetters: table[deadLetterKey, sinks.DeadLetter]{}, quality: table[qualityKey, sinks.Quality]{},
		feed: table[feedKey, wire.FeedRow]{},
	}
	for i := range s.rollups {
		s.rollups[i] = table[rollupKey, sinks.Rollup]{}
	}

	return s
}

// Write keeps the rows of the batch. A refused batch changes nothing.
func (s *Sink) Write(_ context.Context, batch *sinks.Batch) error {
	if err := batch.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()

	for i := range batch.Rollups {
		for _, r := range batch.Rollups[i] {
			s.rollups[i].put(rollupKey{r.Window, r.End, r.Partition, r.Key, r.Currency}, r.Version, r)
		}
	}
	for _, r := range batch.Late {
		s.late.put(r.Sequence, r.Version, r)
	}
	for _, r := range batch.Levels {
		s.levels.put(minuteKey{r.Partition, r.Time}, r.Version, r)
	}
	for _, r := range batch.Quality {
		s.quality.put(qualityKey{r.Partition, r.Time, r.Segment, r.Bin}, r.Version, r)
	}
	for _, r := range batch.Feed {
		s.feed.put(feedKey{r.Channel, r.Time, r.Partition}, r.Version, r)
	}
	for _, r := range batch.Signals {
		s.signals.put(signalKey{r.Customer, r.Episode, r.Level, r.Signal}, r.Version, r)
	}
	for _, r := range batch.DeadLetters {
		r.Body = slices.Clone(r.Body)
		s.deadLetters.put(deadLetterKey{r.Reason, r.Sequence, r.Subject}, r.Version, r)
	}
	for _, r := range batch.Pipeline {
		s.pipeline.put(minuteKey{r.Partition, r.Time}, r.Version, r)
	}

	return nil
}

// Close does nothing: the rows stay readable.
func (s *Sink) Close() error { return nil }

// Rows returns what the sink holds, as one batch in no particular order.
func (s *Sink) Rows() *sinks.Batch {
	s.mu.Lock()
	defer s.mu.Unlock()

	out := &sinks.Batch{
		Late: s.late.rows(), Levels: s.levels.rows(), Pipeline: s.pipeline.rows(), Feed: s.feed.rows(),
		Signals: s.signals.rows(), DeadLetters: s.deadLetters.rows(), Quality: s.quality.rows(),
	}
	for i := range s.rollups {
		out.Rollups[i] = s.rollups[i].rows()
	}

	return out
}

// table keeps the row of the highest version for each key.
type table[K comparable, R any] map[K]versioned[R]

type versioned[R any] struct {
	version uint64
	row     R
}

func (t table[K, R]) put(key K, version uint64, row R) {
	if kept, found := t[key]; found && kept.version > version {
		return
	}
	t[key] = versioned[R]{version, row}
}

func (t table[K, R]) rows() []R {
	rows := make([]R, 0, len(t))
	for _, kept := range t {
		rows = append(rows, kept.row)
	}

	return rows
}
