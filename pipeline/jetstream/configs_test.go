package jetstream

import (
	"errors"
	"testing"

	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// Versions are made one after the other, the first to make one wins, and what
// strangers write beside them is passed over.
func TestConfigsAreKeptByVersion(t *testing.T) {
	js, layout := provisioned(t)
	met := 0
	configs := NewConfigs(js, layout).OnStranger(func(Stranger) { met++ })
	newest, err := configs.Newest(t.Context())
	if err != nil || newest.Version != 0 {
		t.Fatalf("newest of none: %+v, %v", newest, err)
	}
	config := meaning.DefaultConfig()
	config.Partitions = layout.Partitions
	add := func(version uint64) error {
		t.Helper()
		config.AlertBudget, config.AlertEvery = int(version), meaning.DefaultAlertEvery
		body, err := shard.EncodeConfig(version, config)
		if err != nil {
			t.Fatal(err)
		}

		return configs.Add(t.Context(), version, body)
	}
	for version := range uint64(11) {
		if err := add(version + 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := add(11); !errors.Is(err, own.ErrFenced) {
		t.Errorf("a version again: %v", err)
	}
	bucket, err := js.KeyValue(t.Context(), layout.Manifests)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"config.12", "config.3", "config.x"} {
		if _, err := bucket.Put(t.Context(), key, []byte(`{"version":99,"config":{}}`)); err != nil {
			t.Fatal(err)
		}
	}
	newest, err = configs.Newest(t.Context())
	if err != nil || newest.Version != 11 || newest.Config.AlertBudget != 11 || newest.At.IsZero() || met == 0 {
		t.Errorf("newest is version %d, budget %d, %v; %d strangers met", newest.Version, newest.Config.AlertBudget, err, met)
	}
	third, err := configs.Version(t.Context(), 3)
	if err != nil || third.Config.AlertBudget != 3 || len(meaning.Differences(&newest.Config, &third.Config)) != 1 {
		t.Errorf("version 3: %+v, %v", third.Fact, err)
	}
	if _, err := configs.Version(t.Context(), 12); !errors.Is(err, own.ErrNoConfig) {
		t.Errorf("a stranger's version: %v", err)
	}
	if err := add(12); err != nil {
		t.Errorf("a version where a stranger wrote: %v", err)
	}
	if newest, err = configs.Newest(t.Context()); err != nil || newest.Version != 12 {
		t.Errorf("newest is version %d, %v", newest.Version, err)
	}
	if err := configs.Announce(t.Context(), 0, newest.Body); err != nil {
		t.Error(err)
	}
	if err := configs.Announce(t.Context(), layout.Partitions, newest.Body); err == nil {
		t.Error("a partition that is not there was announced to")
	}
}
