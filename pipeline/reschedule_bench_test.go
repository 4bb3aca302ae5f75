package pipeline_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/shard"
)

// BenchmarkReschedule takes new parameters, for which every customer's next
// crossing is solved anew. One op is one customer.
func BenchmarkReschedule(b *testing.B) {
	const customers, horizon = 100_000, 30 * 24 * time.Hour
	sh := wholeShard(b)
	emit := func(*shard.Cut) {}
	sequence, clock := uint64(0), time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli()
	process := func(record event.Record) {
		sequence++
		record.Sequence, record.Clock, record.Stored = sequence, clock, clock
		if err := sh.Process(&record, emit); err != nil {
			b.Fatal(err)
		}
	}
	// Some come every day, some once in 8 days; most are still to cross.
	for day := range 30 {
		for c := day % 8; c < customers; c += 1 + c%8 {
			customer := fmt.Sprint("c", c)
			process(event.Record{Data: fmt.Appendf(nil, `{"id":"%d","customer":%q,"type":"order.completed","time":%q}`, day, customer, timeText(clock))})
		}
		clock += (24 * time.Hour).Milliseconds()
	}
	parameters := churn.ShippedPrior().Parameters()
	b.ResetTimer()
	rounds := 0
	for n := 0; n < b.N; n += sh.Customers() {
		b.StopTimer()
		parameters.Version++
		parameters.Shift = 0.001 * float64(parameters.Version%2)
		data, err := json.Marshal(fact.ModelFact{Parameters: parameters})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		process(event.Record{Lane: event.LaneControl, Control: event.ControlModel, Data: data})
		rounds++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rounds*sh.Customers()), "ns/customer")
	b.ReportMetric(0, "ns/op")
}
