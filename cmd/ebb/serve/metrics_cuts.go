package serve

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ebb/pipeline/event"
	"ebb/pipeline/shard"
)

// mostDelay parts cuts of live events from those of history, whose clock is that of
// the history.
const mostDelay = time.Hour

// newDelay is how long it takes from a cut's clock until its outputs are stored.
func newDelay() prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "ebb_commit_delay_seconds",
		Help: "From the clock of a cut to its outputs being stored, of live cuts: by how much rollups and signals lag behind the events.",
		// Cuts come once a second by default, so most of it is the wait for the next one.
		Buckets: []float64{.05, .1, .25, .5, 1, 1.5, 2, 3, 5, 10, 30, 60, 300},
	})
}

// newRefused has every reason from the beginning, so that a rate is there before the
// first dead letter.
func newRefused() *prometheus.CounterVec {
	refused := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ebb_dead_letters_total",
		Help: "Dead letters that this instance has stored since it began, by why the event was refused.",
	}, []string{"reason"})
	for reason := event.ReasonNone + 1; reason < event.ReasonCount; reason++ {
		refused.WithLabelValues(reason.String())
	}

	return refused
}

// measure notes a cut that is stored.
func (o *Observer) measure(cut *shard.Cut, delay time.Duration) {
	if delay < mostDelay && !cut.Part {
		o.delay.Observe(max(0, delay).Seconds())
	}
	for _, letter := range cut.Outputs[shard.DeadLetters] {
		reason := letter.Subject[strings.LastIndexByte(letter.Subject, '.')+1:]
		o.refused.WithLabelValues(reason).Inc()
	}
}
