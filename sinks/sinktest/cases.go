package sinktest

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"ebb/pipeline/amount"
	"ebb/pipeline/wire"
	"ebb/sinks"
)

func everyField(t *testing.T, s Subject) {
	write(t, s, sample(5))
	expect(t, s, sample(5))
}

func empty(t *testing.T, s Subject) {
	write(t, s, &sinks.Batch{})
	write(t, s, &sinks.Batch{Token: "nothing"})
	expect(t, s, &sinks.Batch{})
}

// again writes with and without a token, and as a part of another batch.
func again(t *testing.T, s Subject) {
	for _, token := range []string{"a", "a", "", "b"} {
		b := sample(5)
		b.Token = token
		write(t, s, b)
	}
	b := sample(5)
	b.Rollups[sinks.Kind] = append(b.Rollups[sinks.Kind], b.Rollups[sinks.Kind]...)
	write(t, s, b)
	expect(t, s, sample(5))
}

// replay writes more versions of rows than a server that remembers its last
// 100 blocks could recognise, then from some of any age on again.
func replay(t *testing.T, s Subject) {
	const last = 105
	at := func(version uint64) *sinks.Batch {
		row := rollup(sinks.Total, version)
		row.Events = int64(version)
		b := &sinks.Batch{Token: fmt.Sprint("cut ", version)}
		b.Rollups[sinks.Total] = []sinks.Rollup{row}

		return b
	}
	for version := range uint64(last) {
		write(t, s, at(version+1))
	}
	for _, from := range []uint64{1, last / 2, last} {
		for version := from; version <= min(from+3, last); version++ {
			write(t, s, at(version))
		}
		expect(t, s, at(last))
	}
}

func versions(t *testing.T, s Subject) {
	at := func(version uint64) *sinks.Batch {
		b := sample(version)
		b.Rollups[sinks.Total][0].Events = int64(version % 1000)
		b.Signals[0].Risk = float64(version%10) / 10
		b.Quality[0].Overlap = int64(version % 1000)

		return b
	}
	for _, version := range []uint64{2, 9, 1, math.MaxUint64, 3, math.MaxUint64 - 1} {
		write(t, s, at(version))
	}
	expect(t, s, at(math.MaxUint64))
}

// keys writes rows that differ in one part of their key each: all stay.
func keys(t *testing.T, s Subject) {
	b := sample(5)
	for i := range b.Rollups {
		base := b.Rollups[i][0]
		for _, change := range []func(*sinks.Rollup){
			func(r *sinks.Rollup) { r.Window = "1h" },
			func(r *sinks.Rollup) { r.End++ },
			func(r *sinks.Rollup) { r.Partition++ },
			func(r *sinks.Rollup) { r.Key += "x" },
			func(r *sinks.Rollup) { r.Currency = "USD" },
		} {
			row := base
			change(&row)
			if sinks.RollupTable(i) == sinks.Total && row.Key != "" || sinks.RollupTable(i) != sinks.Type && row.Currency != "" {
				continue // no column of this table
			}
			b.Rollups[i] = append(b.Rollups[i], row)
		}
	}
	silence := b.Feed[0]
	for _, change := range []func(*wire.FeedRow){
		func(r *wire.FeedRow) { r.Channel = "" },
		func(r *wire.FeedRow) { r.Time++ },
		func(r *wire.FeedRow) { r.Partition++ },
	} {
		row := silence
		change(&row)
		b.Feed = append(b.Feed, row)
	}
	signal := b.Signals[0]
	for _, change := range []func(*wire.Signal){
		func(r *wire.Signal) { r.Customer = "c-2" },
		func(r *wire.Signal) { r.Episode++ },
		func(r *wire.Signal) { r.Level = "lapsed" },
		func(r *wire.Signal) { r.Signal = wire.Cleared },
		func(r *wire.Signal) { r.Signal = wire.Alert },
	} {
		row := signal
		change(&row)
		b.Signals = append(b.Signals, row)
	}
	quality := b.Quality[0]
	for _, change := range []func(*sinks.Quality){
		func(r *sinks.Quality) { r.Time++ },
		func(r *sinks.Quality) { r.Partition++ },
		func(r *sinks.Quality) { r.Segment = "newcomer" },
		func(r *sinks.Quality) { r.Bin = 0 },
	} {
		row := quality
		change(&row)
		b.Quality = append(b.Quality, row)
	}
	letter := b.DeadLetters[0]
	letter.Reason = "oversize"
	b.DeadLetters = append(b.DeadLetters, letter)
	letter.Sequence++
	b.DeadLetters = append(b.DeadLetters, letter)
	letter.Row++
	b.DeadLetters = append(b.DeadLetters, letter)

	write(t, s, b)
	expect(t, s, b)
}

// texts that a text protocol or a careless quoting would break.
func texts(t *testing.T, s Subject) {
	b := &sinks.Batch{}
	for i, text := range []string{
		"", "日本語 Ümläut", "a'b\"c\\d`e", "tab\tline\nnull\x00end", "'); DROP TABLE signals; --",
		"{customer:String} ? $1 @name", "👩‍👩‍👧", strings.Repeat("x", 256),
	} {
		sequence := uint64(i + 1)
		row := rollup(sinks.Channel, sequence)
		row.Key = text
		b.Rollups[sinks.Channel] = append(b.Rollups[sinks.Channel], row)

		signal := sample(sequence).Signals[0]
		signal.Customer, signal.Reasons[0].Text = text, text
		b.Signals = append(b.Signals, signal)

		letter := sample(sequence).DeadLetters[0]
		letter.Sequence, letter.Error, letter.Body = sequence, text, []byte(text)
		b.DeadLetters = append(b.DeadLetters, letter)
	}
	binary := sample(1).DeadLetters[0]
	binary.Body = []byte{0xff, 0xfe, 0x00, 0x80}
	b.DeadLetters = append(b.DeadLetters, binary)

	write(t, s, b)
	expect(t, s, b)
}

func limits(t *testing.T, s Subject) {
	b := &sinks.Batch{}
	for partition, end := range []int64{sinks.MinTime, 852_076_800_000, 4_102_444_800_123, sinks.MaxTime - 1} {
		row := rollup(sinks.Type, math.MaxUint64)
		row.Partition, row.End, row.Clock = partition*0xffff/3, end, end
		row.Events, row.Value = math.MaxInt64, amount.Amount{Hi: math.MinInt64 >> partition, Lo: math.MaxUint64}
		b.Rollups[sinks.Type] = append(b.Rollups[sinks.Type], row)
	}
	noReason := sample(1).Signals[0]
	noReason.Reasons = []wire.Reason{}
	b.Signals = append(b.Signals, noReason)

	write(t, s, b)
	expect(t, s, b)
}

// refused puts one bad row into a batch: the sink says that it is refused, and
// takes the others without it.
func refused(t *testing.T, s Subject) {
	for name, spoil := range map[string]func(*sinks.Batch){
		"window":    func(b *sinks.Batch) { b.Rollups[sinks.Total][0].Window = "2m" },
		"end":       func(b *sinks.Batch) { b.Rollups[sinks.Kind][0].End = sinks.MaxTime },
		"before":    func(b *sinks.Batch) { b.Rollups[sinks.Kind][0].End = sinks.MinTime - 1 },
		"events":    func(b *sinks.Batch) { b.Rollups[sinks.Channel][0].Events = -1 },
		"metric":    func(b *sinks.Batch) { b.Metrics[0].Measures[0][0] = wire.Number{Lo: 1, Hi: -1} },
		"dimension": func(b *sinks.Batch) { b.Metrics[0].By[0][0] = "\xff" },
		"span":      func(b *sinks.Batch) { b.Metrics[1].Window[0] = "2m" },
		"key":       func(b *sinks.Batch) { b.Rollups[sinks.Type][0].Key = "\xff" },
		"partition": func(b *sinks.Batch) { b.Pipeline[0].Partition = 1 << 16 },
		"series":    func(b *sinks.Batch) { b.Series = sampleSeries(5).Series; b.Series[sinks.Kind][0].Customers[1] = -1 },
		"length":    func(b *sinks.Batch) { b.Series = sampleSeries(5).Series; b.Series[sinks.Type][0].Window = "2m" },
		"last end": func(b *sinks.Batch) {
			b.Series = sampleSeries(5).Series
			b.Series[sinks.Total][0].End = sinks.MaxTime - minute
		},
		"levels":  func(b *sinks.Batch) { b.Levels[0].Lapsed = -1 },
		"quality": func(b *sinks.Batch) { b.Quality[0].Lost = 21 },
		"bin":     func(b *sinks.Batch) { b.Quality[0].Bin = 10 },
		"feed":    func(b *sinks.Batch) { b.Feed[0].Expected = math.NaN() },
		"late":    func(b *sinks.Batch) { b.Late[0].Customer = strings.Repeat("x", sinks.MaxText+1) },
		"signal":  func(b *sinks.Batch) { b.Signals[0].At = -1 },
	} {
		b := sample(5)
		spoil(b)
		if err := s.Sink.Write(t.Context(), b); !errors.Is(err, sinks.ErrRefused) {
			t.Errorf("a bad %s: error is %v, want one that is %v", name, err, sinks.ErrRefused)
		}
	}
	write(t, s, sample(5))
	expect(t, s, sample(5))
}

func big(t *testing.T, s Subject) {
	const rows = 60_000
	b := &sinks.Batch{Token: "big"}
	for i := range rows {
		row := rollup(sinks.Type, uint64(i))
		row.End += int64(i/200) * 60_000
		row.Key = fmt.Sprint("type.", i%200)
		b.Rollups[sinks.Type] = append(b.Rollups[sinks.Type], row)
	}
	write(t, s, b)
	write(t, s, b)
	got := s.Rows(t)
	if n := len(got.Rollups[sinks.Type]); n != rows {
		t.Fatalf("the sink holds %d rows, want %d", n, rows)
	}
	expect(t, s, b)
}
