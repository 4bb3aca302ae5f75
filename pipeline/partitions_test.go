package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ebb/pipeline"
)

// running is an instance that a test runs.
type running struct {
	*pipeline.Instance
	stop context.CancelFunc
	done chan error

	mu   sync.Mutex
	lost []int
}

// begin runs an instance until the test ends, or stop.
func begin(t *testing.T, ports pipeline.Ports, config pipeline.Config, nonce string, partitions ...int) *running {
	t.Helper()
	r := &running{done: make(chan error, 1)}
	options := pipeline.Options{Nonce: nonce, Name: "host " + nonce, SnapshotInterval: time.Hour, Lost: func(partition int, err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !errors.Is(err, pipeline.ErrFenced) {
			t.Errorf("partition %d was lost by %v", partition, err)
		}
		r.lost = append(r.lost, partition)
	}}
	if len(partitions) > 0 {
		options.Partitions = partitions
	}
	instance, err := pipeline.NewInstance(t.Context(), config, ports, options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	r.Instance, r.stop = instance, cancel
	go func() { r.done <- instance.Run(ctx) }()
	t.Cleanup(cancel)

	return r
}

// end stops the instance, which has to go well.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	if err := <-r.done; err != nil {
		t.Error(err)
	}
}

// commits waits until the partitions that run here have committed all of m.
func (r *running) commits(t *testing.T, m *memory, config pipeline.Config) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	waited := make(chan error, 1)
	go func() { waited <- r.WaitCommitted(ctx, m.last(config.Partitions)) }()
	select {
	case err := <-waited:
		if err != nil {
			t.Fatalf("not everything is committed: %v; %+v", err, r.Progress())
		}
	case err := <-r.done:
		t.Fatalf("the instance ended: %v", err)
	}
}

func (r *running) partitions() (here []int) {
	for _, p := range r.Progress() {
		here = append(here, p.Partition)
	}

	return here
}

// pieces are the records of a history in so many parts, each of which ends with a
// tick of all partitions, and so with a cut.
func pieces(config pipeline.Config, seed uint64, n, parts int) (all [][]pipeline.Record) {
	whole := newMemory()
	history(whole, config, seed, n, 25)
	var ends []int
	for i, record := range whole.records {
		if record.Control == pipeline.ControlTick && record.Partition == config.Partitions-1 {
			ends = append(ends, i+1)
		}
	}
	from := 0
	for part := range parts {
		end := ends[(part+1)*len(ends)/parts-1]
		all = append(all, whole.records[from:end])
		from = end
	}

	return all
}

// calmly is what an undisturbed instance makes of a history.
func calmly(t *testing.T, config pipeline.Config, seed uint64, n int) *memory {
	t.Helper()
	calm := newMemory()
	history(calm, config, seed, n, 25)
	if err := run(t, calm, config, "calm", time.Hour); err != nil {
		t.Fatal(err)
	}

	return calm
}

// One partition is stopped and started ten times under load, while every twelfth
// write fails. The others commit on meanwhile, and the outputs of all are those of
// an undisturbed run, each once.
func TestPartitionStopsAndStartsUnderLoad(t *testing.T) {
	const seed, events, times = 51, 4000, 10
	config := smallConfig()
	calm := calmly(t, config, seed, events)
	m := newMemory()
	random := rand.New(rand.NewPCG(seed, 4))
	m.fault = func(operation string, _ bool) error {
		if operation != "load" && operation != "marker" && random.IntN(12) == 0 {
			return errors.New("no answer")
		}

		return nil
	}
	load := pieces(config, seed, events, 2*times)
	r := begin(t, m.ports(), config, "one")
	for n := range times {
		m.append(load[2*n]...)
		if err := r.Stop(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if got := r.partitions(); !slices.Equal(got, []int{0, 2}) {
			t.Fatalf("%v run, want 0 and 2", got)
		}
		m.mu.Lock()
		manifest := m.manifests[1]
		_, there := m.snapshots[manifest.Snapshot]
		m.mu.Unlock()
		if manifest.Nonce != "" || manifest.Owner != "" || manifest.Snapshot != "" && !there || manifest.SnapshotAt != manifest.Cursor {
			t.Fatalf("stopped with the manifest %+v; its snapshot is there: %v", manifest, there)
		}
		m.append(load[2*n+1]...)
		r.commits(t, m, config) // the others
		if err := r.Start(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	r.commits(t, m, config)
	r.end(t)
	sameOutputs(t, calm, m, config)
	if len(r.lost) > 0 {
		t.Errorf("lost %v", r.lost)
	}
}

// gated is a store of outputs that one partition can't reach until it is opened.
type gated struct {
	pipeline.Outputs
	partition int
	open      chan struct{}
}

func (g *gated) Publish(ctx context.Context, stream pipeline.Stream, partition int, last uint64, messages []pipeline.Message, marker pipeline.Marker) (uint64, error) {
	if partition == g.partition {
		select {
		case <-g.open:
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}

	return g.Outputs.Publish(ctx, stream, partition, last, messages, marker)
}

// countedInput counts what is read of single partitions.
type countedInput struct {
	*memory
	mu   sync.Mutex
	read map[int]int
}

func (c *countedInput) ReadPartition(ctx context.Context, partition int, sequence uint64, take func([]pipeline.Record, uint64) error) error {
	return c.memory.ReadPartition(ctx, partition, sequence, func(records []pipeline.Record, left uint64) error {
		c.mu.Lock()
		c.read[partition] += len(records)
		c.mu.Unlock()

		return take(records, left)
	})
}

// One partition can't store its outputs. The others commit everything, what waits
// for that one in memory is bounded, and once it can it loses nothing.
func TestBlockedPartitionHoldsUpNobody(t *testing.T) {
	const seed, events = 53, 9000
	config := smallConfig()
	calm := calmly(t, config, seed, events)
	m := newMemory()
	input := &countedInput{memory: m, read: map[int]int{}}
	ports := m.ports()
	gate := &gated{Outputs: ports.Outputs, partition: 1, open: make(chan struct{})}
	ports.Input, ports.Outputs = input, gate
	history(m, config, seed, events, 25)
	r := begin(t, ports, config, "one")
	last := m.last(config.Partitions)
	last[1] = 0
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := r.WaitCommitted(ctx, last); err != nil {
		t.Fatalf("the others are held up: %v; %+v", err, r.Progress())
	}
	blocked := r.Progress()[1]
	input.mu.Lock()
	read := input.read[1]
	input.mu.Unlock()
	if !blocked.Alone || blocked.Parted != 1 || blocked.Taken > uint64(len(m.records)/2) || read > 0 {
		t.Errorf("the blocked partition has %d records read for it, and stands at %+v", read, blocked)
	}
	close(gate.open)
	r.commits(t, m, config)
	for _, p := range r.Progress() {
		if p.Alone {
			t.Errorf("partition %d has not come back to the others", p.Partition)
		}
	}
	r.end(t)
	sameOutputs(t, calm, m, config)
}

// Another instance takes one partition. Whoever had it gives it up and goes on with
// the others; it notices at once that a second one, which is idle, is gone as well.
func TestLosingOnePartitionLeavesTheOthers(t *testing.T) {
	const seed, events = 57, 1200
	config := smallConfig()
	m := newMemory()
	load := pieces(config, seed, events, 3)
	first := begin(t, m.ports(), config, "first")
	m.append(load[0]...)
	first.commits(t, m, config)
	second := begin(t, m.ports(), config, "second", 1, 2)
	m.append(slices.DeleteFunc(slices.Clone(load[1]), func(r pipeline.Record) bool { return r.Partition == 2 })...)
	eventually(t, "the first runs partition 0 alone", func() bool { return slices.Equal(first.partitions(), []int{0}) })
	m.append(slices.DeleteFunc(slices.Clone(load[1]), func(r pipeline.Record) bool { return r.Partition != 2 })...)
	m.append(load[2]...)
	first.commits(t, m, config)
	second.commits(t, m, config)
	m.mu.Lock()
	owners := fmt.Sprint(m.manifests[0].Owner, ", ", m.manifests[1].Owner, ", ", m.manifests[2].Owner)
	m.mu.Unlock()
	if owners != "host first, host second, host second" {
		t.Errorf("owners %s", owners)
	}
	first.end(t)
	second.end(t)
	calm := newMemory()
	calm.append(m.records...)
	if err := run(t, calm, config, "calm", time.Hour); err != nil {
		t.Fatal(err)
	}
	sameOutputs(t, calm, m, config)
	slices.Sort(first.lost)
	if !slices.Equal(first.lost, []int{1, 2}) || len(second.lost) > 0 {
		t.Errorf("lost %v and %v, want 1 and 2, and nothing", first.lost, second.lost)
	}
}

// Two instances run a part each. One is killed, and the other starts what it had.
func TestTwoInstancesRunAPartEach(t *testing.T) {
	const seed, events = 59, 1500
	config := smallConfig()
	config.Partitions = 4
	calm := calmly(t, config, seed, events)
	for dies := range 4 {
		m := newMemory()
		load := pieces(config, seed, events, 3)
		dying := m.ports()
		dead := make(chan struct{})
		outputs := &mortal{Outputs: dying.Outputs, left: 5 * dies, dead: dead}
		dying.Outputs, dying.Manifests = outputs, mortalManifests{dying.Manifests, dead}
		m.append(load[0]...)
		first := begin(t, m.ports(), config, "first", 3, 0)
		second := begin(t, dying, config, "second", 1, 2)
		m.append(load[1]...)
		<-dead
		for _, partition := range []int{1, 2} {
			if err := first.Start(t.Context(), partition); err != nil {
				t.Fatal(err)
			}
		}
		m.append(load[2]...)
		first.commits(t, m, config)
		first.end(t)
		second.stop()
		sameOutputs(t, calm, m, config)
	}
}

// mortal stores some batches and then nothing any more, as a killed process.
type mortal struct {
	pipeline.Outputs
	mu   sync.Mutex
	left int
	dead chan struct{}
}

func (o *mortal) Publish(ctx context.Context, stream pipeline.Stream, partition int, last uint64, messages []pipeline.Message, marker pipeline.Marker) (uint64, error) {
	o.mu.Lock()
	o.left--
	left := o.left
	if left == -1 {
		close(o.dead)
	}
	o.mu.Unlock()
	if left < 0 {
		<-ctx.Done()

		return 0, context.Cause(ctx)
	}

	return o.Outputs.Publish(ctx, stream, partition, last, messages, marker)
}

type mortalManifests struct {
	pipeline.Manifests
	dead chan struct{}
}

func (m mortalManifests) Save(ctx context.Context, manifest pipeline.Manifest, revision uint64) (uint64, error) {
	select {
	case <-m.dead:
		<-ctx.Done()

		return 0, context.Cause(ctx)
	default:
		return m.Manifests.Save(ctx, manifest, revision)
	}
}

// A partition that can't be restored does not start, and the others don't notice.
func TestStartThatFailsLeavesTheOthers(t *testing.T) {
	const seed, events = 61, 900
	config := smallConfig()
	m := newMemory()
	load := pieces(config, seed, events, 2)
	r := begin(t, m.ports(), config, "one")
	m.append(load[0]...)
	r.commits(t, m, config)
	if err := r.Stop(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	good := m.manifests[1]
	broken := good
	broken.Snapshot = "p.1.1.1"
	m.manifests[1] = broken
	m.removed = 5
	m.mu.Unlock()
	m.append(load[1]...)
	if err := r.Start(t.Context(), 1); !errors.Is(err, pipeline.ErrRecovery) {
		t.Fatalf("started with %v, want ErrRecovery", err)
	}
	r.commits(t, m, config)
	m.mu.Lock()
	mended := m.manifests[1]
	mended.Snapshot = good.Snapshot
	m.manifests[1] = mended
	m.mu.Unlock()
	if err := r.Start(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	r.commits(t, m, config)
	r.end(t)
	sameOutputs(t, calmly(t, config, seed, events), m, config)
}

// Starting twice, stopping twice, before the instance runs and after it has: each
// says what it did.
func TestStartAndStopAnyTime(t *testing.T) {
	const seed, events = 67, 600
	config := smallConfig()
	m := newMemory()
	history(m, config, seed, events, 25)
	instance, err := pipeline.NewInstance(t.Context(), config, m.ports(), pipeline.Options{Nonce: "one", Partitions: []int{}})
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	try("stop what does not run", instance.Stop(t.Context(), 2))
	try("start before the run", instance.Start(t.Context(), 2))
	try("start again", instance.Start(t.Context(), 2))
	try("stop before the run", instance.Stop(t.Context(), 2))
	m.mu.Lock()
	if m.manifests[2].Nonce != "" || m.manifests[2].Generation != 1 {
		t.Errorf("stopped before the run with %+v", m.manifests[2])
	}
	m.mu.Unlock()
	try("start before the run", instance.Start(t.Context(), 0))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()
	try("start", instance.Start(ctx, 1))
	try("start again", instance.Start(ctx, 1))
	try("stop", instance.Stop(ctx, 0))
	try("stop again", instance.Stop(ctx, 0))
	try("stop the last", instance.Stop(ctx, 1))
	if got := len(instance.Progress()); got != 0 {
		t.Errorf("%d partitions run", got)
	}
	for partition := range config.Partitions {
		try("start", instance.Start(ctx, partition))
	}
	try("commit", instance.WaitCommitted(ctx, m.last(config.Partitions)))
	for _, wrong := range []int{-1, 3} {
		if err := errors.Join(instance.Start(ctx, wrong), instance.Stop(ctx, wrong)); err == nil || !strings.Contains(err.Error(), "there are 3") {
			t.Errorf("partition %d: %v", wrong, err)
		}
	}
	cancel()
	try("the run", <-done)
	try("stop after the run", instance.Stop(t.Context(), 0))
	if err := instance.Start(t.Context(), 0); err == nil || !strings.Contains(err.Error(), "stops or has stopped") {
		t.Errorf("started after the end: %v", err)
	}
	sameOutputs(t, calmly(t, config, seed, events), m, config)
	for _, wrong := range [][]int{{3}, {-1}, {1, 1}} {
		if _, err := pipeline.NewInstance(t.Context(), config, newMemory().ports(), pipeline.Options{Nonce: "n", Partitions: wrong}); err == nil {
			t.Errorf("the partitions %v were accepted", wrong)
		}
	}
}

// A stop that can't store what was read gives the partition up when its time is
// over. The others go on, and it can be started again.
func TestStopThatTakesTooLong(t *testing.T) {
	const seed, events = 71, 900
	config := smallConfig()
	calm := calmly(t, config, seed, events)
	m := newMemory()
	ports := m.ports()
	gate := &gated{Outputs: ports.Outputs, partition: 1, open: make(chan struct{})}
	ports.Outputs = gate
	load := pieces(config, seed, events, 2)
	m.append(load[0]...)
	r := begin(t, ports, config, "one")
	eventually(t, "the partition has something to store", func() bool { return r.Progress()[1].Storing > 0 })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Stop(ctx, 1); err == nil {
		t.Error("stopped, although nothing could be stored")
	}
	stopping, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := r.Stop(stopping, 1); err != nil && !errors.Is(err, pipeline.ErrStopTimeout) {
		t.Errorf("%v, want ErrStopTimeout", err)
	}
	m.append(load[1]...)
	r.commits(t, m, config)
	close(gate.open)
	if err := r.Start(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	r.commits(t, m, config)
	r.end(t)
	sameOutputs(t, calm, m, config)
}

// An instance leaves the snapshots of partitions alone that others run.
func TestSweepLeavesWhatOthersStore(t *testing.T) {
	config := smallConfig()
	m := newMemory()
	history(m, config, 73, 600, 25)
	if err := run(t, m, config, "before", 1); err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	others := m.manifests[1].Snapshot
	m.snapshots["p.1.999999.1"], m.snapshots["p.0.999999.1"] = []byte("being named"), []byte("left")
	m.mu.Unlock()
	r := begin(t, m.ports(), config, "one", 0, 2)
	eventually(t, "the store is swept", func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()

		return m.snapshots["p.0.999999.1"] == nil
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.snapshots[others] == nil || m.snapshots["p.1.999999.1"] == nil {
		t.Error("snapshots of partition 1 are gone, which another runs")
	}
	r.stop()
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in 30 s: %s", what)
		}
	}
}
