package pipeline_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/simulate"
)

// traffic is that of so many customers, with a second of clock for every rate
// events.
func traffic(customers, rate int) *simulate.Traffic {
	return simulate.NewTraffic(simulate.TrafficConfig{
		Seed: 1, Customers: customers, Rate: rate, Start: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC),
	})
}

func wholeShard(tb testing.TB) *shard.Shard {
	tb.Helper()
	config := meaning.DefaultConfig()
	config.Partitions = 1
	sh, err := shard.NewShard(config, 0)
	if err != nil {
		tb.Fatal(err)
	}

	return sh
}

// BenchmarkShard processes events of 1 million Zipf-distributed customers on
// one core: decode, verdicts, windows, churn, cuts.
func BenchmarkShard(b *testing.B) {
	sh := wholeShard(b)
	source := traffic(1_000_000, 100_000)
	warm := uint64(2_000_000)
	emit := func(*shard.Cut) {}
	for range warm {
		record := source.Record()
		if err := sh.Process(&record, emit); err != nil {
			b.Fatal(err)
		}
	}
	records := make([]event.Record, 1_000_000)
	for i := range records {
		records[i] = source.Record()
	}
	runtime.GC()
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for range b.N {
		if n == len(records) {
			b.StopTimer()
			for i := range records {
				records[i] = source.Record()
			}
			n = 0
			b.StartTimer()
		}
		if err := sh.Process(&records[n], emit); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(sh.Customers()), "customers")
	if c := sh.Counts(); c.DeadLetters+c.LateDropped+c.Duplicates > 0 {
		b.Fatal(fmt.Sprint("the traffic is meant to be clean: ", c))
	}
}
