package pipeline_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
)

// The bounds are five standard deviations of a fair draw: what is drawn is
// fixed for each prefix, and a fair draw is outside once in two million.
func TestHoldoutHasItsShareInEveryPartition(t *testing.T) {
	const customers, partitions = 100_000, 16
	for _, prefix := range []string{"", "c-", "Zoë ", "anonymous:"} {
		for _, share := range []float64{0, 0.001, 0.1, 0.5} {
			var all, held [partitions]int
			total := 0
			for i := range customers {
				id := fmt.Sprint(prefix, i)
				partition := event.PartitionOf(id, partitions)
				all[partition]++
				if meaning.InHoldout(id, share) {
					held[partition]++
					total++
				}
			}
			check := func(where string, got, of int) {
				want := share * float64(of)
				if off := math.Abs(float64(got) - want); off > 5*math.Sqrt(want*(1-share)) {
					t.Errorf("%q at %v, %s: %d of %d are held out", prefix, share, where, got, of)
				}
			}
			check("all", total, customers)
			for partition := range partitions {
				check(fmt.Sprint("partition ", partition), held[partition], all[partition])
			}
		}
	}
}

func TestHoldoutKeepsItsCustomersAsItGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.String().Draw(t, "id")
		small := rapid.Float64Range(0, meaning.MaxHoldout).Draw(t, "small")
		great := rapid.Float64Range(small, meaning.MaxHoldout).Draw(t, "great")
		if meaning.InHoldout(id, small) && !meaning.InHoldout(id, great) {
			t.Fatalf("%q is held out at %v, and not at %v", id, small, great)
		}
		if meaning.InHoldout(id, 0) {
			t.Fatalf("%q is held out at 0", id)
		}
	})
}

func TestHoldoutIsAHalfAtMost(t *testing.T) {
	for _, share := range []float64{-0.1, 0.51, math.NaN()} {
		config := meaning.DefaultConfig()
		config.Holdout = share
		want := fmt.Sprintf("holdout is %v; it must be 0 to 0.5", share)
		if err := config.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %q", err, want)
		}
	}
}

// Streams that began before there was a hold-out go on without one.
func TestNoHoldoutLeavesTheConfigurationHash(t *testing.T) {
	config := meaning.DefaultConfig()
	data, err := json.Marshal(config)
	if err != nil || strings.Contains(string(data), "Holdout") {
		t.Errorf("%s, %v", data, err)
	}
	without, _ := config.Hash()
	config.Holdout = 0.1
	if with, err := config.Hash(); err != nil || with == without {
		t.Errorf("the hash is %s with a hold-out and %s without, %v", with, without, err)
	}
}

// The hold-out of a business must not change with a version of ebb.
func ExampleInHoldout() {
	for _, customer := range []string{"c-1", "c-2", "c-3", "c-4", "c-5", "c-6", "c-7", "c-8", "zoe@example.com", "Zoë"} {
		fmt.Println(customer, meaning.InHoldout(customer, 0.25), meaning.InHoldout(customer, 0.5))
	}
	// Output:
	// c-1 true true
	// c-2 false true
	// c-3 true true
	// c-4 true true
	// c-5 true true
	// c-6 false true
	// c-7 true true
	// c-8 false false
	// zoe@example.com true true
	// Zoë false false
}
