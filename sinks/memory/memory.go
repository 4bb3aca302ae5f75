// Package memory is a sink that keeps its rows in maps. It is the reference
// for what a sink promises, and serves tests and programs that want the rows
// themselves. It forgets them when the process ends, and it never forgets any
// before: it is not for long runs.
package memory

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/sinks"
)

// Sink keeps rows in memory. The zero value is not ready: use New. Its methods
// may be called from several goroutines.
type Sink struct {
	mu          sync.Mutex
	rollups     [sinks.RollupTables]table[rollupKey, sinks.Rollup]
	metrics     []table[metricKey, sinks.MetricRow] // by metric, as metric.Tables has them
	late        table[lateKey, wire.LateEvent]
	levels      table[minuteKey, wire.LevelsRow]
	pipeline    table[minuteKey, wire.PipelineRow]
	quality     table[qualityKey, sinks.Quality]
	feed        table[feedKey, wire.FeedRow]
	signals     table[signalKey, wire.Signal]
	deadLetters table[deadLetterKey, sinks.DeadLetter]
	begun       beginnings
	cursors     map[[2]string]sinks.Cursor
}

// The keys of the tables: two rows with the same key are the same row.
type (
	rollupKey struct {
		era           int64
		window        string
		end           int64
		partition     int
		key, currency string
	}
	metricKey struct {
		era       int64
		window    string
		end       int64
		partition uint16
		by        string
	}
	minuteKey struct {
		era       int64
		partition int
		time      int64
	}
	qualityKey struct {
		era       int64
		partition int
		time      int64
		segment   string
		bin       int
	}
	feedKey struct {
		era       int64
		channel   string
		time      int64
		partition int
	}
	signalKey struct {
		era      int64
		customer string
		episode  uint32
		level    string
		signal   string
	}
	lateKey struct {
		era      int64
		sequence uint64
		row      int
	}
	deadLetterKey struct {
		era      int64
		reason   string
		sequence uint64
		row      int
		subject  string
	}
)

func keyOf(r *sinks.Rollup) rollupKey {
	return rollupKey{r.Era, r.Window, r.End, r.Partition, r.Key, r.Currency}
}

func metricKeyOf(r *sinks.MetricRow) metricKey {
	return metricKey{r.Era, r.Window, r.End, r.Partition, fmt.Sprintf("%q", r.By)}
}

// New returns an empty sink.
func New() *Sink {
	s := &Sink{
		late: table[lateKey, wire.LateEvent]{}, signals: table[signalKey, wire.Signal]{},
		levels: table[minuteKey, wire.LevelsRow]{}, pipeline: table[minuteKey, wire.PipelineRow]{},
		deadLetters: table[deadLetterKey, sinks.DeadLetter]{}, quality: table[qualityKey, sinks.Quality]{},
		feed: table[feedKey, wire.FeedRow]{}, begun: beginnings{},
		cursors: map[[2]string]sinks.Cursor{},
	}
	for i := range s.rollups {
		s.rollups[i] = table[rollupKey, sinks.Rollup]{}
	}

	for range metric.Tables() {
		s.metrics = append(s.metrics, table[metricKey, sinks.MetricRow]{})
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

	s.begun.add(batch.Beginnings())
	for i := range batch.Rollups {
		for _, r := range batch.Rollups[i] {
			s.rollups[i].put(keyOf(&r), r.Version, r)
		}
		for j := range batch.Series[i] {
			for r := range batch.Series[i][j].Rollups() {
				s.rollups[i].putOfSeries(keyOf(&r), r.Version, r)
			}
		}
	}
	for i := range batch.Metrics {
		for n := range batch.Metrics[i].Len() {
			r := batch.Metrics[i].Row(n)
			s.metrics[i].put(metricKeyOf(&r), r.Version, r)
		}
		for n := range batch.MetricSeries[i] {
			batch.MetricSeries[i][n].Unfold(func(r sinks.MetricRow) { s.metrics[i].putOfSeries(metricKeyOf(&r), r.Version, r) })
		}
	}
	for _, r := range batch.Late {
		s.late.put(lateKey{r.Era, r.Sequence, r.Row}, r.Version, r)
	}
	for _, r := range batch.Levels {
		s.levels.put(minuteKey{r.Era, r.Partition, r.Time}, r.Version, r)
	}
	for _, r := range batch.Quality {
		s.quality.put(qualityKey{r.Era, r.Partition, r.Time, r.Segment, r.Bin}, r.Version, r)
	}
	for _, r := range batch.Feed {
		s.feed.put(feedKey{r.Era, r.Channel, r.Time, r.Partition}, r.Version, r)
	}
	for _, r := range batch.Signals {
		s.signals.put(signalKey{r.Era, r.Customer, r.Episode, r.Level, r.Signal}, r.Version, r)
	}
	for _, r := range batch.DeadLetters {
		r.Body = slices.Clone(r.Body)
		s.deadLetters.put(deadLetterKey{r.Era, r.Reason, r.Sequence, r.Row, r.Subject}, r.Version, r)
	}
	for _, r := range batch.Pipeline {
		s.pipeline.put(minuteKey{r.Era, r.Partition, r.Time}, r.Version, r)
	}

	if at := batch.Cursor; at != nil {
		s.cursors[[2]string{at.Name, at.Stream}] = *at
	}

	return nil
}

// Cursor returns the newest cursor of a stream.
func (s *Sink) Cursor(_ context.Context, name, stream string) (sinks.Cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	at := s.cursors[[2]string{name, stream}]
	at.Name, at.Stream = name, stream

	return at, nil
}

// Close does nothing: the rows stay readable.
func (s *Sink) Close() error { return nil }

// Rows returns what readers take of what the sink holds, as one batch in no
// particular order: the newest version of each row, without those that a newer
// era covers.
func (s *Sink) Rows() *sinks.Batch {
	s.mu.Lock()
	defer s.mu.Unlock()

	begun := s.begun
	out := &sinks.Batch{
		Late:        s.late.rows(func(r *wire.LateEvent) bool { return begun.valid(r.Era, r.Clock) }),
		Levels:      s.levels.rows(func(r *wire.LevelsRow) bool { return begun.valid(r.Era, r.Time) }),
		Pipeline:    s.pipeline.rows(func(r *wire.PipelineRow) bool { return begun.valid(r.Era, r.Time) }),
		Feed:        s.feed.rows(func(r *wire.FeedRow) bool { return begun.valid(r.Era, r.Time) }),
		Signals:     s.signals.rows(func(r *wire.Signal) bool { return begun.valid(r.Era, r.At) }),
		DeadLetters: s.deadLetters.rows(func(r *sinks.DeadLetter) bool { return begun.valid(r.Era, r.Time) }),
		Quality:     s.quality.rows(func(r *sinks.Quality) bool { return begun.valid(r.Era, r.Time) }),
	}
	for i := range s.rollups {
		out.Rollups[i] = s.rollups[i].rows(func(r *sinks.Rollup) bool { return begun.validWindow(r.Era, r.Window, r.End) })
	}

	for i := range s.metrics {
		var rows sinks.MetricRows
		counted := s.counted(i)
		valid := func(r *sinks.MetricRow) bool {
			if r.Window == "" { // of a day
				return begun.valid(r.Era, r.End) && counted.valid(r.Era, r.End)
			}

			return begun.validWindow(r.Era, r.Window, r.End)
		}
		for _, row := range s.metrics[i].rows(valid) {
			rows.Append(row)
		}
		out.Metrics = append(out.Metrics, rows)
	}

	return out
}

// counted are the first days that each era has counted in a census, which is then of the
// newest era alone: by its own rows and by those of the first census, which has some for
// every day where it is on. Of other metrics there are none.
func (s *Sink) counted(i int) beginnings {
	all := metric.Tables()
	counted := beginnings{}
	if i >= len(all) || all[i].Family != metric.Counted {
		return counted
	}
	first := metric.Censuses()[0].Rows().Table()
	for j := range s.metrics {
		if j != i && all[j].Table() != first {
			continue
		}
		for _, kept := range s.metrics[j] {
			counted.add([]sinks.Beginning{{Era: kept.row.Era, Since: kept.row.End}})
		}
	}

	return counted
}

// table keeps the row of the highest version for each key; one of a series only
// where there is no other.
type table[K comparable, R any] map[K]versioned[R]

type versioned[R any] struct {
	version  uint64
	ofSeries bool
	row      R
}

func (t table[K, R]) put(key K, version uint64, row R) {
	if kept, found := t[key]; found && !kept.ofSeries && kept.version > version {
		return
	}
	t[key] = versioned[R]{version, false, row}
}

func (t table[K, R]) putOfSeries(key K, version uint64, row R) {
	if kept, found := t[key]; found && (!kept.ofSeries || kept.version > version) {
		return
	}
	t[key] = versioned[R]{version, true, row}
}

func (t table[K, R]) rows(valid func(*R) bool) []R {
	rows := make([]R, 0, len(t))
	for _, kept := range t {
		if valid(&kept.row) {
			rows = append(rows, kept.row)
		}
	}

	return rows
}
