package shard

import (
	"bytes"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"ebb/pipeline/customers"
)

// A frozen table is encoded as it was, whatever happens to the table meanwhile.
func TestFrozenCustomersStayAsTheyWere(t *testing.T) {
	table := customers.New(0)
	add := func(n int) {
		for range n {
			id := fmt.Appendf(nil, "a customer with a rather long id %d", table.Count)
			if table.Count%3 == 0 {
				id = fmt.Appendf(nil, "c%d", table.Count)
			}
			table.Add(id)
		}
	}
	change := func(round int64) {
		for index := range table.Count {
			table.At(index).Churn.SetTimer(round)
		}
	}
	add(3*customers.SlabSize + 17)
	change(1)
	want := table.Freeze().AppendBinary(nil)

	for round := range int64(8) {
		change(1)
		f, done := table.Freeze(), make(chan []byte)
		if f.Count != 3*customers.SlabSize+17 {
			break // only the first rounds compare with want
		}
		var encoding sync.WaitGroup
		encoding.Go(func() { done <- f.AppendBinary(nil) })
		change(round + 2)
		if round == 7 {
			add(2 * customers.SlabSize)
		}
		if got := <-done; !bytes.Equal(got, want) {
			t.Fatalf("round %d: the encoded table is not the one that was frozen", round)
		}
		encoding.Wait()
	}

	// Frozen again after it was encoded, and nothing was touched in between.
	table.Freeze().AppendBinary(nil)
	table.Freeze().AppendBinary(nil)

	// Frozen again before anybody encoded it, it is still as it was.
	change(5)
	first := table.Freeze()
	change(6)
	second := table.Freeze()
	change(7)
	a, b := first.AppendBinary(nil), second.AppendBinary(nil)
	change(5)
	if !bytes.Equal(a, table.Freeze().AppendBinary(nil)) {
		t.Error("the first of two frozen tables changed")
	}
	change(6)
	if !bytes.Equal(b, table.Freeze().AppendBinary(nil)) {
		t.Error("the second of two frozen tables changed")
	}
	if table.At(0); table.Frozen != nil {
		t.Error("the table still shares what is encoded")
	}
}

// What is pending has to be in the snapshot, whatever is added to it.
func TestSnapshotsHoldAllThatIsPending(t *testing.T) {
	known := map[string]string{
		"rollups": "Rollups", "late": "Late", "letters": "Letters", "signals": "Signals",
		"reports": "Reports", "feed": "Feed", "joins": "Joins", "moves": "Moves", "bytes": "Bytes",
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
