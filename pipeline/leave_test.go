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

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/windows"
)

func leavingConfig() meaning.Config {
	config := meaning.DefaultConfig()
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
	var records []event.Record
	clock := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli()
	for i := range 3_000 {
		clock += random.Int64N(8 * 60_000)
		if random.IntN(100) == 0 {
			clock += random.Int64N(20 * 3_600_000)
		}
		r := event.Record{Sequence: uint64(i + 1), Clock: clock, Stored: clock}
		switch random.IntN(12) {
		case 0:
			r.Lane, r.Control = event.LaneControl, event.ControlTick
		case 1:
			r.Lane, r.Control = event.LaneControl, event.ControlAlerts
			r.Data = fmt.Appendf(nil, `{"period":%d,"takes":[2],"from":1}`, clock/(6*3_600_000))
		default:
			r.Lane = event.LaneEvent
			customer := fmt.Sprint("c", min(random.IntN(200), random.IntN(200)))
			if random.IntN(3) == 0 {
				customer += strings.Repeat("x", 40)
			}
			r.Data = fmt.Appendf(nil, `{"id":"%d","customer":%q,"type":"order.completed","time":%q}`, i, customer, timeText(clock-random.Int64N(3*3_600_000)))
		}
		records = append(records, r)
	}
	var counts shard.Counts
	play := func(every int) (outputs []byte) {
		sh := oneShard(t, config)
		for i := range records {
			err := sh.Process(&records[i], func(cut *shard.Cut) {
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
			snapshot := sh.Capture().AppendBinary(nil)
			if sh, err = shard.RestoreShard(config, 0, snapshot); err != nil {
				t.Fatalf("after record %d: %v", i+1, err)
			}
			if again := sh.Capture().AppendBinary(nil); !bytes.Equal(again, snapshot) {
				t.Fatalf("after record %d a snapshot becomes another", i+1)
			}
		}
		counts = sh.Counts()
		levels := sh.Status().Levels
		if sum := levels[0] + levels[1] + levels[2] + levels[3]; sum > int64(sh.Customers()) || sh.Customers() > 60 {
			t.Errorf("%d of %d customers have a level", sum, sh.Customers())
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
	sh := oneShard(t, config)
	var records []event.Record
	clock := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli()
	ev := func(customer string) {
		clock += 100
		records = append(records, event.Record{
			Sequence: uint64(len(records) + 1), Clock: clock, Stored: clock,
			Data: fmt.Appendf(nil, `{"id":"%d","customer":%q,"type":"order.completed","time":%q}`, len(records), customer, timeText(clock)),
		})
	}
	for i := range 500 {
		ev(fmt.Sprint("c", i))
	}
	for i := range 20_000 {
		ev(fmt.Sprint("flood", i))
	}
	for i := range 500 {
		ev(fmt.Sprint("c", i))
	}
	process(t, sh, records, func(*shard.Cut) {})
	if c := sh.Counts(); c.Processed != 1_500 || c.DeadLetters != 19_500 || c.RoomMade != 0 || sh.Customers() != 1_000 {
		t.Errorf("%+v, %d customers", c, sh.Customers())
	}
}
