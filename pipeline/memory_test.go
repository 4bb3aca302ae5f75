package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// memoryEra is when the input stream was made.
const memoryEra = 1_700_000_000_000

// memory is the ports of an instance in memory: an input stream, fenced output
// streams, manifests by compare-and-set, and snapshots. It keeps the rules of
// the ports exactly, and breaks them off where a test says so.
type memory struct {
	mu         sync.Mutex
	changed    chan struct{} // closed and replaced when a record is appended
	records    []event.Record
	removed    uint64 // so many records are gone from the front
	erased     map[uint64]bool
	read       int // records handed over
	outputs    [shard.Streams][]stored
	markers    [shard.Streams]map[int]own.Marker
	manifests  map[int]own.Manifest
	revisions  map[int]uint64
	revision   uint64
	snapshots  map[string][]byte
	configs    []own.KeptConfig // by version less 1
	ticks      int
	partitions int  // of who joins
	ticking    bool // ticks become records, at the local time

	// fault is asked before and after every operation, with its name; an error
	// is what the caller gets: asked before, nothing happened, asked after, it did.
	fault func(operation string, after bool) error
}

// stored is a published message with its sequence in its stream.
type stored struct {
	shard.Message
	partition int
	cut       uint64
}

func newMemory() *memory {
	m := &memory{
		changed:   make(chan struct{}),
		manifests: make(map[int]own.Manifest),
		revisions: make(map[int]uint64),
		snapshots: make(map[string][]byte),
	}
	for i := range m.markers {
		m.markers[i] = make(map[int]own.Marker)
	}

	return m
}

func (m *memory) ports() own.Ports {
	return own.Ports{Input: m, Outputs: memoryOutputs{m}, Manifests: memoryManifests{m}, Snapshots: memorySnapshots{m}, Configs: memoryConfigs{m}}
}

// append stores records in the order given and numbers them.
func (m *memory) append(records ...event.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, record := range records {
		record.Sequence = uint64(len(m.records) + 1)
		m.records = append(m.records, record)
	}
	close(m.changed)
	m.changed = make(chan struct{})
}

// last is the sequence of the last record of every partition, of those that there are to
// be.
func (m *memory) last(partitions int) []uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := make([]uint64, partitions)
	for _, record := range m.records {
		if record.Partition < partitions {
			last[record.Partition] = record.Sequence
		}
	}

	return last
}

// published is a copy of what a stream holds.
func (m *memory) published(stream shard.Stream) []stored {
	m.mu.Lock()
	defer m.mu.Unlock()

	return slices.Clone(m.outputs[stream])
}

func (m *memory) try(operation string, after bool) error {
	if m.fault == nil {
		return nil
	}

	return m.fault(operation, after)
}

func (m *memory) Open(_ context.Context, sequence uint64, partitions ...int) (own.Source, error) {
	return &memorySource{m: m, next: sequence, partitions: partitions}, nil
}

func (m *memory) Record(_ context.Context, sequence uint64) (int64, []byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if sequence <= m.removed || sequence > uint64(len(m.records)) || m.erased[sequence] {
		return 0, nil, own.ErrNoRecord
	}
	record := m.records[sequence-1]

	return record.Stored, record.Data, nil
}

func (m *memory) Era(context.Context) (int64, error) { return memoryEra, nil }

func (m *memory) Last(context.Context) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	return uint64(len(m.records)), nil
}

func (m *memory) First(context.Context) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	return m.removed + 1, nil
}

func (m *memory) Left(_ context.Context, partition int, sequence uint64) (n uint64, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, record := range m.records[m.removed:] {
		if record.Partition == partition && record.Sequence >= sequence {
			n++
		}
	}

	return n, nil
}

func (m *memory) Tick(_ context.Context, partition int) error {
	m.mu.Lock()
	m.ticks++ // most tests that need ticks append them, at times of their own
	ticking := m.ticking
	m.mu.Unlock()
	if ticking {
		now := time.Now().UnixMilli()
		m.append(event.Record{
			Partition: partition, Lane: event.LaneControl, Control: event.ControlTick,
			Clock: now, Stored: now, Data: []byte("{}"),
		})
	}

	return nil
}

func (m *memory) Join(_ context.Context, mark fact.JoinMark) error {
	return m.tell(event.AnonymousPrefix+mark.Anonymous, event.ControlJoin, mark)
}

func (m *memory) Move(_ context.Context, mark fact.MoveMark) error {
	return m.tell(mark.Customer, event.ControlMove, mark)
}

// tell appends a control record to the partition of a customer.
func (m *memory) tell(customer string, control event.Control, mark any) error {
	body, err := json.Marshal(mark)
	if err != nil {
		return err
	}
	m.mu.Lock()
	at, partitions, err := m.records[len(m.records)-1].Stored, m.partitions, m.try(control.String(), false)
	m.mu.Unlock()
	if err != nil {
		return err
	}
	m.append(event.Record{
		Partition: event.PartitionOf(customer, partitions), Lane: event.LaneControl, Control: control, Clock: at, Stored: at, Data: body,
	})

	m.mu.Lock()
	defer m.mu.Unlock()

	return m.try(control.String(), true)
}

type memorySource struct {
	m          *memory
	next       uint64
	partitions []int // none: all
	looked     atomic.Uint64
}

// LookedTo makes it an own.Looking.
func (s *memorySource) LookedTo() uint64 { return s.looked.Load() }

func (s *memorySource) Next(ctx context.Context) ([]event.Record, error) {
	for {
		s.m.mu.Lock()
		changed := s.m.changed
		s.next = max(s.next, s.m.removed+1)
		if s.next <= uint64(len(s.m.records)) {
			from := s.next - 1
			to := min(from+37, uint64(len(s.m.records))) // batches of an odd size
			batch := slices.DeleteFunc(slices.Clone(s.m.records[from:to]), func(r event.Record) bool { return s.m.erased[r.Sequence] })
			s.next = to + 1
			s.m.mu.Unlock()
			if len(s.partitions) > 0 {
				batch = slices.DeleteFunc(batch, func(r event.Record) bool { return !slices.Contains(s.partitions, r.Partition) })
			}
			if len(batch) == 0 {
				s.looked.Store(to)

				continue
			}
			s.m.mu.Lock()
			s.m.read += len(batch)
			s.m.mu.Unlock()

			return batch, nil
		}
		s.m.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *memorySource) Close() error { return nil }

type memoryOutputs struct{ m *memory }

func (o memoryOutputs) Marker(_ context.Context, stream shard.Stream, partition int, _ uint64) (own.Marker, error) {
	o.m.mu.Lock()
	defer o.m.mu.Unlock()

	return o.m.markers[stream][partition], o.m.try("marker", true)
}

func (o memoryOutputs) Publish(
	_ context.Context, stream shard.Stream, partition int, last uint64, messages []shard.Message, marker own.Marker,
) (uint64, error) {
	o.m.mu.Lock()
	defer o.m.mu.Unlock()
	if err := o.m.try("publish", false); err != nil {
		return 0, err
	}
	if o.m.markers[stream][partition].Fence != last {
		return 0, fmt.Errorf("%s marker of partition %d: %w", stream, partition, own.ErrFenced)
	}
	for _, message := range messages {
		o.m.outputs[stream] = append(o.m.outputs[stream], stored{message, partition, marker.Cut})
	}
	o.m.revision++
	marker.Stored, marker.Fence = o.m.revision, o.m.revision
	o.m.markers[stream][partition] = marker
	if err := o.m.try("publish", true); err != nil {
		return 0, err
	}

	return marker.Stored, nil
}

type memoryManifests struct{ m *memory }

func (b memoryManifests) Load(_ context.Context, partition int) (own.Manifest, uint64, error) {
	b.m.mu.Lock()
	defer b.m.mu.Unlock()

	return b.m.manifests[partition], b.m.revisions[partition], b.m.try("load", true)
}

func (b memoryManifests) Save(_ context.Context, manifest own.Manifest, revision uint64) (uint64, error) {
	b.m.mu.Lock()
	defer b.m.mu.Unlock()
	if err := b.m.try("save", false); err != nil {
		return 0, err
	}
	if b.m.revisions[manifest.Partition] != revision {
		return 0, own.ErrFenced
	}
	b.m.revision++
	b.m.manifests[manifest.Partition] = manifest
	b.m.revisions[manifest.Partition] = b.m.revision
	if err := b.m.try("save", true); err != nil {
		return 0, err
	}

	return b.m.revision, nil
}

type memorySnapshots struct{ m *memory }

func (s memorySnapshots) Put(_ context.Context, name string, data []byte) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if err := s.m.try("put", false); err != nil {
		return err
	}
	s.m.snapshots[name] = slices.Clone(data)

	return s.m.try("put", true)
}

func (s memorySnapshots) Get(_ context.Context, name string) ([]byte, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	data, ok := s.m.snapshots[name]
	if !ok {
		return nil, fmt.Errorf("%w: %q among %v", own.ErrNoSnapshot, name, slices.Collect(maps.Keys(s.m.snapshots)))
	}

	return data, nil
}

func (s memorySnapshots) Delete(_ context.Context, name string) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	delete(s.m.snapshots, name)

	return nil
}

func (s memorySnapshots) Sweep(ctx context.Context, which func(context.Context) (func(string) bool, error)) (int, error) {
	s.m.mu.Lock()
	there := slices.Collect(maps.Keys(s.m.snapshots))
	s.m.mu.Unlock()
	keep, err := which(ctx)
	if err != nil {
		return 0, err
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	removed := 0
	for _, name := range there {
		if !keep(name) {
			delete(s.m.snapshots, name)
			removed++
		}
	}

	return removed, nil
}

type memoryConfigs struct{ m *memory }

func (c memoryConfigs) Newest(context.Context) (own.KeptConfig, error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if len(c.m.configs) == 0 {
		return own.KeptConfig{}, nil
	}

	return c.m.configs[len(c.m.configs)-1], nil
}

func (c memoryConfigs) Version(_ context.Context, version uint64) (own.KeptConfig, error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if version < 1 || version > uint64(len(c.m.configs)) {
		return own.KeptConfig{}, own.ErrNoConfig
	}

	return c.m.configs[version-1], nil
}

func (c memoryConfigs) Add(_ context.Context, version uint64, body []byte) error {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if err := c.m.try("add", false); err != nil {
		return err
	}
	if version != uint64(len(c.m.configs)+1) {
		return own.ErrFenced
	}
	kept := own.KeptConfig{Body: slices.Clone(body), At: time.UnixMilli(int64(version))}
	if err := json.Unmarshal(body, &kept.Fact); err != nil {
		return err
	}
	c.m.configs = append(c.m.configs, kept)

	return c.m.try("add", true)
}

func (c memoryConfigs) Announce(_ context.Context, partition int, body []byte) error {
	c.m.mu.Lock()
	if err := c.m.try("announce", false); err != nil {
		c.m.mu.Unlock()

		return err
	}
	stored := int64(0)
	if n := len(c.m.records); n > 0 {
		stored = c.m.records[n-1].Stored
	}
	c.m.mu.Unlock()
	c.m.append(event.Record{
		Stored: stored, Clock: stored, Partition: partition, Lane: event.LaneControl, Control: event.ControlConfig, Data: slices.Clone(body),
	})
	c.m.mu.Lock()
	defer c.m.mu.Unlock()

	return c.m.try("announce", true)
}
