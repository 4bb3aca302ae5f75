package serve

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"ebb/pipeline/own"
)

// forgetCollector turns who was forgotten into metrics when they are scraped. It names
// nobody.
type forgetCollector struct {
	progress                   func() []own.PartitionProgress
	customers, events, erasing *prometheus.Desc
}

func newForgetCollector(progress func() []own.PartitionProgress) *forgetCollector {
	of := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("ebb_"+name, help, []string{"partition"}, nil)
	}

	return &forgetCollector{
		progress:  progress,
		customers: of("forgotten_total", "Customers who were forgotten."),
		events:    of("forgotten_events_total", "Events that were withheld, because their customer was forgotten and they are of a time before."),
		erasing:   of("erasing", "1 while something stored of somebody who was forgotten is to be erased, else 0; if it stays, /readyz says why."),
	}
}

// Describe lists the metrics.
func (c *forgetCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.customers, c.events, c.erasing} {
		to <- d
	}
}

// Collect reads the partitions.
func (c *forgetCollector) Collect(to chan<- prometheus.Metric) {
	for _, p := range c.progress() {
		partition := strconv.Itoa(p.Partition)
		to <- prometheus.MustNewConstMetric(c.customers, prometheus.CounterValue, float64(p.Forgotten.Customers), partition)
		to <- prometheus.MustNewConstMetric(c.events, prometheus.CounterValue, float64(p.Forgotten.Events), partition)
		to <- prometheus.MustNewConstMetric(c.erasing, prometheus.GaugeValue, map[bool]float64{true: 1}[p.Forgotten.Asks], partition)
	}
}
