package shard

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"

	"ebb/pipeline/customers"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
)

// What a shard does while a capture keeps it from its records is bounded: some
// bytes a customer, however many events it remembers. All that is copied or
// encoded meanwhile has to be allocated.
func TestCaptureKeepsRecordsWaitingForLittle(t *testing.T) {
	const customers, events, most = 100_000, 1, 50 * time.Millisecond
	shard, end := busyShard(t, customers, events)
	if shard.customers.Len() != customers || shard.identities.ring.Len() != customers*events {
		t.Fatalf("%d customers and %d identities", shard.customers.Len(), shard.identities.ring.Len())
	}

	// The machine may be busy, so the shortest of some counts.
	shortest := time.Hour
	for round := range 5 {
		bytes := shard.Capture().AppendBinary(nil)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		c := shard.Capture()
		shortest = min(shortest, time.Since(start))
		runtime.ReadMemStats(&after)
		took := int64(after.TotalAlloc - before.TotalAlloc)
		if allowed := int64(customers*20 + 512<<10); took > allowed {
			t.Errorf("round %d: a capture took %d bytes, want at most %d; the snapshot has %d", round, took, allowed, len(bytes))
		}
		c.AppendBinary(nil)
	}
	if shortest > most {
		t.Errorf("a capture took %v, want less than %v", shortest, most)
	}

	// Afterwards a record copies what it touches: a slab, and a slice of
	// identities, but not the tables.
	c := shard.Capture()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	takeEvent(t, shard, uint64(customers*events+1), customers/2, end)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("a record after a capture took %d bytes, want at most a slab and a slice, 1 MiB", took)
	}
	c.AppendBinary(nil)
}

// Who looks at all customers copies none of those that are being encoded.
func TestLookingAtAllCustomersCopiesNothing(t *testing.T) {
	const people = 3 * customers.SlabSize
	shard, _ := busyShard(t, people, 1)
	want := shard.Capture().AppendBinary(nil)
	c, frozen := shard.Capture(), shard.customers.Frozen
	shard.detector.statistics()
	shard.detector.sampler.Draw(shard.detector.model, shard.clock, shard.customers.Count, shard.customers.state)
	shard.detector.sampler.Report(shard.detector.model, shard.clock, shard.customers.state)
	shard.customers.allGone(shard.clock)
	for index := range shard.customers.Count {
		shard.alerts.candidate(index)
	}
	for i := range frozen.Slabs {
		if &shard.customers.Slabs[i][0] != &frozen.Slabs[i][0] {
			t.Errorf("slab %d was copied, though nothing in it has changed", i)
		}
	}
	if !bytes.Equal(c.AppendBinary(nil), want) {
		t.Error("looking changed customers")
	}
}

// A capture is of its place, whatever records come before it is encoded.
func TestCaptureIsOfItsPlace(t *testing.T) {
	const people = 3 * customers.SlabSize
	shard, end := busyShard(t, people, 2)
	want := shard.Capture().AppendBinary(nil)
	c := shard.Capture()
	encoded := make(chan []byte)
	go func() { encoded <- c.AppendBinary(nil) }()
	for i := range people {
		takeEvent(t, shard, uint64(2*people+i+1), i*7%people, end+int64(i))
	}
	if got := <-encoded; !bytes.Equal(got, want) {
		t.Error("the capture is not of the place where it was taken")
	}
	if bytes.Equal(shard.Capture().AppendBinary(nil), want) {
		t.Error("nothing has changed since: the test has become weak")
	}
}

// busyShard is the only shard of so many customers, who all came within the
// lateness, and the clock.
func busyShard(t testing.TB, customers, events int) (shard *Shard, clock int64) {
	t.Helper()
	config := meaning.DefaultConfig()
	config.Partitions = 1
	shard, err := NewShard(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	clock = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC).UnixMilli()
	for i := range customers * events {
		if i%2 == 0 {
			clock++
		}
		takeEvent(t, shard, uint64(i+1), i%customers, clock)
	}

	return shard, clock
}

func takeEvent(t testing.TB, shard *Shard, sequence uint64, customer int, clock int64) {
	t.Helper()
	data := fmt.Appendf(nil, `{"id":"%d","customer":"c%d","type":"feature.used","time":%q}`, sequence, customer, time.UnixMilli(clock).UTC().Format(time.RFC3339Nano))
	if err := shard.Process(&event.Record{Sequence: sequence, Clock: clock, Stored: clock, Data: data}, func(*Cut) {}); err != nil {
		t.Fatal(err)
	}
}
