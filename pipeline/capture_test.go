package pipeline

import (
	"bytes"
	"fmt"
	"reflect"
	"sync"
	"testing"
)

// A frozen table is encoded as it was, whatever happens to the table meanwhile.
func TestFrozenCustomersStayAsTheyWere(t *testing.T) {
	table := newCustomers()
	add := func(n int) {
		for range n {
			id := fmt.Appendf(nil, "a customer with a rather long id %d", table.count)
			if table.count%3 == 0 {
				id = fmt.Appendf(nil, "c%d", table.count)
			}
			table.add(id)
		}
	}
	change := func(round int64) {
		for index := range table.count {
			table.at(index).churn.SetTimer(round)
		}
	}
	add(3*slabSize + 17)
	change(1)
	want := table.freeze().appendBinary(nil)

	for round := range int64(8) {
		change(1)
		f, done := table.freeze(), make(chan []byte)
		if f.count != 3*slabSize+17 {
			break // only the first rounds compare with want
		}
		var encoding sync.WaitGroup
		encoding.Go(func() { done <- f.appendBinary(nil) })
		change(round + 2)
		if round == 7 {
			add(2 * slabSize)
		}
		if got := <-done; !bytes.Equal(got, want) {
			t.Fatalf("round %d: the encoded table is not the one that was frozen", round)
		}
		encoding.Wait()
	}

	// Frozen again after it was encoded, and nothing was touched in between.
	table.freeze().appendBinary(nil)
	table.freeze().appendBinary(nil)

	// Frozen again before anybody encoded it, it is still as it was.
	change(5)
	first := table.freeze()
	change(6)
	second := table.freeze()
	change(7)
	a, b := first.appendBinary(nil), second.appendBinary(nil)
	change(5)
	if !bytes.Equal(a, table.freeze().appendBinary(nil)) {
		t.Error("the first of two frozen tables changed")
	}
	change(6)
	if !bytes.Equal(b, table.freeze().appendBinary(nil)) {
		t.Error("the second of two frozen tables changed")
	}
	if table.at(0); table.frozen != nil {
		t.Error("the table still shares what is encoded")
	}
}

// What is pending has to be in the snapshot, whatever is added to it.
func TestSnapshotsHoldAllThatIsPending(t *testing.T) {
	known := map[string]string{
		"rollups": "Rollups", "late": "Late", "letters": "Letters", "signals": "Signals",
		"reports": "Reports", "feed": "Feed", "bytes": "Bytes",
		"packers": "", // empty between records
		"err":     "", // ends the shard
	}
	of := reflect.TypeFor[outputs]()
	for i := range of.NumField() {
		name := of.Field(i).Name
		stored, ok := known[name]
		if !ok {
			t.Errorf("outputs.%s is in no snapshot: add it to pendingOutputs, or say here why not", name)
		}
		if _, there := reflect.TypeFor[pendingOutputs]().FieldByName(stored); stored != "" && !there {
			t.Errorf("pendingOutputs has no %s", stored)
		}
	}
}
