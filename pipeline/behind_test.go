package pipeline_test

import (
	"testing"
	"time"

	"ebb/pipeline/shard"
)

// A server whose clock is set back by more than the skew is told while events are
// refused for it, and no longer.
func TestStoreTimesBehindTheClockAreTold(t *testing.T) {
	const minute = int64(60_000)
	sh := oneShard(t, leapConfig())
	told, after := int64(0), int64(0)
	for _, record := range disturbedTraffic(3, []disturbance{{from: 30 * minute, until: 50 * minute, ahead: -60 * minute}}) {
		if err := sh.Process(&record, func(*shard.Cut) {}); err != nil {
			t.Fatal(err)
		}
		after = sh.Status().Leap.Behind
		told = max(told, after)
	}
	if sh.Counts().DeadLetters == 0 {
		t.Fatal("nothing is refused: that is no test")
	}
	if least := (59 * time.Minute).Milliseconds(); told < least || told > least+2*minute {
		t.Errorf("store times are said to be %v behind", time.Duration(told)*time.Millisecond)
	}
	if after != 0 {
		t.Errorf("they are said to be %v behind in the end", time.Duration(after)*time.Millisecond)
	}
}

// What is within the skew is nothing to tell.
func TestSmallStepsBackAreNotTold(t *testing.T) {
	const minute = int64(60_000)
	sh := oneShard(t, leapConfig())
	for _, record := range disturbedTraffic(3, []disturbance{{from: 30 * minute, until: 33 * minute, ahead: -2 * minute}}) {
		if err := sh.Process(&record, func(*shard.Cut) {}); err != nil {
			t.Fatal(err)
		}
		if behind := sh.Status().Leap.Behind; behind > 0 {
			t.Fatalf("store times are said to be %v behind", time.Duration(behind)*time.Millisecond)
		}
	}
}
