package jetstream

import (
	"bytes"
	"fmt"
	"testing"

	"ebb/pipeline/event"
)

// manyRows is a deterministic import of which some records hold several rows.
func manyRows() (records []HistoryRecord, rows []string) {
	n := 0
	for size := range 40 {
		record := HistoryRecord{Partition: size % 16}
		for range size%9 + 1 {
			record.Clock = 1_600_000_000_000 + int64(n)
			body := fmt.Appendf(nil, "row %d", n)
			rows = append(rows, fmt.Sprintf("%d %s", record.Clock, body))
			if size%9 == 0 {
				record.Body = body
			} else {
				record.Body = event.AppendRow(record.Body, record.Clock, body)
				record.Rows++
			}
			n++
		}
		records = append(records, record)
	}

	return append(records, HistoryRecord{Clock: record0(n), Control: event.ControlTick, Body: []byte("{}")}), rows
}

func record0(n int) int64 { return 1_600_000_000_000 + int64(n) }

// storedRows reads the rows of the history, whatever record they stand in.
func storedRows(t *testing.T, i *Import, records int) (rows []string) {
	t.Helper()
	for _, r := range readRecords(t, open(t, i.js, i.layout, 0), records) {
		switch {
		case r.Lane != event.LaneHistory || r.Control != event.ControlNone:
		case r.Rows == 0:
			rows = append(rows, fmt.Sprintf("%d %s", r.Clock, r.Data))
		default:
			split, ok := event.SplitRows(nil, r.Data, r.Rows)
			if !ok {
				t.Fatalf("record %d can't be read: %q", r.Sequence, r.Data)
			}
			for _, row := range split {
				rows = append(rows, fmt.Sprintf("%d %s", row.Clock, row.Body))
			}
		}
	}

	return rows
}

// An import counts rows, however many a record holds, and goes on behind any
// record that a killed server has kept of a batch.
func TestImportOfRowsGoesOnAfterHalfABatch(t *testing.T) {
	records, want := manyRows()
	for _, kept := range []int{0, 1, 7, 25, len(records)} {
		t.Run(fmt.Sprint(kept), func(t *testing.T) {
			js, layout := provisioned(t)
			i := openImport(t, js, layout, "a")
			appendAll(t, i, records[:5])
			rows := 0
			for _, r := range records[:max(kept, 5)] {
				rows += max(r.Rows, 1)
			}
			for _, r := range records[5:max(kept, 5)] {
				publishHistory(t, i, []HistoryRecord{r})
			}

			again := openImport(t, js, layout, "a")
			got := again.Status()
			if got.Records != rows || got.Clock != records[max(kept, 5)-1].Clock || got.PackRows != DefaultPackRows {
				t.Fatalf("taken up at %+v, want %d rows and ticks", got, rows)
			}
			if kept < len(records) {
				appendAll(t, again, records[max(kept, 5):])
			}
			if got := storedRows(t, again, layout.Partitions+len(records)); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("the stream holds\n%q, want\n%q", got, want)
			}
			if err := again.End(t.Context()); err != nil || again.Status().Rows != len(want) || again.Status().Ticks != 1 {
				t.Errorf("ended with %+v, %v; want %d rows and a tick", again.Status(), err, len(want))
			}
		})
	}
}

// The number of rows that a record may hold is that with which the import began.
func TestImportGoesOnWithItsRows(t *testing.T) {
	js, layout := provisioned(t)
	for _, rows := range []int{-1, event.MaxRows + 1} {
		if _, err := OpenImport(t.Context(), js, layout, ImportConfig{ID: "a", PackRows: rows}); err == nil {
			t.Errorf("an import with %d rows a record opened", rows)
		}
	}
	if _, err := OpenImport(t.Context(), js, layout, ImportConfig{ID: "a", PackRows: 7}); err != nil {
		t.Fatal(err)
	}
	if got := openImport(t, js, layout, "a").Status().PackRows; got != 7 {
		t.Errorf("it goes on with %d rows a record, and began with 7", got)
	}
	i := openImport(t, js, layout, "a")
	for _, r := range []HistoryRecord{{Rows: -1}, {Rows: event.MaxRows + 1}, {Rows: 2, Control: event.ControlTick}} {
		if err := i.Append(t.Context(), []HistoryRecord{r}); err == nil {
			t.Errorf("%+v was appended", r)
		}
	}
}

// Long records go out in several batches, and each is stored once.
func TestImportOfLongRecords(t *testing.T) {
	js, layout := provisioned(t)
	i := openImport(t, js, layout, "a")
	var records []HistoryRecord
	for n := range 30 {
		records = append(records, HistoryRecord{Partition: n % 16, Clock: record0(n), Body: bytes.Repeat([]byte{byte('a' + n)}, 500_000)})
	}
	if got := len(batchOf(records)); got < 2 || got > 9 {
		t.Errorf("a batch holds %d records of 500,000 bytes", got)
	}
	if got := len(batchOf([]HistoryRecord{{Body: make([]byte, importBytes+1)}, {}})); got != 1 {
		t.Errorf("a batch with a record beyond its bytes holds %d", got)
	}
	appendAll(t, i, records)
	stored := 0
	for _, r := range readRecords(t, open(t, js, layout, 0), layout.Partitions+len(records)) {
		if r.Control == event.ControlNone {
			if !bytes.Equal(r.Data, records[stored].Body) {
				t.Fatalf("record %d begins with %.5q", stored, r.Data)
			}
			stored++
		}
	}
	if stored != len(records) {
		t.Errorf("%d records are stored, want %d", stored, len(records))
	}
}
