package pipeline_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// qualityHorizon makes a learning step of one hour.
const qualityHorizon = 8 * hourMS

const hourMS = int64(time.Hour / time.Millisecond)

// qualityHistory is the events of some customers over three days, with a tick
// every ten minutes, all of one partition, and the times by customer.
func qualityHistory() (records []event.Record, times map[string][]int64) {
	random := rand.New(rand.NewPCG(8, 9))
	times = map[string][]int64{}
	add := func(r event.Record, clock int64) {
		r.Sequence, r.Clock, r.Stored = uint64(len(records)+1), clock, clock
		records = append(records, r)
	}
	for at := int64(0); at < 72*hourMS; at += hourMS / 6 {
		clock := loopStart + at + 1000
		for c := range 60 {
			if random.IntN(3+2*c) > 0 {
				continue
			}
			customer := fmt.Sprint("c", c)
			add(event.Record{Data: fmt.Appendf(nil, `{"id":"%d","customer":%q,"type":"order.completed","time":%q}`, clock, customer, timeText(clock))}, clock)
			times[customer] = append(times[customer], clock)
		}
		add(event.Record{Lane: event.LaneControl, Control: event.ControlTick}, clock+60_000)
	}

	return records, times
}

func qualityConfig() meaning.Config {
	config := meaning.DefaultConfig()
	config.Partitions = 1
	config.Lengths = config.Lengths[:1]
	config.Churn.Horizon = qualityHorizon
	config.Churn.Dwell = 0

	return config
}

// qualityRows are those that the cuts publish.
func qualityRows(tb fataler, cuts []*shard.Cut) (rows []wire.QualityRow) {
	tb.Helper()
	for _, cut := range cuts {
		for _, message := range cut.Outputs[shard.Rollups] {
			if message.Subject != "rollups.quality.0" {
				continue
			}
			var row wire.QualityRow
			if err := json.Unmarshal(message.Data, &row); err != nil {
				tb.Fatal(err)
			}
			if row.Schema != wire.Schema || row.Table != wire.Quality || row.HorizonMS != qualityHorizon ||
				row.Version > cut.Sequence || row.Time > cut.Clock || row.Time <= cut.Clock-hourMS {
				tb.Fatalf("a cut at %d has %+v", cut.Clock, row)
			}
			rows = append(rows, row)
		}
	}

	return rows
}

// At the first cut of a step, a shard says what became of everyone whom it knew
// a horizon before, as the events tell.
func TestShardPublishesItsQuality(t *testing.T) {
	records, times := qualityHistory()
	rows := qualityRows(t, process(t, oneShard(t, qualityConfig()), records, nil))
	if len(rows) != 71 {
		t.Fatalf("%d rows, want one for each of the 71 steps", len(rows))
	}
	for _, row := range rows { // of every step, also before the first outcomes
		if row.CoolingAt <= 0 || row.AtRiskAt <= row.CoolingAt || row.AtRiskAt >= 1 {
			t.Fatalf("thresholds %v and %v at %d", row.CoolingAt, row.AtRiskAt, row.Time)
		}
	}
	rows = slices.DeleteFunc(rows, func(r wire.QualityRow) bool { return len(r.Bins) == 0 })
	if len(rows) != 71-8 {
		t.Fatalf("%d rows, want one for each of the 63 steps whose horizon is over", len(rows))
	}
	for _, row := range rows {
		at := row.Time - qualityHorizon
		want := map[string][2]int64{} // rows and lost by segment
		for _, all := range times {
			next, _ := slices.BinarySearch(all, at)
			if next == 0 {
				continue // not known yet
			}
			segment, counts := "active", [2]int64{1, 0}
			if at-all[next-1] > qualityHorizon {
				segment = churn.LongSilent.String()
			}
			if next == len(all) || all[next] >= row.Time {
				counts[1] = 1
			}
			want[segment] = [2]int64{want[segment][0] + counts[0], want[segment][1] + counts[1]}
		}
		got := map[string][2]int64{}
		for _, bin := range row.Bins {
			segment := "active"
			if bin.Segment == churn.LongSilent.String() {
				segment = bin.Segment
			}
			got[segment] = [2]int64{got[segment][0] + bin.Rows, got[segment][1] + bin.Lost}
			if low := int64(bin.Bin) * 1000 * bin.Rows; bin.RiskSum < low || bin.RiskSum > low+1000*bin.Rows {
				t.Fatalf("risks outside of their bin: %+v", bin)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("at %d: rows and lost are %v, want %v", row.Time, got, want)
		}
	}
}

// A replay from any snapshot publishes the same rows with the same versions.
func TestQualityIsTheSameAfterARestore(t *testing.T) {
	config := qualityConfig()
	records, _ := qualityHistory()
	sh := oneShard(t, config)
	var snapshots [][]byte
	cuts := process(t, sh, records, func(*shard.Cut) { snapshots = append(snapshots, sh.Capture().AppendBinary(nil)) })
	for i := 0; i < len(cuts); i += len(cuts) / 7 {
		restored, err := shard.RestoreShard(config, 0, snapshots[i])
		if err != nil {
			t.Fatal(err)
		}
		want, got := qualityRows(t, cuts[i+1:]), qualityRows(t, process(t, restored, records, nil))
		if len(want) == 0 && i < len(cuts)/2 {
			t.Fatal("no rows after the snapshot")
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("from cut %d on\n got %v\nwant %v", i, got, want)
		}
	}
}
