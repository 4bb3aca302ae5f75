package serve

import (
	"github.com/prometheus/client_golang/prometheus"

	"ebb/pipeline/source"
)

// sourceCollector turns how the sources stand into metrics when they are scraped.
type sourceCollector struct {
	status func() []source.Status

	events, refused, lost     *prometheus.Desc
	behind, lag, sequence, up *prometheus.Desc
}

func newSourceCollector(status func() []source.Status) *sourceCollector {
	of := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("ebb_source_"+name, help, []string{"source"}, nil)
	}

	return &sourceCollector{
		status:   status,
		events:   of("events_total", "Events of the source that are in the input, those that could not be read included."),
		refused:  of("refused_total", "Events of the source that could not be read, and are dead letters."),
		lost:     of("lost_total", "Messages that the source's stream removed before they were read, at most."),
		behind:   of("behind_messages", "Messages of the source's stream that are not in the input yet."),
		lag:      of("lag_seconds", "Age of the message up to which the source is in the input, while others wait; else 0."),
		sequence: of("sequence", "Sequence in the source's stream up to which everything is in the input."),
		up:       of("up", "1 while the source is read, history or live, else 0; /readyz says why."),
	}
}

// Describe lists the metrics.
func (c *sourceCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.events, c.refused, c.lost, c.behind, c.lag, c.sequence, c.up} {
		to <- d
	}
}

// Collect asks how the sources stand.
func (c *sourceCollector) Collect(to chan<- prometheus.Metric) {
	for _, s := range c.status() {
		counter := func(d *prometheus.Desc, value uint64) {
			to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), s.Name)
		}
		gauge := func(d *prometheus.Desc, value float64) {
			to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, s.Name)
		}
		counter(c.events, s.Events)
		counter(c.refused, s.Refused)
		counter(c.lost, s.Lost)
		gauge(c.behind, float64(s.Behind))
		gauge(c.lag, seconds(s.BehindMS))
		gauge(c.sequence, float64(s.Sequence))
		gauge(c.up, map[bool]float64{true: 1}[s.Error == "" && (s.State == source.Live || s.State == source.History)])
	}
}
