package main

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"ebb/pipeline/wire"
)

// newRegistry returns the metrics of a running pipeline: those of the Go
// runtime and the process, the version, and per partition what rows returns.
// rows is called for every scrape, from any goroutine.
func newRegistry(rows func() []wire.PipelineRow) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ebb_build_info", Help: "Always 1; the label says what runs.",
			ConstLabels: prometheus.Labels{"version": programVersion()},
		}, func() float64 { return 1 }),
		newPipelineCollector(rows),
	)

	return registry
}

// pipelineCollector turns the figures of the partitions into metrics when
// they are scraped, so that the shards count once and only once.
type pipelineCollector struct {
	rows func() []wire.PipelineRow

	records   *prometheus.Desc
	sequence  *prometheus.Desc
	clock     *prometheus.Desc
	watermark *prometheus.Desc
}

func newPipelineCollector(rows func() []wire.PipelineRow) *pipelineCollector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("ebb_"+name, help, append([]string{"partition"}, labels...), nil)
	}

	return &pipelineCollector{
		rows: rows,

		records:   describe("records_total", "Records read, each by exactly one outcome.", "outcome"),
		sequence:  describe("stream_sequence", "Stream sequence of the partition's last cut."),
		clock:     describe("clock_seconds", "Clock of the partition, Unix seconds."),
		watermark: describe("watermark_seconds", "Clock less the allowed lateness, Unix seconds."),
	}
}

// Describe lists the metrics.
func (c *pipelineCollector) Describe(to chan<- *prometheus.Desc) {
	for _, description := range []*prometheus.Desc{c.records, c.sequence, c.clock, c.watermark} {
		to <- description
	}
}

// Collect reads the partitions.
func (c *pipelineCollector) Collect(to chan<- prometheus.Metric) {
	for _, row := range c.rows() {
		partition := strconv.Itoa(row.Partition)
		for outcome, count := range map[string]uint64{
			"processed":    row.Processed,
			"duplicates":   row.Duplicates,
			"dead_letters": row.DeadLetters,
			"late_dropped": row.LateDropped,
		} {
			to <- prometheus.MustNewConstMetric(c.records, prometheus.CounterValue, float64(count), partition, outcome)
		}
		to <- prometheus.MustNewConstMetric(c.sequence, prometheus.GaugeValue, float64(row.Sequence), partition)
		to <- prometheus.MustNewConstMetric(c.clock, prometheus.GaugeValue, seconds(row.Clock), partition)
		to <- prometheus.MustNewConstMetric(c.watermark, prometheus.GaugeValue, seconds(row.Watermark), partition)
	}
}

func seconds(milliseconds int64) float64 { return float64(milliseconds) / 1000 }
