package replay

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
)

// drawSteps are rows and ticks of a few partitions; some rows are long, and some
// hold the byte that stands between rows.
func drawSteps(t *rapid.T, partitions int) []Step {
	steps := make([]Step, 0, 200)
	for n := range rapid.IntRange(0, 200).Draw(t, "rows") {
		body := fmt.Sprintf("row %d", n)
		switch rapid.IntRange(0, 15).Draw(t, "kind") {
		case 0:
			body += string(rune(event.RowMark))
		case 1:
			body += strings.Repeat("x", rapid.SampledFrom([]int{100, packBytes / 3, packBytes + 1}).Draw(t, "length"))
		case 2:
			body = ""
		}
		record := event.Record{Clock: int64(n / 3), Partition: rapid.IntRange(0, partitions-1).Draw(t, "partition"), Data: []byte(body)}
		steps = append(steps, Step{Record: record, Row: true})
		if rapid.IntRange(0, 20).Draw(t, "tick") == 0 {
			steps = append(steps, controls(partitions, record.Clock, event.ControlTick, fact.TickMark{})...)
		}
	}

	return steps
}

func packAll(t rapid.TB, partitions, most int, steps []Step) []Step {
	t.Helper()
	p := newPacking(partitions, most, func() (Step, error) {
		if len(steps) == 0 {
			return Step{}, io.EOF
		}
		step := steps[0]
		steps = steps[1:]

		return step, nil
	})
	var packed []Step
	for {
		step, err := p.next()
		if errors.Is(err, io.EOF) {
			return packed
		}
		if err != nil {
			t.Fatal(err)
		}
		packed = append(packed, step)
	}
}

// singly is every row with its clock and partition, and every tick.
func singly(t rapid.TB, steps []Step) []string {
	t.Helper()
	var lines []string
	for _, step := range steps {
		r := step.Record
		if r.Rows == 0 {
			lines = append(lines, fmt.Sprintf("%d %d %s %q", r.Partition, r.Clock, r.Control, r.Data))

			continue
		}
		rows, ok := event.SplitRows(nil, r.Data, r.Rows)
		if !ok {
			t.Fatalf("a record of %d rows can't be read: %q", r.Rows, r.Data)
		}
		for _, row := range rows {
			lines = append(lines, fmt.Sprintf("%d %d %s %q", r.Partition, row.Clock, r.Control, row.Body))
		}
	}

	return lines
}

func ofPartition(lines []string, partition int) []string {
	var own []string
	for _, line := range lines {
		if strings.HasPrefix(line, fmt.Sprintf("%d ", partition)) {
			own = append(own, line)
		}
	}

	return own
}

// Whatever the bounds, each partition gets the same rows and ticks in the same
// order; no record has more rows or bytes than it may; and the first row comes
// first, because the start marks have its clock.
func TestPackedRowsAreTheSameRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const partitions = 3
		steps := drawSteps(t, partitions)
		most := rapid.SampledFrom([]int{0, 1, 2, 3, 7, 256}).Draw(t, "most")
		packed := packAll(t, partitions, most, slices.Clone(steps))
		for _, step := range packed {
			if r := step.Record; r.Rows > max(most, 1) || r.Rows == 1 || r.Rows > 0 && len(r.Data) > packBytes+most*20 {
				t.Fatalf("a record has %d rows and %d bytes; there may be %d rows", r.Rows, len(r.Data), most)
			}
		}
		want, got := singly(t, steps), singly(t, packed)
		if len(want) > 0 && got[0] != want[0] {
			t.Fatalf("the first is %s, want %s", got[0], want[0])
		}
		for partition := range partitions {
			if w, g := ofPartition(want, partition), ofPartition(got, partition); !slices.Equal(w, g) {
				t.Fatalf("partition %d got\n%q, want\n%q", partition, g, w)
			}
		}
		if most <= 1 && !slices.Equal(want, got) {
			t.Fatal("rows that are not packed changed their order")
		}
	})
}

// Ticks stand behind all rows before them, in every partition.
func TestNoRowPassesATick(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const partitions = 2
		steps := drawSteps(t, partitions)
		before := func(lines []string) (counts []int) {
			for n, line := range lines {
				if strings.Contains(line, " tick ") {
					counts = append(counts, n)
				}
			}

			return counts
		}
		want, got := before(singly(t, steps)), before(singly(t, packAll(t, partitions, 256, slices.Clone(steps))))
		if !slices.Equal(want, got) {
			t.Fatalf("ticks stand behind %v records, want %v", got, want)
		}
	})
}
