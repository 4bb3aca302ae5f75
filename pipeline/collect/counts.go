package collect

import "github.com/prometheus/client_golang/prometheus"

// Counts says what became of calls.
type Counts struct {
	events *prometheus.CounterVec
	calls  *prometheus.CounterVec
}

func newCounts() Counts {
	c := Counts{
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ebb_collect_events_total", Help: "Events that the collector has stored, and those of batches that it could not read, which are dead letters.",
		}, []string{"outcome"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ebb_collect_refused_calls_total", Help: "Calls that were refused, by why: busy, crowded, slow, stream_away and not_stored are sent again by clients.",
		}, []string{"reason"}),
	}
	for _, outcome := range []string{"stored", "dead_letter"} {
		c.events.WithLabelValues(outcome)
	}

	return c
}

func (c *Counts) taken(stored, bad int) {
	c.events.WithLabelValues("stored").Add(float64(stored))
	c.events.WithLabelValues("dead_letter").Add(float64(bad))
}

func (c *Counts) refused(reason string) { c.calls.WithLabelValues(reason).Inc() }

// Register adds the counters to a registry.
func (c *Counts) Register(registry prometheus.Registerer) error {
	if err := registry.Register(c.events); err != nil {
		return err
	}

	return registry.Register(c.calls)
}
