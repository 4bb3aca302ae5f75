package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"

	"ebb/pipeline"
)

// traffic makes records of live events as producers would send them, for one
// shard that owns every customer: Zipf-distributed customers, a mix of types,
// a second of clock for every rate events.
type traffic struct {
	random *rand.Rand
	zipf   *rand.Zipf
	buffer []byte
	n      uint64
	rate   int64
	start  int64
}

var trafficTypes = [...]string{
	`"page.viewed","channel":"web"`, `"page.pinged","channel":"web"`, `"email.opened"`, `"email.clicked"`,
	`"screen.viewed"`, `"order.completed","value":19.99,"currency":"EUR"`, `"product.searched"`, `"page.viewed","channel":"app"`,
}

func newTraffic(customers, rate int) *traffic {
	random := rand.New(rand.NewPCG(1, 2))

	return &traffic{
		random: random,
		zipf:   rand.NewZipf(random, 1.05, 8, uint64(customers-1)),
		rate:   int64(rate),
		start:  time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC).UnixMilli(),
	}
}

func (t *traffic) clock() int64 { return t.start + int64(t.n)*1000/t.rate }

// body is an event of about 220 bytes.
func (t *traffic) body(customer uint64, at int64) []byte {
	t.n++
	b := append(t.buffer[:0], `{"id":"01J8ZC3V5R8Q`...)
	b = strconv.AppendUint(b, t.n, 10)
	b = append(b, `","time":"`...)
	b = time.UnixMilli(at).UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = append(b, `","customer":"c-`...)
	b = strconv.AppendUint(b, customer, 10)
	b = append(b, `","type":`...)
	b = append(b, trafficTypes[t.random.IntN(len(trafficTypes))]...)
	b = append(b, `,"session":"s-8812","device":"mobile","properties":{"path":"/pricing","ref":"news","n":3}}`...)
	t.buffer = b

	return append([]byte(nil), b...)
}

// next is a record with an event up to three seconds old.
func (t *traffic) next() pipeline.Record {
	clock := t.clock()
	body := t.body(t.zipf.Uint64(), clock-t.random.Int64N(3000))

	return pipeline.Record{Sequence: t.n, Stored: clock, Clock: clock, Data: body}
}

func wholeShard(tb testing.TB) *pipeline.Shard {
	tb.Helper()
	config := pipeline.DefaultConfig()
	config.Partitions = 1
	shard, err := pipeline.NewShard(config, 0)
	if err != nil {
		tb.Fatal(err)
	}

	return shard
}

// BenchmarkShard processes events of 1 million Zipf-distributed customers on
// one core: decode, verdicts, windows, churn, cuts.
func BenchmarkShard(b *testing.B) {
	shard := wholeShard(b)
	source := newTraffic(1_000_000, 100_000)
	warm := uint64(2_000_000)
	emit := func(*pipeline.Cut) {}
	for range warm {
		record := source.next()
		if err := shard.Process(&record, emit); err != nil {
			b.Fatal(err)
		}
	}
	records := make([]pipeline.Record, 1_000_000)
	for i := range records {
		records[i] = source.next()
	}
	runtime.GC()
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for range b.N {
		if n == len(records) {
			b.StopTimer()
			for i := range records {
				records[i] = source.next()
			}
			n = 0
			b.StartTimer()
		}
		if err := shard.Process(&records[n], emit); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(shard.Customers()), "customers")
	if c := shard.Counts(); c.DeadLetters+c.LateDropped+c.Duplicates > 0 {
		b.Fatal(fmt.Sprint("the traffic is meant to be clean: ", c))
	}
}
