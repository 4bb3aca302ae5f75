package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
)

// The local clock has no say: where it is years ahead of the server's and one
// partition is always busy, the idle ones still get their ticks.
func TestTicksDoNotDependOnTheLocalClock(t *testing.T) {
	synctest.Test(t, ticksDoNotDependOnTheLocalClock)
}

func ticksDoNotDependOnTheLocalClock(t *testing.T) {
	m, config := newMemory(), smallConfig()
	config.CutInterval = 100 * time.Millisecond
	instance, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "n"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()
	for partition := range config.Partitions {
		m.append(event.Record{Partition: partition, Clock: 500, Stored: 500, Data: []byte(`{}`)})
	}
	ticks := 0
	for ticks < 10 && ctx.Err() == nil {
		m.append(event.Record{Partition: 0, Clock: 500, Stored: 500, Data: []byte(`{}`)})
		time.Sleep(time.Millisecond)
		m.mu.Lock()
		ticks = m.ticks
		m.mu.Unlock()
	}
	if ticks < 10 {
		t.Errorf("%d ticks beside a busy partition, want 10", ticks)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
