package serve

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ebb/cmd/ebb/health"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// Observer counts what the pipeline tells it, for metrics, and logs failures
// that are tried again, at most one line every few seconds.
type Observer struct {
	log      *slog.Logger
	cuts     atomic.Uint64
	messages atomic.Uint64
	retries  atomic.Uint64
	gone     atomic.Uint64 // partitions that another instance took over
	lag      atomic.Int64  // from the clock of the last cut to its commit, ms
	delay    prometheus.Histogram
	refused  *prometheus.CounterVec // dead letters, by reason
	board    *health.Board
	failures failures

	Strangers *strangers
	losses    *Losses

	mu    sync.Mutex
	told  time.Time
	leaps map[int]bool // partitions that were said to hold a leap of store times
}

// retryLogEvery keeps an outage from filling the log.
const retryLogEvery = 5 * time.Second

// NewObserver returns an observer that shows on the board what hinders; nil: it
// shows nobody.
func NewObserver(log *slog.Logger, board *health.Board) *Observer {
	if board == nil {
		board = health.New(nil)
	}

	return &Observer{
		log: log, board: board, Strangers: &strangers{log: log}, losses: NewLosses(log), leaps: map[int]bool{},
		delay: newDelay(), refused: newRefused(),
	}
}

// lost says that another instance has taken a partition over.
func (o *Observer) lost(partition int, err error) {
	o.gone.Add(1)
	o.losses.Forget(partition)
	o.mu.Lock()
	delete(o.leaps, partition)
	o.mu.Unlock()
	o.log.Warn("another instance has taken a partition over; this one gives it up and goes on with the others; "+
		"if none should have, look which instances run with the same stream.prefix", "partition", partition, "error", err)
}

// Restoring says of how many partitions the state is restored.
func (o *Observer) Restoring(done, of int) {
	if done > 0 {
		o.log.Info(fmt.Sprintf("restored %d of %d partitions", done, of))
	}
	if done >= of {
		o.board.Clear(health.Restoring)

		return
	}
	o.board.Set(health.Restoring, fmt.Sprintf("restoring %d of %d partitions", done, of), "")
}

// Committed counts a cut whose outputs are stored.
func (o *Observer) Committed(cut *shard.Cut, messages int) {
	o.cuts.Add(1)
	o.messages.Add(uint64(messages))
	o.losses.Take(cut)
	lag := time.Now().UnixMilli() - cut.Clock
	o.lag.Store(lag)
	o.measure(cut, time.Duration(lag)*time.Millisecond)
	for i := range cut.Changes {
		o.tell(&cut.Changes[i])
	}
	o.tellLeap(cut)
}

// tellLeap says that a partition holds a leap of store times, or no longer does.
func (o *Observer) tellLeap(cut *shard.Cut) {
	held := cut.Leap.Ahead > 0
	o.mu.Lock()
	changed := held != o.leaps[cut.Partition]
	o.leaps[cut.Partition] = held
	o.mu.Unlock()
	switch {
	case !changed:
	case held:
		o.log.Warn("store times leapt ahead of what producers say and are held; set the clock of the NATS servers right",
			"partition", cut.Partition, "ahead", time.Duration(cut.Leap.Ahead)*time.Millisecond,
			"since", term.TimeText(time.UnixMilli(cut.Leap.Since)), "waiting", cut.Leap.Waiting)
	default:
		o.log.Info("the leap of store times is settled", "partition", cut.Partition, "clock", term.TimeText(time.UnixMilli(cut.Clock)))
	}
}

// tell says that the feed of a partition went silent or is back. There is a
// line for each partition, because a part of the producers may be away.
func (o *Observer) tell(row *wire.FeedRow) {
	log := o.log.With("partition", row.Partition, "channel", cmp.Or(row.Channel, "all"),
		"since", term.TimeText(time.UnixMilli(row.Since)), "events", row.Observed, "expected", row.Expected,
		"held", row.Held, "released", row.Released, "dropped", row.Dropped)
	switch row.State {
	case wire.FeedSilent:
		log.Warn("the input went silent, signals of silence are held; " +
			"check the producers, the way from them to NATS, and ebb_records_total for events that come late or are refused")
	case wire.FeedGivenUp:
		log.Warn("the input stays silent, signals are held no longer; if it is away for good, nothing is to be done, " +
			"else raise feed.hold_at_most")
	default:
		log.Info("the input is back; signals that are still due after one more dwell are published")
	}
}

// Retried counts and logs a failure that will be tried again.
func (o *Observer) Retried(err error) {
	if errors.Is(err, own.ErrMadeAgain) {
		o.log.Warn(err.Error())

		return
	}
	o.retries.Add(1)
	o.failures.note(time.Now(), err)
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Since(o.told) < retryLogEvery {
		return
	}
	o.told = time.Now()
	o.log.Warn("NATS did not take a write; trying again", "error", err, "failures", o.retries.Load())
}
