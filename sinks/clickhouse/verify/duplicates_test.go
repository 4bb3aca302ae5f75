package verify_test

import (
	"fmt"
	"testing"
	"time"

	"ebb/pipeline/event"
)

// Retries with new times are proved to count once for as long as ids are kept,
// and again after that.
func TestDuplicatesByIDAreProved(t *testing.T) {
	c := config()
	c.Duplicates.ByID, c.Duplicates.Keep = true, time.Hour
	s := newStream(7, c)
	for range 3_000 {
		s.clock += s.Int64N(6_000)
		if s.IntN(300) == 0 {
			s.clock += s.Int64N(2 * 3_600_000)
		}
		customer := fmt.Sprint("c-", s.IntN(20))
		s.add(event.Record{
			Clock: s.clock, Partition: event.PartitionOf(customer, c.Partitions), Lane: event.LaneEvent,
			Data: fmt.Appendf(nil, `{"id":"order-%d","time":"%s","customer":"%s","type":"order.completed","value":5,"currency":"EUR"}`,
				s.IntN(30), s.stamp(s.clock-s.Int64N(15*60_000)), customer),
		})
	}
	s.ticks(event.LaneControl, s.clock+5_000)
	p := prove(t, c, s.records)
	p.settings.KeepID, p.settings.SliceID = c.Duplicates.Keep, time.Duration(c.Duplicates.Slice())*time.Millisecond
	p.settings.Windows = p.settings.Windows[:2]
	report := p.run(t)
	p.expectOK(t, report)
	if got := report.Totals; got.Duplicates < 300 || got.Processed < 1_000 || got.LateDropped < 300 {
		t.Errorf("the stream is no test: totals %+v", got)
	}
}
