package verify_test

import (
	"testing"

	"ebb/pipeline/event"
)

// pack puts rows of history that follow each other in a partition into records
// of up to so many, and breaks some of those where broken says so.
func (s *stream) pack(most int, broken bool) {
	var out []event.Record
	open := make([]*event.Record, s.config.Partitions)
	flush := func(partition int) {
		if r := open[partition]; r != nil {
			if broken && s.IntN(8) == 0 {
				s.damage(r)
			}
			out = append(out, *r)
		}
		open[partition] = nil
	}
	for _, r := range s.records {
		at := open[r.Partition]
		if at != nil && (at.Rows == most || at.Stored != r.Stored) || r.Lane != event.LaneHistory || r.Control != event.ControlNone {
			flush(r.Partition)
			at = nil
		}
		if r.Lane != event.LaneHistory || r.Control != event.ControlNone {
			out = append(out, r)

			continue
		}
		if at == nil {
			at = &event.Record{Partition: r.Partition, Lane: r.Lane, Stored: r.Stored, Clock: r.Stored}
			open[r.Partition] = at
		}
		at.Rows++
		at.Data = event.AppendRow(at.Data, r.Clock, r.Data)
	}
	for partition := range open {
		flush(partition)
	}
	s.records = nil
	for _, r := range out {
		s.add(r)
	}
}

// damage makes a record that can't be read, or one whose last row is cut.
func (s *stream) damage(r *event.Record) {
	switch s.IntN(7) {
	case 0:
		r.Rows++
	case 1:
		r.Rows = -1
	case 2:
		r.Data = append(r.Data, event.RowMark)
	case 3:
		r.Data = append([]byte("9999999999999 {}"), append([]byte{event.RowMark}, r.Data...)...)
		r.Rows++
	case 4:
		r.Data = r.Data[:5]
	case 5:
		r.Data[0] = 'x'
	default:
		r.Data = r.Data[:len(r.Data)-3]
	}
}

// Whatever stands in one record, each row is proved as if it had come alone; and
// of records that can't be read, that they are dead letters.
func TestRowsOfOneRecordAreProved(t *testing.T) {
	s := newStream(21, measured())
	s.live(100)
	s.history(1_000, true)
	s.live(100)
	rows := len(s.records)
	s.pack(64, true)
	if len(s.records) > rows*3/4 {
		t.Fatalf("%d records in %d; the test wants more in one", rows, len(s.records))
	}
	p := prove(t, measured(), s.records)
	report := p.run(t)
	p.expectOK(t, report)
	for _, table := range []string{"late", "deadletters"} {
		if found := find(t, report, table, ""); found.Compared < 5 {
			t.Errorf("the stream is no test: %d rows of %s", found.Compared, table)
		}
	}
}

// A cut that comes after so many rows comes behind the record that holds the last
// of them.
func TestCutsBehindRecordsOfRowsAreProved(t *testing.T) {
	c := config()
	c.CutRecords = 100
	s := newStream(22, c)
	s.live(50)
	s.history(1_000, false)
	s.pack(31, true)
	p := prove(t, c, s.records)
	p.expectOK(t, p.run(t))
}
