package shard

import (
	"fmt"
	"syscall"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
)

// BenchmarkCohorts counts events in the cohorts of this version, with a million messages
// open: what names no message, sends, and opens of messages that were sent before.
func BenchmarkCohorts(b *testing.B) {
	const open, now = 1 << 20, 1_777_900_000_000
	vocab, err := vocabulary.NewVocabulary(vocabulary.Config{})
	if err != nil {
		b.Fatal(err)
	}
	for _, test := range []struct{ name, kind string }{{"no message", "page.viewed"}, {"send", "message.sent"}, {"open", "email.opened"}} {
		b.Run(test.name, func(b *testing.B) {
			all := newCohorts(metric.AllCohorts(), 1)
			all.switchOn(metric.Switchable())
			all.counts = &Counts{}
			at := func(kind, message string) *metric.Event {
				ev := &event.Event{Customer: []byte("customer-" + message), Type: []byte(kind), Time: now, Properties: []byte(`{"variant":"A"}`)}
				if kind != "page.viewed" {
					ev.Campaign, ev.Message = []byte("spring"), []byte(message)
				}
				class, err := vocab.Classify(ev)
				if err != nil {
					b.Fatal(err)
				}

				return &metric.Event{Event: ev, Class: class, Vocabulary: vocab}
			}
			for i := range open {
				all.count(at("message.sent", fmt.Sprint(i)), now/dayMS, now/dayMS)
			}
			events := make([]*metric.Event, 1<<16)
			for i := range events {
				n := i * 7919 % open
				if test.name == "send" {
					n = open + i
				}
				events[i] = at(test.kind, fmt.Sprint(n))
			}
			b.ReportAllocs()
			n, before := 0, processorTime(b)
			for b.Loop() {
				all.count(events[n%len(events)], now/dayMS, now/dayMS)
				n++
			}
			b.ReportMetric(float64(processorTime(b)-before)/float64(n), "cpu-ns/op")
			b.ReportMetric(float64(all.all[0].items.bytes())/float64(all.all[0].live), "B/message")
		})
	}
}

// processorTime is what the process has used, in ns: on a busy machine the time that
// passes says nothing.
func processorTime(b *testing.B) int64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}

	return used.Utime.Nano() + used.Stime.Nano()
}
