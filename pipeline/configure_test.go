package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
)

// reconfiguration is one change of the configuration.
type reconfiguration struct {
	name   string
	change func(*meaning.Config)
}

// reconfigurations are one for every setting that changes what is published, one
// after the other.
func reconfigurations() []reconfiguration {
	no := false
	return []reconfiguration{
		{"a vocabulary entry added", func(c *meaning.Config) {
			c.Vocabulary.Types = []vocabulary.TypeConfig{{Type: "strange.thing", Kind: "active", Channel: "web"}}
		}},
		{"a channel added, and an entry on it", func(c *meaning.Config) {
			c.Vocabulary.Channels = []string{"kiosk"}
			c.Vocabulary.Types = append(c.Vocabulary.Types[:1:1], vocabulary.TypeConfig{Type: "a.first", Kind: "micro", Channel: "kiosk"})
		}},
		{"a vocabulary entry changed", func(c *meaning.Config) {
			c.Vocabulary.Types = []vocabulary.TypeConfig{c.Vocabulary.Types[1], {Type: "strange.thing", Kind: "passive", Channel: "kiosk", Qualifying: &no}}
		}},
		{"lateness up", func(c *meaning.Config) { c.Lateness = 5 * time.Hour }},
		{"thresholds", func(c *meaning.Config) { c.Churn = c.Churn.Fixed(0.3, 0.6) }},
		{"language and currency", func(c *meaning.Config) { c.Churn.Language, c.Currency = "pt", "EUR" }},
		{"unknown types refused", func(c *meaning.Config) { c.Vocabulary.UnknownTypes = vocabulary.RejectUnknown }},
		{"forgetting by the command alone", func(c *meaning.Config) { c.ForgetByCommand = true }},
		{"joining", func(c *meaning.Config) { c.Join = true }},
		{"a vocabulary entry and a channel removed", func(c *meaning.Config) {
			c.Vocabulary = vocabulary.Config{UnknownTypes: vocabulary.AcceptUnknown}
		}},
		{"horizon down", func(c *meaning.Config) { c.Churn.Horizon, c.Churn.Dwell = (2 * time.Hour).Milliseconds(), 0 }},
		{"budget", func(c *meaning.Config) { c.AlertBudget, c.AlertEvery = 3, 6*time.Hour }},
		{"periods of the budget", func(c *meaning.Config) { c.AlertBudget, c.AlertEvery = 5, 12*time.Hour }},
		{"lateness and skew down", func(c *meaning.Config) { c.Lateness, c.Skew = time.Minute, time.Minute }},
		{"duplicates by id", func(c *meaning.Config) {
			c.Duplicates = meaning.Duplicates{ByID: true, Keep: time.Hour, AtMost: 1000}
		}},
		{"silence not watched", func(c *meaning.Config) { c.Feed.SilentBelow, c.Feed.HoldAtMost = 0, 0 }},
		{"horizon up", func(c *meaning.Config) { c.Churn.Horizon = (24 * time.Hour).Milliseconds() }},
		{"customer limit", func(c *meaning.Config) { c.MaxCustomers = 30 }},
		{"silence watched", func(c *meaning.Config) { c.Feed.SilentBelow, c.Feed.HoldAtMost = 0.25, 5*time.Hour }},
		{"cuts", func(c *meaning.Config) {
			c.CutInterval, c.CutRecords, c.CoordinateInterval = time.Minute, 40, time.Hour
		}},
		{"duplicates by time", func(c *meaning.Config) { c.Duplicates = meaning.Duplicates{AtMost: meaning.DefaultIdentities} }},
		{"the margin", func(c *meaning.Config) { c.Margin = 0.4 }},
		{"who stays", func(c *meaning.Config) { c.Keep, c.KeepAnonymous = 40*24*time.Hour, 0 }},
		{"thresholds that follow", func(c *meaning.Config) { c.Churn.CoolingAt, c.Churn.AtRiskAt, c.Churn.InTime = 0, 0, 0.5 }},
		{"scanners believed", func(c *meaning.Config) { c.Churn.ScannerWithin = 0 }},
		{"what is unusual", func(c *meaning.Config) { c.Churn.Unusual = 6 }},
		{"what a contact costs", func(c *meaning.Config) { c.Churn.ContactCost, c.Churn.Uplift = 0.5, 0.2 }},
	}
}

// livelyRecords appends n live events of so many customers to m, some of them late,
// twice, of unknown types or no JSON, from a time on; it returns when the last was
// stored.
func livelyRecords(m *memory, config meaning.Config, random *rand.Rand, from int64, n, customers int) int64 {
	clock := from
	types := []string{"page.viewed", "email.clicked", "order.completed", "message.sent", "strange.thing", "a.first"}
	var last string
	for range n {
		clock += random.Int64N(2 * 60_000)
		at := clock - random.Int64N(15*60_000) + 60_000
		customer := fmt.Sprintf("c%d", random.IntN(customers))
		body := fmt.Sprintf(`{"id":"e%d","time":%q,"customer":%q,"type":%q,"value":%d.5,"currency":%q}`, len(m.records),
			time.UnixMilli(at).UTC().Format("2006-01-02T15:04:05.000Z"), customer, types[random.IntN(len(types))], random.IntN(7), []string{"EUR", "USD"}[random.IntN(2)])
		switch random.IntN(25) {
		case 0:
			body = `{"id":`
		case 1, 2:
			if last != "" {
				body = last
			}
		}
		last = body
		m.append(event.Record{
			Stored: clock, Clock: clock, Partition: event.PartitionOf([]byte(customer), config.Partitions), Data: []byte(body),
		})
	}

	return clock
}

func liveConfig() meaning.Config {
	config := smallConfig()
	config.StoreStep = anyLeap // records may be far apart

	return config
}

func configRecord(tb fataler, partition int, clock int64, version uint64, config meaning.Config) event.Record {
	tb.Helper()
	body, err := json.Marshal(meaning.Fact{Version: version, Config: config})
	if err != nil {
		tb.Fatal(err)
	}

	return event.Record{Stored: clock, Clock: clock, Partition: partition, Lane: event.LaneControl, Control: event.ControlConfig, Data: body}
}

// The same records give the same bytes of state and the same outputs, whatever the
// configuration is changed to in between, also when a shard is restored from the
// snapshot of any cut.
func TestReplayOfChangesIsDeterministic(t *testing.T) {
	begun := liveConfig()
	begun.Partitions = 1
	m, config, random := newMemory(), begun, rand.New(rand.NewPCG(3, 4))
	clock := livelyRecords(m, config, random, time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli(), 150, 40)
	for i, change := range reconfigurations() {
		change.change(&config)
		m.append(configRecord(t, 0, clock, uint64(i+1), config))
		if i%4 == 1 { // twice changes nothing
			m.append(configRecord(t, 0, clock, uint64(i), config))
		}
		clock = livelyRecords(m, config, random, clock, 60, 40)
	}
	sh := oneShard(t, begun)
	var snapshots [][]byte
	cuts := process(t, sh, m.records, func(*shard.Cut) { snapshots = append(snapshots, sh.Capture().AppendBinary(nil)) })
	if got := sh.Force().Version; got != uint64(len(reconfigurations())) {
		t.Fatalf("version %d is in force, want %d; counts %+v", got, len(reconfigurations()), sh.Counts())
	}
	final := snapshots[len(snapshots)-1]
	for i := 0; i < len(snapshots); i += 61 {
		restored, err := shard.RestoreShard(begun, 0, snapshots[i])
		if err != nil {
			t.Fatalf("cut %d, version %d: %v", i, cuts[i].Config.Version, err)
		}
		if !bytes.Equal(snapshots[i], restored.Capture().AppendBinary(nil)) {
			t.Fatalf("the snapshot of cut %d, version %d, is not what its restored shard writes", i, cuts[i].Config.Version)
		}
		var end []byte
		rest := process(t, restored, m.records, func(cut *shard.Cut) {
			if cut.Number == cuts[len(cuts)-1].Number {
				end = restored.Capture().AppendBinary(nil)
			}
		})
		sameCuts(t, cuts[i+1:], rest)
		if len(rest) > 0 && !bytes.Equal(final, end) {
			t.Fatalf("going on from cut %d ends in other bytes", i)
		}
	}
	if counts := sh.Counts(); counts.Processed == 0 || counts.Duplicates == 0 || counts.LateDropped == 0 || counts.DeadLetters == 0 || counts.Raised == 0 || counts.Cleared == 0 {
		t.Errorf("the counts %+v leave something untried", counts)
	}
}

// What is larger than any configuration, or can't be in force, is a dead letter, and
// changes nothing.
func TestConfigurationsThatCannotBeAreRefused(t *testing.T) {
	config := liveConfig()
	good, err := shard.EncodeConfig(2, config)
	if err != nil {
		t.Fatal(err)
	}
	other := config
	other.Skew = -time.Second
	bad, err := json.Marshal(meaning.Fact{Version: 3, Config: other})
	if err != nil {
		t.Fatal(err)
	}
	sh := oneShard(t, config)
	large := append(bytes.Clone(good), bytes.Repeat([]byte(" "), shard.MaxConfigBytes+1-len(good))...)
	for i, body := range [][]byte{large, bad, []byte(`{"version":`), good} {
		record := event.Record{Sequence: uint64(i + 1), Stored: 1, Clock: 1, Lane: event.LaneControl, Control: event.ControlConfig, Data: body}
		if err := sh.Process(&record, func(*shard.Cut) {}); err != nil {
			t.Fatal(err)
		}
		if refused := uint64(min(i+1, 3)); sh.Counts().DeadLetters != refused || (sh.Force().Version == 2) != (i == 3) {
			t.Errorf("after record %d: %d refused, version %d", i+1, sh.Counts().DeadLetters, sh.Force().Version)
		}
	}
}

// A configuration record does not move the clock: history that is imported into a
// partition which has had nothing else is not late for it.
func TestChangeBeforeAnImportMakesNothingLate(t *testing.T) {
	config := smallConfig()
	m, plain := newMemory(), newMemory()
	changed := config
	changed.Skew = time.Minute
	for partition := range config.Partitions {
		m.append(configRecord(t, partition, time.Now().UnixMilli(), 2, changed))
	}
	history(m, config, 7, 600, 20)
	history(plain, config, 7, 600, 20)
	for partition := range config.Partitions {
		var counts [2]shard.Counts
		for i, records := range [][]event.Record{m.records, plain.records} {
			sh, err := shard.NewShard(config, partition)
			if err != nil {
				t.Fatal(err)
			}
			for r := range records {
				if records[r].Partition != partition {
					continue
				}
				if err := sh.Process(&records[r], func(*shard.Cut) {}); err != nil {
					t.Fatal(err)
				}
			}
			counts[i] = sh.Counts()
		}
		if counts[0].Control--; counts[0] != counts[1] || counts[0].Processed == 0 {
			t.Errorf("partition %d: %+v with a record before the import, %+v without", partition, counts[0], counts[1])
		}
	}
}
