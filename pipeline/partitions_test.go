package pipeline_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/own"
)

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
	if err := r.Start(t.Context(), 1); !errors.Is(err, own.ErrRecovery) {
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
	instance, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "one", Partitions: []int{}})
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
	ctx, cancel := context.WithTimeout(t.Context(), patience)
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
		if _, err := own.NewInstance(t.Context(), config, newMemory().ports(), own.Options{Nonce: "n", Partitions: wrong}); err == nil {
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
	stopping, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := r.Stop(stopping, 1); !errors.Is(err, own.ErrStopTimeout) {
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
