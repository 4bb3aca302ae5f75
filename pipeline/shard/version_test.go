package shard

import (
	"encoding/json"
	"testing"

	"ebb/pipeline/churn"
	"ebb/pipeline/meaning"

	"github.com/zeebo/xxh3"
)

// What a shard computes depends on the shipped prior, so a snapshot that was
// taken with one must not be continued with another.
func TestLogicVersionIsThatOfThePrior(t *testing.T) {
	const version, want = 5, uint64(0xc6a7dee6d9b95bb0)
	prior, err := json.Marshal(churn.ShippedPrior())
	if err != nil {
		t.Fatal(err)
	}
	if got := xxh3.Hash(prior); meaning.LogicVersion != version || got != want {
		t.Errorf("logic version %d with the prior %#x, want %d with %#x: whenever the shipped prior changes, raise LogicVersion and write both here",
			meaning.LogicVersion, got, version, want)
	}
}
