package jetstream

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// eventBody has the size of a usual event, 221 bytes.
func eventBody(n int) []byte {
	body := []byte(`{"id":"` + strconv.Itoa(1_000_000+n) + `","time":"2026-03-01T12:00:00.123Z","customer":"c` +
		strconv.Itoa(100_000+n%10_000) + `","type":"order.completed","channel":"web","value":19.99,"currency":"EUR","properties":{"note":"`)

	return append(append(body, bytes.Repeat([]byte("x"), 221-len(body)-3)...), `"}}`...)
}

// BenchmarkRead compares ways to read the same stream: a plain ordered consumer
// of nats.go with the same bounds, the reader with a filter for each lane, and
// the Source as it is. ratio is Source to nats.go, in one run.
func BenchmarkRead(b *testing.B) {
	const count = 200_000
	js, layout := provisioned(b)
	publishBodies(b, js, layout, count, func(i int) (string, []byte) { return "c" + strconv.Itoa(i%10_000), eventBody(i) })

	var plain, filtered, ours time.Duration
	for b.Loop() {
		plain += timed(func() { readPlain(b, js, layout, count) })
		filtered += timed(func() {
			readSource(b, &source{
				reader: newReader(js, layout.Stream, 1, layout.Prefix+".p.*", layout.Prefix+".c.*", layout.Prefix+".h.*"),
				lanes:  newLanes(layout),
			}, count)
		})
		ours += timed(func() { readSource(b, open(b, js, layout, 1), count) })
	}
	rate := func(d time.Duration) float64 { return float64(count) * float64(b.N) / d.Seconds() }
	b.ReportMetric(rate(plain), "nats.go-records/s")
	b.ReportMetric(rate(filtered), "filtered-records/s")
	b.ReportMetric(rate(ours), "records/s")
	b.ReportMetric(plain.Seconds()/ours.Seconds(), "ratio")
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()

	return time.Since(start)
}

func readPlain(b *testing.B, js natsjs.JetStream, layout Layout, count int) {
	consumer, err := js.OrderedConsumer(b.Context(), layout.Stream, natsjs.OrderedConsumerConfig{})
	if err != nil {
		b.Fatal(err)
	}
	done, seen := make(chan struct{}), 0
	reading, err := consumer.Consume(func(natsjs.Msg) {
		if seen++; seen == count {
			close(done)
		}
	}, natsjs.PullMaxMessages(readAhead))
	if err != nil {
		b.Fatal(err)
	}
	<-done
	reading.Stop()
}

func readSource(b *testing.B, s *source, count int) {
	seen := 0
	for seen < count {
		records, err := s.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		seen += len(records)
	}
	s.Close()
}

// BenchmarkPublish publishes cuts of 16 partitions at once.
func BenchmarkPublish(b *testing.B) {
	for _, size := range []int{1, 10, 100, 999} {
		b.Run(fmt.Sprintf("messages=%d", size), func(b *testing.B) {
			js, layout := provisioned(b)
			outputs := NewOutputs(js, layout)
			messages := rows(0, size)
			for i := range messages {
				messages[i].Data = eventBody(i)
			}
			var last [16]uint64

			var all time.Duration
			for b.Loop() {
				all += timed(func() {
					var cuts sync.WaitGroup
					for partition := range last {
						cuts.Go(func() {
							stored, err := outputs.Publish(b.Context(), shard.Rollups, partition, last[partition], messages, own.Marker{})
							if err != nil {
								b.Error(err)
							}
							last[partition] = stored
						})
					}
					cuts.Wait()
				})
			}
			b.ReportMetric(16*float64(b.N)/all.Seconds(), "batches/s")
			b.ReportMetric(16*float64(b.N)*float64(size+1)/all.Seconds(), "messages/s")
		})
	}
}

// BenchmarkImport appends rows as an import does.
func BenchmarkImport(b *testing.B) {
	js, layout := provisioned(b)
	i, err := OpenImport(context.Background(), js, layout, ImportConfig{ID: "a"})
	if err != nil {
		b.Fatal(err)
	}
	defer i.Close()
	const count = 20_000
	records := make([]HistoryRecord, count)
	for n := range records {
		records[n] = HistoryRecord{Partition: n % 16, Clock: int64(n), Body: eventBody(n)}
	}

	var all time.Duration
	for b.Loop() {
		all += timed(func() {
			if err := i.Append(b.Context(), records); err != nil {
				b.Fatal(err)
			}
		})
	}
	b.ReportMetric(count*float64(b.N)/all.Seconds(), "rows/s")
}

// BenchmarkReadPartitions compares ways to read some of 16 partitions: one consumer
// with their subjects, one for each, and one without a filter whose other records
// are thrown away. The figures are records of these partitions a second.
func BenchmarkReadPartitions(b *testing.B) {
	const count = 200_000
	js, layout := provisioned(b)
	publishBodies(b, js, layout, count, func(i int) (string, []byte) { return "c" + strconv.Itoa(i%10_000), eventBody(i) })
	input := NewInput(js, layout)
	for _, partitions := range []int{1, 8, 15, 16} {
		var own, total []int
		for partition := range partitions {
			left, err := input.Left(b.Context(), partition, 1)
			if err != nil {
				b.Fatal(err)
			}
			own, total = append(own, partition), append(total, int(left))
		}
		all := 0
		for _, n := range total {
			all += n
		}
		read := func(count int, partitions ...int) {
			opened, err := input.Open(b.Context(), 1, partitions...)
			if err != nil {
				b.Error(err)

				return
			}
			readSource(b, opened.(*source), count)
		}
		b.Run(fmt.Sprintf("partitions=%d", partitions), func(b *testing.B) {
			var together, each, unfiltered time.Duration
			for b.Loop() {
				together += timed(func() { read(all, own...) })
				each += timed(func() {
					var readers sync.WaitGroup
					for _, partition := range own {
						readers.Go(func() { read(total[partition], partition) })
					}
					readers.Wait()
				})
				unfiltered += timed(func() { read(count) })
			}
			rate := func(d time.Duration) float64 { return float64(all) * float64(b.N) / d.Seconds() }
			b.ReportMetric(rate(together), "together-records/s")
			b.ReportMetric(rate(each), "each-records/s")
			b.ReportMetric(rate(unfiltered), "unfiltered-records/s")
		})
	}
}
