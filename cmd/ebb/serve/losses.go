package serve

import (
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ebb/cmd/ebb/status"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/shard"
)

// Losses tells of what is lost: at once, and then once in lossLogEvery.
type Losses struct {
	log *slog.Logger

	mu   sync.Mutex
	by   map[int]shard.Loss // by partition
	told map[string]time.Time
}

const lossLogEvery = time.Hour

// NewLosses tells the log.
func NewLosses(log *slog.Logger) *Losses {
	return &Losses{log: log, by: map[int]shard.Loss{}, told: map[string]time.Time{}}
}

// Take notes what a partition says at a cut.
func (l *Losses) Take(cut *shard.Cut) {
	if cut.Loss.Events == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.by[cut.Partition] = cut.Loss
	if cut.Loss.Late+cut.Loss.Refused+cut.Loss.Unknown == 0 {
		return
	}
	sum := l.sum()
	for kind, warning := range status.LossWarnings(sum) {
		if time.Since(l.told[kind]) >= lossLogEvery {
			l.told[kind] = time.Now()
			l.log.Warn(warning, "kind", kind, "since", term.TimeText(time.UnixMilli(sum.Since)))
		}
	}
}

// Forget forgets a partition that runs elsewhere.
func (l *Losses) Forget(partition int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.by, partition)
}

// noEngagement is said of a stream of whose events none is engagement.
const noEngagement = "no customer has engaged so far: none of the types that came counts as engagement, so there are no risks and no signals; " +
	"say what is engagement with vocabulary, such as NAME=active, or NAME=passive;qualifying for a type that is known as passive"

// LookForEngagement warns where customers come and nobody engages, once in lossLogEvery.
func (l *Losses) LookForEngagement(events uint64, levels [4]int64) {
	const enough = 20 // events that may be the beginning of something
	if events < enough || levels != [4]int64{} {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.told["no_engagement"]) >= lossLogEvery {
		l.told["no_engagement"] = time.Now()
		l.log.Warn(noEngagement, "kind", "no_engagement", "events", events)
	}
}

// sum adds the partitions up; the caller has locked.
func (l *Losses) sum() (sum shard.Loss) {
	for _, loss := range l.by {
		sum.Add(loss)
	}

	return sum
}

// register adds a gauge for every kind: 1 while it is beyond its bound.
func (l *Losses) register(registry *prometheus.Registry) {
	for _, kind := range status.LossKinds() {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ebb_loss_warning", ConstLabels: prometheus.Labels{"kind": kind},
			Help: "1 while the share of recent events that are late, refused or of unknown types is beyond its bound, else 0.",
		}, func() float64 {
			l.mu.Lock()
			defer l.mu.Unlock()
			_, beyond := status.LossWarnings(l.sum())[kind]

			return map[bool]float64{true: 1}[beyond]
		}))
	}
}
