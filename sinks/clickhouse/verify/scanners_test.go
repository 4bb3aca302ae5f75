package verify_test

import (
	"fmt"
	"testing"

	"ebb/pipeline/event"
)

// Whoever opens mails at once is a scanner, in whatever order mails and clicks
// become known, and so the reasons are those of who was there.
func TestScannersAreProved(t *testing.T) {
	c := engaged()
	s := newStream(21, c)
	add := func(name, customer string, at int64) {
		s.ids++
		s.add(event.Record{
			Clock: s.clock, Partition: event.PartitionOf(customer, c.Partitions), Lane: event.LaneEvent,
			Data: fmt.Appendf(nil, `{"id":"%d","time":"%s","customer":"%s","type":"%s"}`, s.ids, s.stamp(at), customer, name),
		})
	}
	for range 1_500 {
		s.clock += s.Int64N(10 * 60_000)
		customer := fmt.Sprint("c-", s.IntN(80))
		sent := s.clock - s.Int64N(120_000)
		if s.IntN(20) == 0 {
			sent -= sent % 60_000 // as where times are of minutes
		}
		switch s.IntN(5) {
		case 0:
			add("order.completed", customer, sent)
		case 1:
			add("page.viewed", customer, sent)
		case 2, 3:
			mail, click := "message.sent", []string{"email.opened", "email.clicked", "email.replied"}[s.IntN(3)]
			after := []int64{0, 1, 500, 1_999, 2_000, 2_001, 30_000}[s.IntN(7)]
			if s.IntN(5) == 0 { // the click comes first
				add(click, customer, sent+after)
				add(mail, customer, sent)
			} else {
				add(mail, customer, sent)
				add(click, customer, sent+after)
			}
		case 4:
			add("message.clicked", customer, s.clock-s.Int64N(40*60_000)) // some are late
		}
	}
	s.ticks(event.LaneControl, s.clock+5_000)
	p := prove(t, c, s.records)
	report := p.run(t)
	p.expectOK(t, report)
	if signals := find(t, report, "signals", ""); signals.Compared < 200 || p.counts.Scanned < 150 {
		t.Errorf("the stream is no test: %d signals, %d scanned", signals.Compared, p.counts.Scanned)
	}

	p.settings.ScannerWithin = 0
	if r := p.only(t, "reasons"); find(t, r, "reasons", "").Different == 0 {
		t.Error("where scanners are believed, nothing is different")
	}
}
