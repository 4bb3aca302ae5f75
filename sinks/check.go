package sinks

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"ebb/pipeline/wire"
)

// Limits of what any sink takes. They are the limits of events, so a row
// beyond them comes from a broken writer.
const (
	MinTime = 0             // 1970-01-01, Unix ms
	MaxTime = 7289654400000 // 2201-01-01, Unix ms, exclusive: the year 2200 and the windows that end after it
	MaxText = 4 << 10       // bytes of a key, a customer or a name
)

// Windows are the names of the window lengths, shortest first.
func Windows() []string { return []string{"1m", "5m", "1h", "24h", "7d", "28d"} }

// Check returns the first reason why no sink keeps the batch, as an ErrRefused,
// or nil. Sinks call it, so that all of them refuse the same rows.
func (b *Batch) Check() error {
	for i := range b.Rollups {
		if err := first(RollupTable(i).Name(), b.Rollups[i], (*Rollup).check); err != nil {
			return err
		}
		if err := first(RollupTable(i).Name(), b.Series[i], (*Series).check); err != nil {
			return err
		}
	}

	if err := b.checkMetrics(); err != nil {
		return err
	}

	return firstError(
		first(wire.Late, b.Late, checkLate),
		first(wire.Levels, b.Levels, checkLevels),
		first(wire.Pipeline, b.Pipeline, checkPipeline),
		first(wire.Quality, b.Quality, (*Quality).check),
		first(wire.Feed, b.Feed, checkFeed),
		first(signals, b.Signals, checkSignal),
	)
}

// Sift takes out every row that Check refuses, and returns the first reason.
func (b *Batch) Sift() error {
	refused := b.Check()
	if refused == nil {
		return nil
	}
	for i := range b.Rollups {
		b.Rollups[i] = sift(b.Rollups[i], (*Rollup).check)
		b.Series[i] = sift(b.Series[i], (*Series).check)
	}
	b.siftMetrics()
	b.Late = sift(b.Late, checkLate)
	b.Levels = sift(b.Levels, checkLevels)
	b.Pipeline = sift(b.Pipeline, checkPipeline)
	b.Quality = sift(b.Quality, (*Quality).check)
	b.Feed = sift(b.Feed, checkFeed)
	b.Signals = sift(b.Signals, checkSignal)

	return refused
}

// signals is the table of signals, which no message names.
const signals wire.Table = "signals"

func first[T any](table wire.Table, rows []T, check func(*T) error) error {
	for i := range rows {
		if err := check(&rows[i]); err != nil {
			return Refuse(string(table), err)
		}
	}

	return nil
}

func sift[T any](rows []T, check func(*T) error) []T {
	return slices.DeleteFunc(rows, func(row T) bool { return check(&row) != nil })
}

func (r *Rollup) check() error {
	switch {
	case r.Events < 0 || r.Customers < 0:
		return fmt.Errorf("counts are %d and %d, below 0", r.Events, r.Customers)
	case !known(r.Window):
		return fmt.Errorf("window is %q, not one of %q", r.Window, Windows())
	}

	return firstError(
		checkPartition(r.Partition),
		checkTime("end", r.End),
		checkTime("clock", r.Clock),
		checkTime("era", r.Era),
		checkText("key", r.Key),
		checkText("currency", r.Currency),
	)
}

func (s *Series) check() error {
	for _, counts := range [][]int64{s.Events, s.Customers} {
		if len(counts) > 0 && slices.Min(counts) < 0 {
			return fmt.Errorf("a count is %d, below 0", slices.Min(counts))
		}
	}
	if !known(s.Window) {
		return fmt.Errorf("window is %q, not one of %q", s.Window, Windows())
	}

	return firstError(
		checkPartition(s.Partition),
		checkTime("end", s.End),
		checkTime("end", s.LastEnd()),
		checkTime("clock", s.Clock),
		checkTime("era", s.Era),
		checkText("key", s.Key),
		checkText("currency", s.Currency),
	)
}

// known is Windows without its slice: it runs once a row.
func known(window string) bool {
	switch window {
	case "1m", "5m", "1h", "24h", "7d", "28d":
		return true
	}

	return false
}

func checkHeader(h *wire.Header, time int64) error {
	return firstError(checkPartition(h.Partition), checkTime("time", time), checkTime("clock", h.Clock), checkTime("era", h.Era))
}

func checkPipeline(p *wire.PipelineRow) error { return checkHeader(&p.Header, p.Time) }

func checkLate(l *wire.LateEvent) error {
	return firstError(
		checkHeader(&l.Header, l.Time),
		checkText("customer", l.Customer),
		checkText("id", l.ID),
		checkText("type", l.Type),
	)
}

func checkLevels(l *wire.LevelsRow) error {
	if l.Healthy < 0 || l.Cooling < 0 || l.AtRisk < 0 || l.Lapsed < 0 || l.Left < 0 {
		return fmt.Errorf("counts are %d, %d, %d, %d and %d, one below 0", l.Healthy, l.Cooling, l.AtRisk, l.Lapsed, l.Left)
	}

	return checkHeader(&l.Header, l.Time)
}

// qualityBins is how many bins of the risk there are.
const qualityBins = 10

func (q *Quality) check() error {
	switch {
	case q.Bin < 0 || q.Bin >= qualityBins:
		return fmt.Errorf("bin is %d, not 0 to %d", q.Bin, qualityBins-1)
	case q.HorizonMS <= 0:
		return fmt.Errorf("horizon_ms is %d, not above 0", q.HorizonMS)
	case q.Lost < 0 || q.Lost > q.Rows || q.RiskSum < 0 || q.BrierSum < 0 || q.Overlap < 0:
		return fmt.Errorf("%d of %d rows are lost, sums are %d, %d and %d: one below 0, or more lost than there are",
			q.Lost, q.Rows, q.RiskSum, q.BrierSum, q.Overlap)
	}

	return firstError(
		checkPartition(q.Partition),
		checkTime("time", q.Time),
		checkTime("clock", q.Clock),
		checkTime("era", q.Era),
		checkText("segment", q.Segment),
	)
}

func checkFeed(f *wire.FeedRow) error {
	if !(f.Expected >= 0 && f.Expected <= math.MaxFloat64) {
		return fmt.Errorf("expected is %v, not a number of events", f.Expected)
	}

	return firstError(
		checkHeader(&f.Header, f.Time),
		checkTime("since", f.Since),
		checkText("channel", f.Channel),
		checkText("state", f.State),
	)
}

func checkSignal(s *wire.Signal) error {
	return firstError(
		checkPartition(s.Partition),
		checkTime("at", s.At),
		checkTime("last_event", s.LastEvent),
		checkTime("era", s.Era),
		checkText("customer", s.Customer),
		checkText("level", s.Level),
		checkText("previous", s.Previous),
		checkText("signal", s.Signal),
		checkText("currency", s.Currency),
	)
}

func checkPartition(partition int) error {
	if partition < 0 || partition > 0xffff {
		return fmt.Errorf("partition is %d, outside 0 to 65535", partition)
	}

	return nil
}

func checkTime(field string, ms int64) error {
	if ms < MinTime || ms >= MaxTime {
		return fmt.Errorf("%s is %d ms, outside the years 1970 to 2200", field, ms)
	}

	return nil
}

func checkText(field, text string) error {
	switch {
	case len(text) > MaxText:
		return fmt.Errorf("%s has %d bytes, more than %d", field, len(text), MaxText)
	case !utf8.ValidString(text):
		return fmt.Errorf("%s is %q, not UTF-8", field, text)
	}

	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}

	return nil
}
