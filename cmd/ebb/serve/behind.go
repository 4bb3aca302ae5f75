package serve

import (
	"context"
	"strconv"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"ebb/pipeline/jetstream"
	"ebb/pipeline/own"
)

// behindCollector asks NATS at every scrape how much waits for each partition.
type behindCollector struct {
	js       natsjs.JetStream
	layout   jetstream.Layout
	progress func() []own.PartitionProgress
	behind   *prometheus.Desc
}

// behindTimeout bounds what a scrape waits for NATS.
const behindTimeout = 3 * time.Second

func newBehindCollector(js natsjs.JetStream, layout jetstream.Layout, progress func() []own.PartitionProgress) *behindCollector {
	return &behindCollector{js, layout, progress, prometheus.NewDesc("ebb_behind_records",
		"Events and history records that the stream holds after the partition's last commit; ticks are none.",
		[]string{"partition"}, nil)}
}

// Describe lists the metric.
func (c *behindCollector) Describe(to chan<- *prometheus.Desc) { to <- c.behind }

// Collect asks; without an answer there is no figure.
func (c *behindCollector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), behindTimeout)
	defer cancel()
	cursors := make([]uint64, c.layout.Partitions)
	here := c.progress()
	for _, p := range here {
		cursors[p.Partition] = p.Committed
	}
	behind, err := jetstream.Behind(ctx, c.js, c.layout, cursors)
	if err != nil {
		return
	}
	for _, p := range here {
		to <- prometheus.MustNewConstMetric(c.behind, prometheus.GaugeValue, float64(behind[p.Partition]), strconv.Itoa(p.Partition))
	}
}
