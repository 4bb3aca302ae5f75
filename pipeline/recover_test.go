package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// Answers that get lost, writes that fail for a while: the outputs are those
// of an undisturbed run, each once.
func TestUnknownOutcomes(t *testing.T) {
	config := smallConfig()
	calm := newMemory()
	history(calm, config, 17, 600, 25)
	if err := run(t, calm, config, "calm", 1); err != nil {
		t.Fatal(err)
	}
	for seed := range seeds(4) {
		m := newMemory()
		history(m, config, 17, 600, 25)
		random := rand.New(rand.NewPCG(seed, 4))
		m.fault = func(operation string, _ bool) error {
			if operation != "load" && operation != "marker" && random.IntN(12) == 0 {
				return errors.New("no answer")
			}

			return nil
		}
		if err := run(t, m, config, "troubled", time.Hour); err != nil {
			t.Fatal(err)
		}
		sameOutputs(t, calm, m, config)
	}
}

// A second instance takes over while the first one runs: the first stops, and
// the outputs are those of one.
func TestTakingOverFencesTheFormerOwner(t *testing.T) {
	config := smallConfig()
	calm := newMemory()
	history(calm, config, 23, 900, 25)
	if err := run(t, calm, config, "calm", 1); err != nil {
		t.Fatal(err)
	}

	m := newMemory()
	history(m, config, 23, 900, 25)
	takenOver(t, m, config)
	sameOutputs(t, calm, m, config)
}

// takenOver runs an owner that is held up in the middle of publishing, another one
// that takes over and works the stream off, and then lets the first one go on.
func takenOver(t *testing.T, m *memory, config meaning.Config) {
	t.Helper()
	gate := &gatedOutputs{Outputs: memoryOutputs{m}, open: make(chan struct{}), reached: make(chan struct{})}
	ports := m.ports()
	ports.Outputs = gate
	first, err := own.NewInstance(t.Context(), config, ports, own.Options{Nonce: "first"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- first.Run(ctx) }()
	<-gate.reached
	if err := run(t, m, config, "second", time.Hour); err != nil {
		t.Fatal(err)
	}
	close(gate.open)
	if err := <-ended; !errors.Is(err, own.ErrFenced) {
		t.Errorf("the former owner ended with %v, want ErrFenced", err)
	}
}

// gatedOutputs lets five batches through and holds the others up, as a paused
// process would.
type gatedOutputs struct {
	own.Outputs
	count         atomic.Int64
	reached, open chan struct{}
}

func (g *gatedOutputs) Publish(
	ctx context.Context, stream shard.Stream, partition int, last uint64, messages []shard.Message, marker own.Marker,
) (uint64, error) {
	switch n := g.count.Add(1); {
	case n == 6:
		close(g.reached)
		fallthrough
	case n > 6:
		<-g.open
	}

	return g.Outputs.Publish(ctx, stream, partition, last, messages, marker)
}

// What is stored no longer fits: the taking over is refused with a remedy
// instead of skipping or repeating events.
func TestRecoveryRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*memory, *meaning.Config){
		"which the input stream does not hold": func(m *memory, _ *meaning.Config) { m.records = m.records[:10] },
		"is not the one":                       func(m *memory, _ *meaning.Config) { rewind(m) },
		"the marker on rollups":                func(m *memory, _ *meaning.Config) { clear(m.markers[shard.Rollups]) },
		"stream.partitions is 2":               func(_ *memory, c *meaning.Config) { c.Partitions = 2 },
		"churn.holdout is 0.1":                 func(_ *memory, c *meaning.Config) { c.Holdout = 0.1 },
		"logic version":                        func(m *memory, _ *meaning.Config) { manifests(m, func(f *own.Manifest) { f.LogicVersion-- }) },
		"architecture": func(m *memory, _ *meaning.Config) {
			manifests(m, func(f *own.Manifest) { f.Architecture = "pdp11" })
		},
		"restore the object store": func(m *memory, _ *meaning.Config) { manifests(m, func(f *own.Manifest) { olderSnapshot(m, f) }) },
		"delete the key p.":        func(m *memory, _ *meaning.Config) { clear(m.snapshots); m.removed = 20 },
	} {
		t.Run(name, func(t *testing.T) {
			m, config := newMemory(), smallConfig()
			history(m, config, 29, 400, 10)
			if err := run(t, m, config, "before", 1); err != nil {
				t.Fatal(err)
			}
			spoil(m, &config)
			err := run(t, m, config, "after", 1)
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("got %v, want an error that says %q", err, name)
			}
		})
	}
}

func rewind(m *memory) {
	for i := range m.records {
		m.records[i].Stored++
	}
}

func manifests(m *memory, change func(*own.Manifest)) {
	for partition, manifest := range m.manifests {
		change(&manifest)
		m.manifests[partition] = manifest
	}
}

func olderSnapshot(m *memory, f *own.Manifest) {
	f.SnapshotAt = 1
	f.SnapshotClock = m.records[0].Stored
	f.SnapshotHash = own.Fingerprint(m.records[0].Data)
}

func spoilSnapshots(m *memory) {
	for _, data := range m.snapshots {
		data[len(data)/2]++
	}
}

// A replay that goes another way than the published one is found out by the
// markers.
func TestDivergenceIsFound(t *testing.T) {
	m, config := newMemory(), smallConfig()
	history(m, config, 31, 400, 10)
	if err := run(t, m, config, "before", 1); err != nil {
		t.Fatal(err)
	}
	manifests(m, func(f *own.Manifest) {
		*f = own.Manifest{
			Partition: f.Partition, Partitions: f.Partitions, LogicVersion: f.LogicVersion,
			Architecture: f.Architecture, Nonce: f.Nonce,
		}
	})
	for partition, marker := range m.markers[shard.Rollups] {
		marker.Sequence++
		m.markers[shard.Rollups][partition] = marker
	}
	if err := run(t, m, config, "after", 1); !errors.Is(err, own.ErrDiverged) {
		t.Errorf("got %v, want ErrDiverged", err)
	}
}

func TestInstanceRefusesWrongOptions(t *testing.T) {
	config := smallConfig()
	if _, err := own.NewInstance(t.Context(), config, newMemory().ports(), own.Options{}); err == nil {
		t.Error("an empty nonce was accepted")
	}
	config.Partitions = 0
	if _, err := own.NewInstance(t.Context(), config, newMemory().ports(), own.Options{Nonce: "n"}); err == nil {
		t.Error("no partitions were accepted")
	}
}

func TestRecordOfAnotherPartitionNumberStops(t *testing.T) {
	m, config := newMemory(), smallConfig()
	m.append(event.Record{Partition: 3, Lane: event.LaneControl, Control: event.ControlTick, Clock: 1, Stored: 1})
	instance, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "n"})
	if err != nil {
		t.Fatal(err)
	}
	if err := instance.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "partition 3") {
		t.Errorf("got %v, want an error that names the partition", err)
	}
}

// Idle partitions get ticks, but not before their first record and not inside an
// import. In a bubble the time passes only when everybody waits, so that what does
// not happen in ten intervals was not merely slow.
func TestIdlePartitionsTick(t *testing.T) { synctest.Test(t, idlePartitionsTick) }

func idlePartitionsTick(t *testing.T) {
	m, config := newMemory(), smallConfig()
	config.CutInterval = 10 * time.Millisecond
	instance, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "n"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()
	ticksIn := func(d time.Duration) int {
		before := m.ticked()
		time.Sleep(d)
		synctest.Wait()

		return m.ticked() - before
	}
	if early := ticksIn(10 * config.CutInterval); early > 0 {
		t.Errorf("%d ticks in partitions that never had a record", early)
	}
	for partition := range config.Partitions {
		m.append(event.Record{Partition: partition, Lane: event.LaneEvent, Clock: 500, Stored: 500, Data: []byte(`{}`)})
	}
	if ticks := ticksIn(5 * config.CutInterval); ticks < 4*config.Partitions {
		t.Errorf("%d ticks in five intervals of %d idle partitions whose records wait for their cut", ticks, config.Partitions)
	}
	for partition := range config.Partitions {
		m.append(event.Record{
			Partition: partition, Lane: event.LaneHistory, Control: event.ControlStart,
			Clock: 1000, Stored: 1000, Data: []byte(`{"import":"i"}`),
		})
	}
	if err := instance.WaitCommitted(ctx, m.last(config.Partitions)); err != nil {
		t.Fatal(err)
	}
	if ticks := ticksIn(10 * config.CutInterval); ticks > 0 {
		t.Errorf("%d ticks inside an import", ticks)
	}
	for _, p := range instance.Progress() {
		if !p.Frozen || p.Clock != 1000 || p.Committed == 0 {
			t.Errorf("partition %d: %+v", p.Partition, p)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := fmt.Sprint(event.ParseControl("nonsense"), event.ParseControl("model")); got != "unknown model" {
		t.Error(got)
	}
}

// ticked is how many ticks were published.
func (m *memory) ticked() int {
	m.mu.Lock()
	defer m.mu.Unlock()

	return m.ticks
}
