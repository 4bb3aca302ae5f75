package verify_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/windows"
)

// Where customers have made room for others, and where rows of metrics may have been too
// many, the proof says that it does not follow, and proves the rest.
func TestPartitionsBehindTheirBoundsAreNamed(t *testing.T) {
	c := engaged()
	c.Partitions, c.MaxCustomers = 2, 12
	c.Keep, c.KeepAnonymous = 30*24*time.Hour, 30*24*time.Hour
	c.Lengths = slices.DeleteFunc(c.Lengths, func(l windows.Length) bool { return l.Name != "1h" })
	c.Metrics = []string{"journey", "lifecycle", "reach_daily", "sentiment", "social"}
	s := newStream(71, c)
	send := func(customer, kind string) {
		s.ids++
		s.clock += 20 * 60_000
		s.add(event.Record{Clock: s.clock, Partition: event.PartitionOf(customer, 2), Lane: event.LaneEvent, Data: fmt.Appendf(nil,
			`{"id":"%d","time":"%s","customer":"%s","type":"%s","sentiment":0.5}`, s.ids, s.stamp(s.clock), customer, kind)})
	}
	var many, few string // customers of partition 0 and of partition 1
	for i := range 400 {
		switch who := fmt.Sprint("c-", i%60); {
		case event.PartitionOf(who, 2) == 0:
			many = who
			send(many, "page.viewed")
		case i%60 < 12:
			few = who
			send(few, "post.shared")
		default:
			send(few, "order.completed")
		}
	}
	s.ticks(event.LaneControl, s.clock+1_000)

	p := prove(t, c, s.records)
	if p.counts.RoomMade == 0 || p.counts.DeadLetters > 0 {
		t.Fatalf("%d made room, and %d events were refused; the test needs the former alone", p.counts.RoomMade, p.counts.DeadLetters)
	}
	p.settings.MaxCustomers, p.settings.MaxKeys = c.MaxCustomers, 310 // two or three rows of metrics
	report := p.run(t)
	p.expectOK(t, report)
	if !slices.Equal(report.Crowded, []uint16{0}) || len(report.Full) == 0 {
		t.Errorf("partitions %v are crowded and %v are full, want 0 and some", report.Crowded, report.Full)
	}
	if find(t, report, "census_reach_daily", "").Compared == 0 {
		t.Error("no census was compared in the other partition")
	}
	if find(t, report, "rollups_total", "1h").Compared == 0 || find(t, report, "signals", "").Compared == 0 {
		t.Error("no totals or signals were compared")
	}
}
