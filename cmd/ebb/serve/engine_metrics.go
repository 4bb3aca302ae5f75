package serve

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ebb/sinks/deliver"
)

// metrics are those of the engine and of the partitions.
func (e *Engine) metrics() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(newProgressCollector(e.Instance.Progress), newBehindCollector(e.js, e.layout, e.Instance.Progress),
		newForgetCollector(e.Instance.Progress))
	counter := func(name, help string, value func() float64) {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "ebb_" + name, Help: help}, value))
	}
	counter("cuts_total", "Cuts whose outputs are stored.", func() float64 { return float64(e.Observer.cuts.Load()) })
	counter("published_messages_total", "Messages published to the output streams.",
		func() float64 { return float64(e.Observer.messages.Load()) })
	counter("write_retries_total", "Writes to NATS that failed and were tried again.",
		func() float64 { return float64(e.Observer.retries.Load()) })
	counter("partitions_lost_total", "Partitions that another instance took over while this one ran them.",
		func() float64 { return float64(e.Observer.gone.Load()) })
	e.Observer.losses.register(registry)
	registry.MustRegister(e.Observer.delay, e.Observer.refused)
	counter("strangers_total", "Messages on subjects of ebb's own that are not ebb's, passed over.",
		func() float64 { return float64(e.Observer.Strangers.Count.Load()) })
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "ebb_commit_lag_seconds", Help: "From the clock of the last committed cut to its commit.",
	}, func() float64 { return seconds(e.Observer.lag.Load()) }))
	if e.Feed == nil {
		return registry
	}
	for _, stream := range deliver.Streams() {
		registerFeed(registry, stream.String(), e.Feed.Counters(stream))
	}

	return registry
}

func registerFeed(registry *prometheus.Registry, stream string, counters *deliver.Counters) {
	labels := prometheus.Labels{"stream": stream}
	for name, metric := range map[string]struct {
		help string
		load func() uint64
	}{
		"messages": {"Messages written to the sink or set aside.", counters.Messages.Load},
		"rows":     {"Rows written to the sink.", counters.Rows.Load},
		"batches":  {"Batches written to the sink.", counters.Batches.Load},
		"retries":  {"Tries to write to the sink that failed.", counters.Retries.Load},
		"refused":  {"Messages set aside because the sink refuses them.", counters.Refused.Load},
		"missing":  {"Messages that retention removed before they were written.", counters.Missing.Load},
		"set_back": {"Times that the database held less than was written, and reading began again.", counters.SetBacks.Load},
	} {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "ebb_sink_" + name + "_total", Help: metric.help, ConstLabels: labels,
		}, func() float64 { return float64(metric.load()) }))
	}
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "ebb_sink_lag_messages", Help: "Messages stored and not yet written to the sink.", ConstLabels: labels,
	}, func() float64 { return float64(counters.Lag.Load()) }))
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "ebb_sink_lag_seconds", Help: "Age of the oldest message that is stored and not yet written to the sink; 0 without one.", ConstLabels: labels,
	}, func() float64 { return counters.Behind(time.Now()).Seconds() }))
}
