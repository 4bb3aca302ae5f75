package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// An idle partition is ticked while its last records wait for their cut, and
// then where something is due: not every cut interval for ever.
func TestIdlePartitionsAreLeftAlone(t *testing.T) { synctest.Test(t, idlePartitionsAreLeftAlone) }

func idlePartitionsAreLeftAlone(t *testing.T) {
	m, config := newMemory(), smallConfig()
	config.Partitions, config.CutInterval = 1, 20*time.Millisecond
	m.ticking = true
	instance, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "n"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()

	now := time.Now()
	body := `{"id":"1","time":"` + now.UTC().Format(time.RFC3339Nano) + `","customer":"c","type":"page.viewed"}`
	m.append(event.Record{Clock: now.UnixMilli(), Stored: now.UnixMilli(), Data: []byte(body)})
	wait, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if err := instance.WaitCommitted(wait, []uint64{1}); err != nil {
		t.Fatalf("the event is not committed: %v", err)
	}
	before := m.ticked()
	time.Sleep(50 * config.CutInterval)
	synctest.Wait()
	if ticks := m.ticked() - before; ticks > 3 {
		t.Errorf("%d ticks in %v of an idle partition", ticks, 50*config.CutInterval)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// What a shard waits for is nothing without customers, else the next whole
// minute or a timer.
func TestWaits(t *testing.T) {
	sh, err := shard.NewShard(smallConfig(), 0)
	if err != nil {
		t.Fatal(err)
	}
	sequence := uint64(0)
	process := func(r event.Record) {
		t.Helper()
		sequence++
		r.Sequence, r.Stored = sequence, r.Clock
		if err := sh.Process(&r, func(*shard.Cut) {}); err != nil {
			t.Fatal(err)
		}
	}
	const begin = 1_700_000_040_000 // a whole minute
	tick := func(clock int64) {
		process(event.Record{Clock: clock, Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}")})
	}
	process(event.Record{Clock: begin + 1, Data: []byte("junk")})
	if w := sh.Status().Waits; !w.Cut {
		t.Errorf("%+v: a dead letter does not wait for its cut", w)
	}
	tick(begin + 5_000)
	if w := sh.Status().Waits; w.Cut || w.Due < 1<<62 {
		t.Errorf("%+v, want nothing without customers", w)
	}
	for i := 0; ; i++ {
		customer := string(rune('a' + i))
		if event.PartitionOf(customer, smallConfig().Partitions) == 0 {
			process(event.Record{Clock: begin + 6_000, Data: []byte(
				`{"id":"1","time":"2023-11-14T22:14:00Z","customer":"` + customer + `","type":"order.completed"}`)})
			break
		}
	}
	tick(begin + 9_000)
	if w := sh.Status().Waits; w.Cut || w.Due <= begin+9_000 || w.Due > begin+60_000 {
		t.Errorf("%+v, want the next minute at the latest", w)
	}
}
