package pipeline_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"ebb/pipeline"
	"ebb/pipeline/churn"
)

// BenchmarkReschedule takes new parameters, for which every customer's next
// crossing is solved anew. One op is one customer.
func BenchmarkReschedule(b *testing.B) {
	const customers, horizon = 100_000, 30 * 24 * time.Hour
	shard := wholeShard(b)
	emit := func(*pipeline.Cut) {}
	sequence, clock := uint64(0), time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli()
	process := func(record pipeline.Record) {
		sequence++
		record.Sequence, record.Clock, record.Stored = sequence, clock, clock
		if err := shard.Process(&record, emit); err != nil {
			b.Fatal(err)
		}
	}
	// Some come every day, some once in 8 days; most are still to cross.
	for day := range 30 {
		for c := day % 8; c < customers; c += 1 + c%8 {
			customer := fmt.Sprint("c", c)
			process(pipeline.Record{Data: fmt.Appendf(nil, `{"id":"%d","customer":%q,"type":"order.completed","time":%q}`, day, customer, timeText(clock))})
		}
		clock += (24 * time.Hour).Milliseconds()
	}
	parameters := churn.ShippedPrior().Parameters()
	b.ResetTimer()
	rounds := 0
	for n := 0; n < b.N; n += shard.Customers() {
		b.StopTimer()
		parameters.Version++
		parameters.Shift = 0.001 * float64(parameters.Version%2)
		data, err := json.Marshal(pipeline.ModelFact{Parameters: parameters})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		process(pipeline.Record{Lane: pipeline.LaneControl, Control: pipeline.ControlModel, Data: data})
		rounds++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rounds*shard.Customers()), "ns/customer")
	b.ReportMetric(0, "ns/op")
}
