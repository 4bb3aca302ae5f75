package own

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ebb/pipeline/shard"
)

// saver stores the snapshots of an instance's shards: it encodes, compresses
// and uploads what they captured, in goroutines of its own, while events are
// processed and cuts are committed. While running there is one at a time, so
// that not all shards encode at the same moment and little is in memory twice.
type saver struct {
	snapshots Snapshots
	observer  Observer
	turns     chan struct{} // one for each capture that may be there
	captured  chan *saving

	storing sync.RWMutex   // held to read while something is stored, to write while the store is swept
	mu      sync.Mutex     // guards fresh among those who store
	fresh   map[int]string // by partition: the last stored
}

// saving is a capture on its way into the store, and back to its owner.
type saving struct {
	state  *shard.Capture
	stored int64  // store time of the last record in it
	hash   string // of that record's bytes
	readTo uint64 // after it the input stream held none of the partition up to here; 0 where that is not known
	name   string // in the store
	result chan<- *saving
	over   <-chan struct{} // closed when its owner has ended: then nobody needs it
	err    error           // why it was not stored; in the result
}

// stoppingTurns is how many are stored at once when all have to be.
const stoppingTurns = 4

func newSaver(snapshots Snapshots, observer Observer) *saver {
	s := &saver{
		snapshots: snapshots,
		observer:  observer,
		turns:     make(chan struct{}, stoppingTurns),
		captured:  make(chan *saving, stoppingTurns),
		fresh:     make(map[int]string),
	}
	s.turns <- struct{}{}

	return s
}

// hurry lets more be stored at once, because nothing else is to be done.
func (s *saver) hurry() {
	for range stoppingTurns - 1 {
		s.turns <- struct{}{}
	}
}

// begin takes a turn if there is one.
func (s *saver) begin() bool {
	select {
	case <-s.turns:
		return true
	default:
		return false
	}
}

// wait takes a turn as soon as there is one.
func (s *saver) wait(ctx context.Context) error {
	select {
	case <-s.turns:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leave gives the turn of a capture back that is not going to be stored.
func (s *saver) leave(c *saving) {
	if c != nil {
		s.turns <- struct{}{}
	}
}

// save hands a capture over, whose owner has a turn. It does not wait.
func (s *saver) save(c *saving) { s.captured <- c }

// run stores what is captured until nothing more comes. There may be several.
func (s *saver) run(ctx context.Context) error {
	packer, err := shard.NewPacker()
	if err != nil {
		return err
	}
	for c := range s.captured {
		c.err = s.store(ctx, c, packer.Pack(c.state.AppendBinary(nil)))
		if c.err != nil && ctx.Err() != nil {
			return c.err
		}
		c.state = &shard.Capture{Heads: c.state.Heads, Sequence: c.state.Sequence, Cuts: c.state.Cuts, Partition: c.state.Partition, Erase: c.state.Erase}
		select {
		case c.result <- c:
		case <-c.over: // nobody takes it any more
		case <-ctx.Done():
		}
		s.turns <- struct{}{}
	}

	return nil
}

// store tries until the snapshot is stored, nobody needs it any more, or ctx ends:
// a shard goes on without one, and only the replay after a crash becomes longer.
func (s *saver) store(ctx context.Context, c *saving, data []byte) error {
	c.name = fmt.Sprintf("p.%d.%d.%d", c.state.Partition, c.state.Sequence, c.state.Cuts)
	told := func(err error) { s.observer.Retried(fmt.Errorf("store snapshot %s: %w", c.name, err)) }

	return newPauses().repeat(ctx, func() error {
		err := s.put(ctx, c, data)
		if err == nil || errors.Is(err, ErrFenced) {
			return forGood(err)
		}
		select {
		case <-c.over:
			told(err)

			return forGood(err)
		default:
			return err
		}
	}, told)
}

func (s *saver) put(ctx context.Context, c *saving, data []byte) error {
	s.storing.RLock()
	defer s.storing.RUnlock()
	if err := s.snapshots.Put(ctx, c.name, data); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh[c.state.Partition] = c.name

	return nil
}
