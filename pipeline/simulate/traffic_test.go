package simulate_test

import (
	"bytes"
	"testing"
	"time"

	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/simulate"
)

func trafficConfig() simulate.TrafficConfig {
	return simulate.TrafficConfig{
		Seed: 7, Customers: 1000, Rate: 500, Start: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC),
	}
}

func TestTrafficIsTakenByAShard(t *testing.T) {
	config := meaning.DefaultConfig()
	config.Partitions = 1
	sh, err := shard.NewShard(config, 0)
	if err != nil {
		t.Fatal(err)
	}

	const count = 20_000
	traffic, size := simulate.NewTraffic(trafficConfig()), 0
	for range count {
		record := traffic.Record()
		size += len(record.Data)
		if err := sh.Process(&record, func(*shard.Cut) {}); err != nil {
			t.Fatal(err)
		}
	}

	if got := sh.Counts(); got.Processed != count {
		t.Errorf("counts %+v, want all %d processed", got, count)
	}
	if mean := size / count; mean < 200 || mean > 250 {
		t.Errorf("an event has %d bytes on average, want about 220", mean)
	}
	if n := sh.Customers(); n < 500 || n > 1000 {
		t.Errorf("%d customers, want most of the 1000", n)
	}
	start := trafficConfig().Start
	if got := traffic.Clock() - start.UnixMilli(); got != count*1000/500 {
		t.Errorf("the clock went on by %d ms, want a second for every 500 events", got)
	}
}

func TestTrafficIsReproducible(t *testing.T) {
	a, b := simulate.NewTraffic(trafficConfig()), simulate.NewTraffic(trafficConfig())
	seen := map[string]bool{}
	for range 1000 {
		x, y := a.Record(), b.Record()
		if !bytes.Equal(x.Data, y.Data) || x.Clock != y.Clock {
			t.Fatalf("the same configuration gave %s and %s", x.Data, y.Data)
		}
		if seen[string(x.Data)] {
			t.Fatalf("%s came twice", x.Data)
		}
		seen[string(x.Data)] = true
	}
}
