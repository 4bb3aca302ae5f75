package pipeline_test

import (
	"syscall"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/shard"
)

// BenchmarkShardOfMetrics says what metrics cost: a shard without any, with the base
// ones, with all of them, and with each one alone, of the same events in one run.
func BenchmarkShardOfMetrics(b *testing.B) {
	sets := map[string][]string{"none": nil, "base": metric.Base(), "all": metric.Switchable()}
	order := []string{"none", "base", "all"}
	for _, name := range metric.Switchable() {
		sets["only_"+name], order = []string{name}, append(order, "only_"+name)
	}
	source := traffic(100_000, 100_000)
	records := make([]event.Record, 400_000)
	for i := range records {
		records[i] = source.Record()
	}
	for _, name := range order {
		b.Run(name, func(b *testing.B) {
			config := meaning.DefaultConfig()
			config.Partitions, config.Metrics = 1, sets[name]
			b.ReportAllocs()
			began := processorTime(b)
			for range b.N {
				sh, err := shard.NewShard(config, 0)
				if err != nil {
					b.Fatal(err)
				}
				for i := range records {
					if err := sh.Process(&records[i], func(*shard.Cut) {}); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(processorTime(b)-began)/float64(b.N*len(records)), "cpu-ns/event")
		})
	}
}

// processorTime is what the process has used, which says more than the time that passes
// where others use the machine as well.
func processorTime(b *testing.B) int64 {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}

	return used.Utime.Nano() + used.Stime.Nano()
}
