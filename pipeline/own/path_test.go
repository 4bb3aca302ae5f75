package own

import (
	"testing"

	"ebb/pipeline/event"
)

// At the end of the stream a batch is what has just come, often one record. A
// partition that reads alone meets the common reader also where many come.
func TestManySmallBatchesAreKept(t *testing.T) {
	var p path
	p.begin()
	const records = 5000
	for i := range records {
		if _, direct := p.keep([]event.Record{{Sequence: uint64(i + 1)}}); direct {
			t.Fatal("handed over to one who reads alone")
		}
	}
	kept, joined := p.meet()
	next := uint64(1)
	for _, batch := range kept {
		for _, record := range batch {
			if record.Sequence != next {
				t.Fatalf("record %d follows %d", record.Sequence, next-1)
			}
			next++
		}
	}
	if joined || next != records+1 {
		t.Fatalf("%d of %d records were kept", next-1, records)
	}
	if _, joined = p.meet(); !joined || !p.direct.Load() {
		t.Error("it has not joined, though nothing was missed")
	}
}

// What is kept is bounded, and what goes beyond is said to be missed.
func TestWhatIsKeptIsBounded(t *testing.T) {
	var p path
	p.begin()
	for range 3 * queuedBatches * keptTogether {
		p.keep(make([]event.Record, 1))
	}
	kept, records := p.ahead, 0
	for _, batch := range kept {
		records += len(batch)
	}
	if len(kept) > queuedBatches || records > queuedBatches*keptTogether || !p.missed {
		t.Errorf("%d records in %d batches, missed %t", records, len(kept), p.missed)
	}
	p.meet()
	if _, joined := p.meet(); joined {
		t.Error("it joined, though it has missed some")
	}
	if p.begin(); p.missed {
		t.Error("another piece begins with what was missed before it")
	}
}

// An owner who was let go before the common reader ever went by it says nothing of
// how far its partition was read: what the reader hands over is not for it.
func TestWhoWasNeverServedKnowsNotHowFarItWasRead(t *testing.T) {
	owners := newOwners(2)
	read := uint64(0)
	with := func(partition int) *owner {
		o := &owner{partition: partition, readTo: func() uint64 { return read }}
		o.path.direct.Store(true)
		owners.set(partition, nil, o)

		return o
	}
	stays, goes := with(0), with(1)
	owners.set(1, goes, nil) // stopped while the instance plans what to read
	served, _ := owners.follow(nil, 0)
	read = 900
	if to := goes.handedOver(); to != 0 {
		t.Errorf("its partition was read to %d, it says; nobody has", to)
	}
	if to := stays.handedOver(); to != 900 {
		t.Errorf("the other was read to %d, want 900", to)
	}
	owners.set(0, stays, nil)
	owners.follow(served, 900)
	read = 1200
	if to := stays.handedOver(); to != 900 {
		t.Errorf("once let go it was read to %d, want 900", to)
	}
}
