package sinks

import (
	"iter"
	"slices"

	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
)

// Batch is rows for the tables of a sink, decoded. The zero Batch is empty.
type Batch struct {
	// Token names the content: two batches with the same token hold the same
	// rows. "" where nothing names it. A sink may use it to recognise a batch
	// that it has just stored.
	Token string

	// Cursor is up to where the stream of the rows is written once they are: it
	// becomes visible after them. nil where they are not all.
	Cursor *Cursor

	Rollups      [RollupTables][]Rollup // by RollupTable
	Series       [RollupTables][]Series // by RollupTable
	Metrics      []MetricRows           // by metric, as metric.Tables has them, or fewer
	MetricSeries [][]MetricSeries       // by metric
	Late         []wire.LateEvent
	Levels       []wire.LevelsRow
	Pipeline     []wire.PipelineRow
	Quality      []Quality
	Feed         []wire.FeedRow
	Signals      []wire.Signal
	DeadLetters  []DeadLetter

	registry []*metric.Metric
}

// RollupSizes is how many rollups a batch has, by RollupTable.
func (b *Batch) RollupSizes() (sizes [RollupTables]int) {
	for i := range b.Rollups {
		sizes[i] = len(b.Rollups[i])
	}

	return sizes
}

// Spare is the rollups of a batch that is written, whose memory another may use.
type Spare [RollupTables][]Rollup

// Spare takes the memory of the rollups: the batch has none any more.
func (b *Batch) Spare() Spare {
	spare := Spare(b.Rollups)
	b.Rollups = [RollupTables][]Rollup{}

	return spare
}

// Reuse gives a batch without rollups the memory of another's.
func (b *Batch) Reuse(spare Spare) {
	for i := range spare {
		b.Rollups[i] = spare[i][:0]
	}
}

// Reserve makes room for about so many rollups: a batch that grows row by row is
// copied again and again.
func (b *Batch) Reserve(sizes [RollupTables]int) {
	for i, n := range sizes {
		b.Rollups[i] = slices.Grow(b.Rollups[i], n+n/8)
	}
}

// RollupTable is the index of a rollup table in Batch.Rollups.
type RollupTable int

// The rollup tables, in the order in which a cut publishes them.
const (
	Total RollupTable = iota
	Kind
	Channel
	Type
	RollupTables = 4 // how many there are
)

// Name is the name of the table.
func (t RollupTable) Name() wire.Table { return wire.RollupTables()[t] }

// Rollup is one row of a rollup table. It is the same row as another with the
// same era, window, end, partition, key and currency.
type Rollup struct {
	Window    string
	End       int64 // Unix ms, exclusive
	Partition int
	Version   uint64
	Clock     int64 // Unix ms
	Era       int64 // Unix ms; when the input stream was made
	wire.Row
}

// Series is rows of a rollup table for windows of one length and key that ended
// for the first time in one cut. Each stands for the row that it would be alone;
// where there is a Rollup of the same era, window, end, partition, key and
// currency, that is a correction of it.
type Series struct {
	Partition int
	Version   uint64
	Clock     int64 // Unix ms
	Era       int64 // Unix ms; when the input stream was made
	wire.Series
}

// Rollups yields the rows.
func (s *Series) Rollups() iter.Seq[Rollup] {
	return func(yield func(Rollup) bool) {
		for end, row := range s.Rows() {
			rollup := Rollup{Window: s.Window, End: end, Partition: s.Partition, Version: s.Version, Clock: s.Clock, Era: s.Era, Row: row}
			if !yield(rollup) {
				return
			}
		}
	}
}

// Quality is one row of the model's quality. It is the same row as another with
// the same era, partition, time, segment and bin.
type Quality struct {
	Partition int
	Version   uint64
	Clock     int64 // Unix ms
	Era       int64 // Unix ms
	Time      int64 // Unix ms, when the outcomes were known
	HorizonMS int64
	wire.QualityBin
}

// DeadLetter is an input record, or a message for a sink, that was set aside.
// It is the same as another with the same era, reason, sequence, row and subject.
type DeadLetter struct {
	Reason    string
	Sequence  uint64 // of the record in its stream
	Row       int    // of the record, from 1, where that holds rows of history
	Partition int
	Time      int64 // Unix ms; the record's clock
	Subject   string
	Error     string // in words
	Body      []byte // as it came
	Version   uint64 // sequence in the stream of dead letters
	Era       int64  // Unix ms; when the input stream was made
}

// Rows is how many rows the batch holds, a series being one.
func (b *Batch) Rows() int {
	rows := len(b.Late) + len(b.Levels) + len(b.Pipeline) + len(b.Quality) + len(b.Feed) +
		len(b.Signals) + len(b.DeadLetters)
	for i := range b.Rollups {
		rows += len(b.Rollups[i]) + len(b.Series[i])
	}
	for i := range b.Metrics {
		rows += b.Metrics[i].Len()
	}
	for i := range b.MetricSeries {
		rows += len(b.MetricSeries[i])
	}

	return rows
}

// Clock is the latest among the clocks of the rollups that were added last to
// each table, and of the last signal, Unix ms; 0 where there are none.
func (b *Batch) Clock() (latest int64) {
	if n := len(b.Signals); n > 0 {
		latest = b.Signals[n-1].At
	}
	for i := range b.Rollups {
		if n := len(b.Rollups[i]); n > 0 {
			latest = max(latest, b.Rollups[i][n-1].Clock)
		}
		if n := len(b.Series[i]); n > 0 {
			latest = max(latest, b.Series[i][n-1].Clock)
		}
	}

	return latest
}

// Halves cuts the batch into two that together hold its rows, neither of them
// empty. It is for finding a refused row in a batch of at least two. The
// halves share the batch's memory and have no token.
func (b *Batch) Halves() (first, second *Batch) {
	first, second = &Batch{}, &Batch{}
	room := b.Rows() / 2 // for rows in the first half
	for i := range b.Rollups {
		first.Rollups[i], second.Rollups[i] = split(b.Rollups[i], &room)
		first.Series[i], second.Series[i] = split(b.Series[i], &room)
	}
	b.splitMetrics(first, second, &room)
	first.Late, second.Late = split(b.Late, &room)
	first.Levels, second.Levels = split(b.Levels, &room)
	first.Pipeline, second.Pipeline = split(b.Pipeline, &room)
	first.Quality, second.Quality = split(b.Quality, &room)
	first.Feed, second.Feed = split(b.Feed, &room)
	first.Signals, second.Signals = split(b.Signals, &room)
	first.DeadLetters, second.DeadLetters = split(b.DeadLetters, &room)

	return first, second
}

// split gives the first half what there is room for, and takes it off room.
func split[T any](rows []T, room *int) (first, second []T) {
	n := min(*room, len(rows))
	*room -= n

	return rows[:n:n], rows[n:]
}
