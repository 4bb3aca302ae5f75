package own

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
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
	Committed(cut *shard.Cut, messages int)

	// Retried is called when something failed for a passing reason.
	Retried(err error)

	// Restoring is called while partitions are brought back from their
	// snapshots: so many of all are. It ends with all of them.
	Restoring(done, of int)
}

// Options are settings of an instance that its results don't depend on.
type Options struct {
	Nonce            string                         // tells this instance from all others, ever
	SnapshotInterval time.Duration                  // least time between two of a shard; 1 minute if 0
	MarkerAge        time.Duration                  // after which markers are renewed, well below any retention; 1 hour if 0
	Observer         Observer                       // nil: nobody listens
	Name             string                         // says to people which instance it is; it stands in the manifests
	Partitions       []int                          // those to begin with; nil: all
	Lost             func(partition int, err error) // hears that another instance took a partition over; may be nil
	Adopted          func(Adopted)                  // hears what the configuration changes, before anything is taken over and while running; may be nil
	Hold             func() bool                    // says that no ticks may be published, because history is on its way; may be nil
	ConfigEvery      time.Duration                  // how often it is looked whether another changed it; 5 seconds if 0

	// StopTimeout bounds how long a stop waits for what was pulled to be
	// committed; 0 waits without end.
	StopTimeout time.Duration
}

// Instance owns a set of partitions of a stream and runs them: one ordered reader,
// whose records fan out to the owners in stream order. Partitions can be started
// and stopped while it runs, and one that another instance takes over is given up;
// the others go on.
type Instance struct {
	config  meaning.Config
	ports   Ports
	options Options
	owners  *owners
	saver   *saver
	turns   []chan struct{} // by partition: who starts or stops it has it
	begins  chan launch     // partitions that are started while running
	alone   chan struct{}   // has room for those who read a partition alone

	processors chan struct{} // has room for those whose shard processes records

	mu      sync.Mutex // guards stage
	stage   stage
	ended   chan struct{} // closed when no partition can begin any more
	readTo  atomic.Uint64 // all records up to it were handed over; see handedOver
	pool    sync.Pool
	reading atomic.Pointer[Hearing] // the source, if it tells
	looking atomic.Pointer[Looking] // the same
	askedAt atomic.Int64            // since when the source is asked for records, Unix ms; 0 while records are handed over
	server  serverTime
	newest  KeptConfig    // the configuration; once it runs, followConfig's alone
	version atomic.Uint64 // of it, for whoever starts a partition

	cutInterval atomic.Int64 // in force, ns
}

// NewInstance takes the partitions over that it is to run. From here on a former
// owner's commits are refused. Run must follow.
func NewInstance(ctx context.Context, config meaning.Config, ports Ports, options Options) (*Instance, error) {
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
		owners: newOwners(config.Partitions), saver: newSaver(ports.Snapshots, options.Observer),
		turns: make([]chan struct{}, config.Partitions), begins: make(chan launch),
		alone: make(chan struct{}, atOnce), processors: make(chan struct{}, runtime.GOMAXPROCS(0)), ended: make(chan struct{}),
	}
	for partition := range i.turns {
		i.turns[partition] = make(chan struct{}, 1)
	}
	partitions, err := i.partitions()
	if err != nil {
		return nil, err
	}
	i.cutInterval.Store(int64(config.CutInterval))
	if err := i.survey(ctx); err != nil {
		return nil, err
	}
	if err := i.adopt(ctx); err != nil {
		return nil, err
	}
	if err := i.takeOver(ctx, partitions); err != nil {
		return nil, err
	}
	if err := i.announce(ctx, func(o *owner) bool { return o.shard.Force().Version < i.newest.Version }); err != nil {
		return nil, err
	}

	return i, nil
}

// partitions are those to begin with.
func (i *Instance) partitions() ([]int, error) {
	wanted := slices.Sorted(slices.Values(i.options.Partitions))
	if i.options.Partitions == nil {
		for partition := range i.config.Partitions {
			wanted = append(wanted, partition)
		}
	}
	for n, partition := range wanted {
		if err := i.checkPartition(partition); err != nil {
			return nil, err
		}
		if n > 0 && wanted[n-1] == partition {
			return nil, fmt.Errorf("partition %d stands twice among those to run", partition)
		}
	}

	return wanted, nil
}

func (i *Instance) checkPartition(partition int) error {
	if partition < 0 || partition >= i.config.Partitions {
		return fmt.Errorf("partition %d: there are %d, numbered from 0", partition, i.config.Partitions)
	}

	return nil
}

// Run reads and commits until the context ends, then stops in two steps: it
// stops pulling, and what was pulled is processed and committed. It returns
// nil after such a stop. ErrStopTimeout: the second step was given up; nothing
// is lost, the next owner makes again what was not committed. ErrFenced: others
// have taken all its partitions over.
func (i *Instance) Run(ctx context.Context) error {
	work, fail := context.WithCancelCause(context.WithoutCancel(ctx))
	defer fail(nil)
	defer i.limitStop(ctx, fail)()
	reading, stopReading := context.WithCancel(ctx)
	defer stopReading()

	group, work := errgroup.WithContext(work)
	context.AfterFunc(work, stopReading) // a failed owner ends the reading too
	for range stoppingTurns {
		group.Go(func() error { return i.saver.run(work) })
	}
	group.Go(func() error { return i.serve(reading, work, group) })
	group.Go(func() error { return i.sweep(reading) })
	group.Go(func() error { return i.tick(reading) })
	group.Go(func() error { return i.followConfig(reading) })
	group.Go(func() error { return i.watchClaims(reading) })

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

// idleEvery is how often an owner looks whether its partition is idle.
func (i *Instance) idleEvery() time.Duration {
	return min(max(i.options.SnapshotInterval, 10*time.Millisecond), time.Minute)
}

func (i *Instance) batch() []event.Record {
	if batch, ok := i.pool.Get().(*[]event.Record); ok {
		return (*batch)[:0]
	}

	return make([]event.Record, 0, 128)
}

func (i *Instance) recycle(batch []event.Record) {
	clear(batch) // so that the pool keeps no payload alive
	i.pool.Put(&batch)
}

// Ended turns an error that the end of the context brought about into a
// regular stop.
func Ended(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

type silent struct{}

func (silent) Committed(*shard.Cut, int) {}
func (silent) Retried(error)             {}
func (silent) Restoring(int, int)        {}

// ReadTo is the sequence up to which all records were handed to the owners.
func (i *Instance) ReadTo() uint64 { return i.readTo.Load() }
