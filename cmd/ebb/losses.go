package main

import (
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ebb/pipeline"
)

// lossWarnings says in sentences, each with its remedy, what is lost beyond the
// bounds, by kind.
func lossWarnings(l pipeline.Loss) map[string]string {
	share := func(lost uint64) string {
		return fmt.Sprintf("%d of the last %d events (%.1f %%)", lost, l.Events, 100*float64(lost)/float64(l.Events))
	}
	warnings := map[string]string{}
	if l.LateBeyond() {
		warnings["late"] = share(l.Late) + " came later than the lateness and count in no window; " +
			"raise lateness to what your producers buffer, or look why they send so late"
	}
	if l.RefusedBeyond() {
		warnings["refused"] = share(l.Refused) + " were refused; `ebb deadletters list` shows which, why, and what to do"
	}
	if l.UnknownBeyond() {
		warnings["unknown_type"] = share(l.Unknown) + " are of types that the vocabulary lacks, so they are no engagement; " +
			"add them to vocabulary"
	}

	return warnings
}

// lossKinds are the kinds of lossWarnings, in the order in which they are told.
func lossKinds() []string { return []string{"late", "refused", "unknown_type"} }

// losses tells of what is lost: at once, and then once in lossLogEvery.
type losses struct {
	log *slog.Logger

	mu   sync.Mutex
	by   map[int]pipeline.Loss // by partition
	told map[string]time.Time
}

const lossLogEvery = time.Hour

func newLosses(log *slog.Logger) *losses {
	return &losses{log: log, by: map[int]pipeline.Loss{}, told: map[string]time.Time{}}
}

// take notes what a partition says at a cut.
func (l *losses) take(cut *pipeline.Cut) {
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
	for kind, warning := range lossWarnings(sum) {
		if time.Since(l.told[kind]) >= lossLogEvery {
			l.told[kind] = time.Now()
			l.log.Warn(warning, "kind", kind, "since", timeText(time.UnixMilli(sum.Since)))
		}
	}
}

// noEngagement is said of a stream of whose events none is engagement.
const noEngagement = "no customer has engaged so far: none of the types that came counts as engagement, so there are no risks and no signals; " +
	"say what is engagement with vocabulary, such as NAME=active, or NAME=passive;qualifying for a type that is known as passive"

// lookForEngagement warns where customers come and nobody engages, once in lossLogEvery.
func (l *losses) lookForEngagement(events uint64, levels [4]int64) {
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
func (l *losses) sum() (sum pipeline.Loss) {
	for _, loss := range l.by {
		sum.Add(loss)
	}

	return sum
}

// register adds a gauge for every kind: 1 while it is beyond its bound.
func (l *losses) register(registry *prometheus.Registry) {
	for _, kind := range lossKinds() {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ebb_loss_warning", ConstLabels: prometheus.Labels{"kind": kind},
			Help: "1 while the share of recent events that are late, refused or of unknown types is beyond its bound, else 0.",
		}, func() float64 {
			l.mu.Lock()
			defer l.mu.Unlock()
			_, beyond := lossWarnings(l.sum())[kind]

			return map[bool]float64{true: 1}[beyond]
		}))
	}
}

// lossStatus is what recent events were lost.
type lossStatus struct {
	Since    time.Time `json:"since,omitzero"` // by the partitions' clocks
	Events   uint64    `json:"events"`
	Late     uint64    `json:"late"`
	Refused  uint64    `json:"refused"`
	Unknown  uint64    `json:"unknown_type"`
	Warnings []string  `json:"warnings"` // what is beyond its bound, and the remedy
}

func lossStatusOf(l pipeline.Loss) lossStatus {
	s := lossStatus{
		Since: timeOf(l.Since), Events: l.Events, Late: l.Late, Refused: l.Refused, Unknown: l.Unknown, Warnings: []string{},
	}
	warnings := lossWarnings(l)
	for _, kind := range lossKinds() {
		if warning, ok := warnings[kind]; ok {
			s.Warnings = append(s.Warnings, warning)
		}
	}

	return s
}

// print shows the warnings, if there are any.
func (s *lossStatus) print(to io.Writer) {
	for _, warning := range s.Warnings {
		fmt.Fprintf(to, "\n%s\n", wrapped("WARNING: "+warning+".", "         "))
	}
}
