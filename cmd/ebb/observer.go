package main

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ebb/pipeline"
)

// observer counts what the pipeline tells it, for metrics, and logs failures
// that are tried again, at most one line every few seconds.
type observer struct {
	log      *slog.Logger
	cuts     atomic.Uint64
	messages atomic.Uint64
	retries  atomic.Uint64
	lag      atomic.Int64 // from the clock of the last cut to its commit, ms

	mu   sync.Mutex
	told time.Time
}

// retryLogEvery keeps an outage from filling the log.
const retryLogEvery = 5 * time.Second

func newObserver(log *slog.Logger) *observer { return &observer{log: log} }

// Committed counts a cut whose outputs are stored.
func (o *observer) Committed(cut *pipeline.Cut, messages int) {
	o.cuts.Add(1)
	o.messages.Add(uint64(messages))
	o.lag.Store(time.Now().UnixMilli() - cut.Clock)
}

// Retried counts and logs a failure that will be tried again.
func (o *observer) Retried(err error) {
	o.retries.Add(1)
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Since(o.told) < retryLogEvery {
		return
	}
	o.told = time.Now()
	o.log.Warn("NATS did not take a write; trying again", "error", err, "failures", o.retries.Load())
}
