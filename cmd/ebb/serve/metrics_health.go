package serve

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"ebb/cmd/ebb/health"
)

// healthCollector turns the conditions into metrics when they are scraped.
type healthCollector struct {
	report func() health.Report

	ready    *prometheus.Desc
	degraded *prometheus.Desc
	since    *prometheus.Desc
}

func newHealthCollector(report func() health.Report) *healthCollector {
	return &healthCollector{
		report:   report,
		ready:    prometheus.NewDesc("ebb_ready", "1 while processing goes on, also degraded, else 0; what /readyz says.", nil, nil),
		degraded: prometheus.NewDesc("ebb_degraded", "1 while the condition holds, else 0; /readyz says more.", []string{"condition"}, nil),
		since:    prometheus.NewDesc("ebb_degraded_since_seconds", "When the condition that holds began, Unix seconds.", []string{"condition"}, nil),
	}
}

// Describe lists the metrics.
func (c *healthCollector) Describe(to chan<- *prometheus.Desc) {
	to <- c.ready
	to <- c.degraded
	to <- c.since
}

// Collect reads the conditions.
func (c *healthCollector) Collect(to chan<- prometheus.Metric) {
	report := c.report()
	gauge := func(description *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, labels...)
	}
	gauge(c.ready, map[bool]float64{true: 1}[report.Ready])
	held := map[health.Name]bool{}
	for _, condition := range report.Conditions {
		held[condition.Name] = true
		gauge(c.since, seconds(condition.Since.UnixMilli()), string(condition.Name))
	}
	for _, name := range health.Names() {
		gauge(c.degraded, map[bool]float64{true: 1}[held[name]], string(name))
	}
}

// engineCollector collects the metrics of the engine while one runs. A process
// that stands by has none, and one that did so before has those of the newest.
type engineCollector struct {
	engine atomic.Pointer[prometheus.Registry]
}

// Describe describes nothing: what is collected changes.
func (*engineCollector) Describe(chan<- *prometheus.Desc) {}

// Collect collects from the engine.
func (c *engineCollector) Collect(to chan<- prometheus.Metric) {
	if engine := c.engine.Load(); engine != nil {
		engine.Collect(to)
	}
}
