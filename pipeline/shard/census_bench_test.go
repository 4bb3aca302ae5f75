package shard

import "testing"

// BenchmarkCensus counts 100,000 customers for a day: so long the partition stands still.
func BenchmarkCensus(b *testing.B) {
	s, _ := busyShard(b, 100_000, 3)
	day := s.census.calendar.Day(s.clock)
	b.ReportAllocs()
	for b.Loop() {
		s.census.take(day)
		s.out = outputs{}
	}
}
