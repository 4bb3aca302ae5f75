package own

import (
	"slices"
	"sync"
	"sync/atomic"
)

// owners are the partitions that an instance runs. Whoever reads them sees the
// set as it was at one moment.
type owners struct {
	mu sync.Mutex // of those who change it
	by atomic.Pointer[[]*owner]

	// Changes are counted, so that the common reader is told of each and says
	// when it goes by it.
	wanted  uint64
	begun   uint64
	changed chan struct{} // closed with the next change
	follows chan struct{} // closed when begun grows
}

func newOwners(partitions int) *owners {
	o := &owners{changed: make(chan struct{}), follows: make(chan struct{})}
	none := make([]*owner, partitions)
	o.by.Store(&none)

	return o
}

// all are the owners by partition, nil where another instance runs it.
func (o *owners) all() []*owner { return *o.by.Load() }

// here are the owners in the order of their partitions.
func (o *owners) here() []*owner {
	here := make([]*owner, 0, len(o.all()))
	for _, owner := range o.all() {
		if owner != nil {
			here = append(here, owner)
		}
	}

	return here
}

// set gives a partition to an owner, nil for none, and returns the number of
// the change. was is who is to have it before: where another has, nothing
// changes.
func (o *owners) set(partition int, was, owner *owner) (change uint64, done bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := o.all()
	if before[partition] != was {
		return o.wanted, false
	}
	by := slices.Clone(before)
	by[partition] = owner
	o.by.Store(&by)
	o.wanted++
	close(o.changed)
	o.changed = make(chan struct{})

	return o.wanted, true
}

// follow says whom the common reader serves from now on, and returns what is
// closed when that is no longer right. It has handed over up to a sequence.
func (o *owners) follow(served []*owner, to uint64) (now []*owner, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now = o.all()
	for partition, owner := range served {
		if owner != nil && now[partition] != owner {
			owner.path.ended.Store(to + 1)
		}
	}
	for _, owner := range now {
		if owner != nil {
			owner.path.served.Store(true)
		}
	}
	o.begun = o.wanted
	close(o.follows)
	o.follows = make(chan struct{})

	return now, o.changed
}

// followed returns what is closed when the common reader goes by the next
// change; nil where it goes by this one.
func (o *owners) followed(change uint64) <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.begun >= change {
		return nil
	}

	return o.follows
}
