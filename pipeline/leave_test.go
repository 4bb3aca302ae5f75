package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline"
	"ebb/windows"
)

func leavingConfig() pipeline.Config {
	config := pipeline.DefaultConfig()
	config.Partitions = 1
	config.StoreStep = anyLeap
	config.Churn.Horizon = (6 * time.Hour).Milliseconds()
	config.Churn.Dwell = 0
	config.Keep, config.KeepAnonymous = 30*time.Hour, 20*time.Hour
	config.AlertBudget, config.AlertEvery = 3, 6*time.Hour
	config.Lengths = slices.DeleteFunc(config.Lengths, func(l windows.Length) bool { return l.Size > 3_600_000 })

	return config
}

// While customers leave, return and make room, a shard that is restored from any
// snapshot goes on like one that never stopped, to the byte.
func TestLeavingIsDeterministic(t *testing.T) {
	config := leavingConfig()
	config.MaxCustomers = 60
	random := rand.New(rand.NewPCG(5, 6))
	var records []pipeline.Record
	clock := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli()
	for i := range 3_000 {
		clock += random.Int64N(8 * 60_000)
		if random.IntN(100) == 0 {
			clock += random.Int64N(20 * 3_600_000)
		}
		r := pipeline.Record{Sequence: uint64(i + 1), Clock: clock, Stored: clock}
		switch random.IntN(12) {
		case 0:
			r.Lane, r.Control = pipeline.LaneControl, pipeline.ControlTick
		case 1:
			r.Lane, r.Control = pipeline.LaneControl, pipeline.ControlAlerts
			r.Data = fmt.Appendf(nil, `{"period":%d,"takes":[2],"from":1}`, clock/(6*3_600_000))
		default:
			r.Lane = pipeline.LaneEvent
			customer := fmt.Sprint("c", min(random.IntN(200), random.IntN(200)))
			if random.IntN(3) == 0 {
				customer += strings.Repeat("x", 40)
			}
			r.Data = fmt.Appendf(nil, `{"id":"%d","customer":%q,"type":"order.completed","time":%q}`, i, customer, timeText(clock-random.Int64N(3*3_600_000)))
		}
		records = append(records, r)
	}
	var counts pipeline.Counts
	play := func(every int) (outputs []byte) {
		shard := oneShard(t, config)
		for i := range records {
			err := shard.Process(&records[i], func(cut *pipeline.Cut) {
				body, err := json.Marshal(cut)
				if err != nil {
					t.Fatal(err)
				}
				outputs = append(append(outputs, body...), '\n')
			})
			if err != nil {
				t.Fatal(err)
			}
			if every == 0 || random.IntN(every) > 0 {
				continue
			}
			snapshot := shard.AppendSnapshot(nil)
			if shard, err = pipeline.RestoreShard(config, 0, snapshot); err != nil {
				t.Fatalf("after record %d: %v", i+1, err)
			}
			if again := shard.AppendSnapshot(nil); !bytes.Equal(again, snapshot) {
				t.Fatalf("after record %d a snapshot becomes another", i+1)
			}
		}
		counts = shard.Counts()
		levels := shard.Population()
		if sum := levels[0] + levels[1] + levels[2] + levels[3]; sum > int64(shard.Customers()) || shard.Customers() > 60 {
			t.Errorf("%d of %d customers have a level", sum, shard.Customers())
		}

		return outputs
	}
	want := play(0)
	if counts.Left < 50 || counts.RoomMade < 50 || !bytes.Contains(want, []byte(`"Alerts"`)) {
		t.Errorf("the stream is no test: %+v", counts)
	}
	for _, every := range []int{10, 100} {
		if got := play(every); !bytes.Equal(got, want) {
			t.Errorf("with a snapshot about every %d records the outputs are others", every)
		}
	}
}

// A flood of new ids pushes nobody out who is watched.
func TestAFloodPushesNobodyOut(t *testing.T) {
	config := leavingConfig()
	config.MaxCustomers = 1_000
	shard := oneShard(t, config)
	var records []pipeline.Record
	clock := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli()
	event := func(customer string) {
		clock += 100
		records = append(records, pipeline.Record{
			Sequence: uint64(len(records) + 1), Clock: clock, Stored: clock,
			Data: fmt.Appendf(nil, `{"id":"%d","customer":%q,"type":"order.completed","time":%q}`, len(records), customer, timeText(clock)),
		})
	}
	for i := range 500 {
		event(fmt.Sprint("c", i))
	}
	for i := range 20_000 {
		event(fmt.Sprint("flood", i))
	}
	for i := range 500 {
		event(fmt.Sprint("c", i))
	}
	process(t, shard, records, func(*pipeline.Cut) {})
	if c := shard.Counts(); c.Processed != 1_500 || c.DeadLetters != 19_500 || c.RoomMade != 0 || shard.Customers() != 1_000 {
		t.Errorf("%+v, %d customers", c, shard.Customers())
	}
}
