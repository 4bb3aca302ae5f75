package pipeline

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Ports is everything that an instance needs from outside.
type Ports struct {
	Input     Input
	Outputs   Outputs
	Manifests Manifests
	Snapshots Snapshots
	Configs   Configs // nil: the configuration never changes
}

// Observer hears what happens, for metrics and logs. Its methods are called
// from several goroutines and must be quick.
type Observer interface {
	// Committed is called once a cut and its outputs are stored.
	Committed(cut *Cut, messages int)

	// Retried is called when something failed for a passing reason.
	Retried(err error)

	// Restoring is called while partitions are brought back from their
	// snapshots: so many of all are. It ends with all of them.
	Restoring(done, of int)
}

// Options are settings of an instance that its results don't depend on.
type Options struct {
	Nonce            string        // tells this instance from all others, ever
	SnapshotInterval time.Duration // least time between two of a shard; 1 minute if 0
	MarkerAge        time.Duration // after which markers are renewed, well below any retention; 1 hour if 0
	Observer         Observer      // nil: nobody listens
	Adopted          func(Adopted) // hears what the configuration changes, before anything is taken over and while running; may be nil
	ConfigEvery      time.Duration // how often it is looked whether another changed it; 5 seconds if 0

	// StopTimeout bounds how long a stop waits for what was pulled to be
	// committed; 0 waits without end.
	StopTimeout time.Duration
}

// Instance owns all partitions of a stream and runs them: one ordered reader,
// whose records fan out to the owners in stream order.
type Instance struct {
	config  Config
	ports   Ports
	options Options
	owners  []*owner
	saver   *saver
	readTo  atomic.Uint64 // all records up to it were handed over
	pool    sync.Pool
	reading atomic.Pointer[Hearing] // the source, if it tells
	askedAt atomic.Int64            // since when the source is asked for records, Unix ms; 0 while records are handed over
	server  serverTime
	newest  KeptConfig // the configuration; once it runs, followConfig's alone

	cutInterval atomic.Int64 // in force, ns
}

// NewInstance takes all partitions over. From here on a former owner's commits
// are refused. Run must follow.
func NewInstance(ctx context.Context, config Config, ports Ports, options Options) (*Instance, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if options.Nonce == "" {
		return nil, errors.New("nonce is empty; it must be unique to this instance")
	}
	if options.SnapshotInterval == 0 {
		options.SnapshotInterval = time.Minute
	}
	if options.MarkerAge == 0 {
		options.MarkerAge = time.Hour
	}
	if options.Observer == nil {
		options.Observer = silent{}
	}
	i := &Instance{
		config: config, ports: ports, options: options,
		owners: make([]*owner, config.Partitions), saver: newSaver(ports.Snapshots, options.Observer),
	}
	i.cutInterval.Store(int64(config.CutInterval))
	if err := i.survey(ctx); err != nil {
		return nil, err
	}
	if err := i.adopt(ctx); err != nil {
		return nil, err
	}
	if err := i.takeOver(ctx); err != nil {
		return nil, err
	}
	err := i.announce(ctx, func(partition int) bool { return i.owners[partition].shard.force.Version < i.newest.Version })
	if err != nil {
		return nil, err
	}

	return i, nil
}

// Run reads and commits until the context ends, then stops in two steps: it
// stops pulling, and what was pulled is processed and committed. It returns
// nil after such a stop. ErrStopTimeout: the second step was given up; nothing
// is lost, the next owner makes again what was not committed.
func (i *Instance) Run(ctx context.Context) error {
	work, fail := context.WithCancelCause(context.WithoutCancel(ctx))
	defer fail(nil)
	defer i.limitStop(ctx, fail)()
	reading, stopReading := context.WithCancel(ctx)
	defer stopReading()

	group, work := errgroup.WithContext(work)
	context.AfterFunc(work, stopReading) // a failed owner ends the reading too
	var committing sync.WaitGroup
	for _, o := range i.owners {
		committing.Add(1)
		group.Go(func() error { return o.feed(work, i.recycle, i.restEvery()) })
		group.Go(func() error {
			defer committing.Done()

			return o.commitAll(work)
		})
	}
	group.Go(func() error {
		committing.Wait()
		close(i.saver.captured)

		return nil
	})
	for range stoppingTurns {
		group.Go(func() error { return i.saver.run(work) })
	}
	group.Go(func() error { return i.sweep(reading) })
	group.Go(func() error {
		defer func() {
			i.saver.hurry()
			for _, o := range i.owners {
				close(o.batches)
			}
		}()

		return i.readAll(reading)
	})
	group.Go(func() error { return i.tick(reading) })
	group.Go(func() error { return i.followConfig(reading) })

	return group.Wait()
}

// limitStop gives the work up when it goes on for StopTimeout after the end of
// ctx, as it does while nothing can be stored. The caller calls release.
func (i *Instance) limitStop(ctx context.Context, fail context.CancelCauseFunc) (release func()) {
	if i.options.StopTimeout == 0 {
		return func() {}
	}
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(i.options.StopTimeout)
		defer timer.Stop()
		select {
		case <-timer.C:
			fail(ErrStopTimeout)
		case <-over:
		}
	})

	return func() {
		stop()
		close(over)
	}
}

// restEvery is how often an owner looks whether its partition rests.
func (i *Instance) restEvery() time.Duration {
	return min(max(i.options.SnapshotInterval, 10*time.Millisecond), time.Minute)
}

func (i *Instance) handOver(ctx context.Context, pending [][]Record) error {
	for partition, batch := range pending {
		if len(batch) == 0 {
			continue
		}
		for r := range batch {
			if batch[r].Lane != LaneControl && !batch[r].Forged {
				i.owners[partition].progress.heard.Store(true)

				break
			}
		}
		i.server.hear(batch[len(batch)-1].Stored, time.Now())
		select {
		case i.owners[partition].batches <- batch:
			pending[partition] = nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}

	return nil
}

func (i *Instance) batch() []Record {
	if batch, ok := i.pool.Get().(*[]Record); ok {
		return (*batch)[:0]
	}

	return make([]Record, 0, 128)
}

func (i *Instance) recycle(batch []Record) {
	clear(batch) // so that the pool keeps no payload alive
	i.pool.Put(&batch)
}

// ended turns an error that the end of the context brought about into a
// regular stop.
func ended(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

type silent struct{}

func (silent) Committed(*Cut, int) {}
func (silent) Retried(error)       {}
func (silent) Restoring(int, int)  {}
