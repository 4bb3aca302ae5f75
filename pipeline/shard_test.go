package pipeline_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// fataler is what testing.TB and rapid.T have in common.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// process takes all records of one partition and returns the cuts.
func process(tb fataler, sh *shard.Shard, records []event.Record, each func(*shard.Cut)) []*shard.Cut {
	tb.Helper()
	var cuts []*shard.Cut
	for i := range records {
		if err := sh.Process(&records[i], func(cut *shard.Cut) {
			cuts = append(cuts, cut)
			if each != nil {
				each(cut)
			}
		}); err != nil {
			tb.Fatal(err)
		}
	}

	return cuts
}

// partitionRecords is a random history of one partition.
func partitionRecords(config meaning.Config, seed uint64, n int) []event.Record {
	m := newMemory()
	history(m, config, seed, n, 20)

	return m.records
}

func oneShard(tb fataler, config meaning.Config) *shard.Shard {
	tb.Helper()
	sh, err := shard.NewShard(config, 0)
	if err != nil {
		tb.Fatal(err)
	}

	return sh
}

func sameCuts(tb fataler, want, got []*shard.Cut) {
	tb.Helper()
	if len(want) != len(got) {
		tb.Fatalf("%d cuts, want %d", len(got), len(want))
	}
	for i := range want {
		if reflect.DeepEqual(want[i], got[i]) {
			continue // much quicker than texts, to which nil is the same as empty
		}
		if a, b := fmt.Sprintf("%+v", *want[i]), fmt.Sprintf("%+v", *got[i]); a != b {
			tb.Fatalf("cut %d differs:\n%.2000s\n%.2000s", i, a, b)
		}
	}
}

// The same records give the same bytes of state and the same outputs, also
// when a shard is restored from the snapshot of any cut in between.
func TestReplayIsDeterministic(t *testing.T) {
	config := smallConfig()
	config.Partitions = 1
	records := partitionRecords(config, 5, 1200)

	sh := oneShard(t, config)
	var snapshots [][]byte
	cuts := process(t, sh, records, func(*shard.Cut) { snapshots = append(snapshots, sh.Capture().AppendBinary(nil)) })
	final := snapshots[len(snapshots)-1]

	again := oneShard(t, config)
	var last []byte
	sameCuts(t, cuts, process(t, again, records, func(*shard.Cut) { last = again.Capture().AppendBinary(nil) }))
	if !bytes.Equal(final, last) {
		t.Error("two runs over the same records end in other bytes")
	}

	for i := range snapshots {
		restored, err := shard.RestoreShard(config, 0, snapshots[i])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(snapshots[i], restored.Capture().AppendBinary(nil)) {
			t.Fatalf("the snapshot of cut %d is not what its restored shard writes", i)
		}
		var end []byte
		rest := process(t, restored, records, func(cut *shard.Cut) {
			if cut.Number == cuts[len(cuts)-1].Number {
				end = restored.Capture().AppendBinary(nil)
			}
		})
		sameCuts(t, cuts[i+1:], rest)
		if len(rest) > 0 && !bytes.Equal(final, end) {
			t.Fatalf("going on from cut %d ends in other bytes", i)
		}
	}
}

// latest merges the rollup rows of cuts as a reader does: the highest version
// of a key is the truth.
func latest(tb fataler, cuts []*shard.Cut) map[string]wire.Row {
	tb.Helper()
	rows := make(map[string]wire.Row)
	versions := make(map[string]uint64)
	for _, cut := range cuts {
		for _, message := range cut.Outputs[shard.Rollups] {
			rollups, err := wire.ParseRollups(message.Data)
			if err != nil || !slices.Contains(wire.RollupTables(), rollups.Table) {
				continue // late, levels and pipeline rows
			}
			take := func(window string, end int64, row wire.Row) {
				key := fmt.Sprint(rollups.Table, window, end, row.Key, row.Currency)
				if held, ok := versions[key]; ok && held >= rollups.Version {
					tb.Fatalf("%s has version %d twice or after %d", key, rollups.Version, held)
				}
				rows[key], versions[key] = row, rollups.Version
			}
			for _, window := range rollups.Windows {
				for _, row := range window.Rows {
					take(window.Window, window.End, row)
				}
			}
			for _, series := range rollups.Series {
				for end, row := range series.Rows() {
					take(series.Window, end, row)
				}
			}
		}
	}

	return rows
}

// Events in any order within the allowed lateness, and any placing of cuts,
// give the same rollups.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		config := smallConfig()
		config.Partitions = 1
		config.CutRecords = rapid.IntRange(1, 60).Draw(t, "cut records")
		seed := rapid.Uint64().Draw(t, "seed")
		random := rand.New(rand.NewPCG(seed, 9))
		clock := int64(1_700_000_000_000)
		var bodies [][]byte
		for i := range rapid.IntRange(1, 80).Draw(t, "events") {
			at := clock - random.Int64N(config.Lateness.Milliseconds())
			bodies = append(bodies, fmt.Appendf(nil, `{"id":"%d","time":%q,"customer":"c%d","type":%q,"value":0.1,"currency":"EUR"}`,
				i, timeText(at), random.IntN(5), []string{"page.viewed", "order.completed"}[random.IntN(2)]))
		}
		run := func(cutRecords int) map[string]wire.Row {
			own := config
			own.CutRecords = cutRecords
			shard := oneShard(t, own)
			var records []event.Record
			for _, body := range bodies {
				records = append(records, event.Record{Clock: clock, Stored: clock, Data: body})
			}
			for _, later := range []int64{1000, 30 * 24 * 3600_000} {
				records = append(records, event.Record{
					Clock: clock + later, Stored: clock + later, Lane: event.LaneControl, Control: event.ControlTick,
				})
			}
			for i := range records {
				records[i].Sequence = uint64(i + 1)
			}

			return latest(t, process(t, shard, records, nil))
		}
		want := run(50_000)
		random.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
		got := run(config.CutRecords)
		if fmt.Sprint(want) != fmt.Sprint(got) {
			t.Fatalf("another order gives other rollups:\n%v\n%v", want, got)
		}
	})
}

func TestShardRefusesWrongSettings(t *testing.T) {
	config := smallConfig()
	if _, err := shard.NewShard(config, 3); err == nil {
		t.Error("partition 3 of 3 was accepted")
	}
	for name, spoil := range map[string]func(*meaning.Config){
		"partitions":      func(c *meaning.Config) { c.Partitions = 0 },
		"lateness":        func(c *meaning.Config) { c.Lateness = -1 },
		"skew":            func(c *meaning.Config) { c.Skew = 1 << 60 },
		"cut interval":    func(c *meaning.Config) { c.CutInterval = 0 },
		"cut records":     func(c *meaning.Config) { c.CutRecords = 0 },
		"coordinate":      func(c *meaning.Config) { c.CoordinateInterval = 0 },
		"max event bytes": func(c *meaning.Config) { c.MaxEventBytes = 1 },
		"max customers":   func(c *meaning.Config) { c.MaxCustomers = 0 },
		"lengths":         func(c *meaning.Config) { c.Lengths = nil },
		"odd length":      func(c *meaning.Config) { c.Lengths[0].Slide = 7 },
		"horizon":         func(c *meaning.Config) { c.Churn.Horizon = 0 },
		"vocabulary":      func(c *meaning.Config) { c.Vocabulary.UnknownTypes = "maybe" },
	} {
		spoiled := meaning.DefaultConfig()
		spoil(&spoiled)
		if _, err := shard.NewShard(spoiled, 0); err == nil {
			t.Errorf("%s: a wrong setting was accepted", name)
		}
	}
}
