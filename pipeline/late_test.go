package pipeline_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// Five customers order daily, by an app that sends three hours later: whether
// that is beyond the lateness or not, nobody of them is told to be away, live or
// in an import.
func TestWhoIsHeardOfLateHasNotLapsed(t *testing.T) {
	begin := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	for _, lateness := range []time.Duration{10 * time.Minute, 4 * time.Hour} {
		for _, lane := range []event.Lane{event.LaneEvent, event.LaneHistory} {
			config := meaning.DefaultConfig()
			config.Partitions = 1
			config.Lateness = lateness
			config.StoreStep = anyLeap
			config.Churn.Horizon = (14 * 24 * time.Hour).Milliseconds()
			var records []event.Record
			add := func(at time.Time, r event.Record) {
				r.Sequence, r.Stored, r.Clock = uint64(len(records)+1), at.UnixMilli(), at.UnixMilli()
				records = append(records, r)
			}
			if lane == event.LaneHistory {
				add(begin, event.Record{Lane: lane, Control: event.ControlStart, Data: []byte(`{"import":"i"}`)})
			}
			for day := range 90 {
				for c := range 5 {
					at := begin.AddDate(0, 0, day).Add(time.Duration(c) * time.Minute)
					stored := at
					if day >= 20 || c == 4 { // the last of them has the app from the beginning
						stored = at.Add(3 * time.Hour)
					}
					add(stored, event.Record{Lane: lane, Data: fmt.Appendf(nil,
						`{"id":"%d","customer":"c%d","type":"order.completed","time":%q}`, len(records), c, timeText(at.UnixMilli()))})
				}
			}
			add(begin.AddDate(0, 0, 90), event.Record{Lane: event.LaneControl, Control: event.ControlTick})
			sh := oneShard(t, config)
			var away []string
			process(t, sh, records, func(cut *shard.Cut) {
				for _, message := range cut.Outputs[shard.Signals] {
					var s wire.Signal
					if err := json.Unmarshal(message.Data, &s); err != nil {
						t.Fatal(err)
					}
					if s.Signal == wire.Raised && s.Level != "cooling" {
						away = append(away, fmt.Sprint(s.Customer, s.Level, s.At))
					}
				}
			})
			levels := sh.Status().Levels
			if len(away) > 0 || levels[2]+levels[3] > 0 || sh.Customers() != 5 {
				t.Errorf("lateness %v, lane %d: levels %v; %s", lateness, lane, levels, strings.Join(away, ", "))
			}
			if late := sh.Counts().LateDropped; (late > 0) != (lateness < 3*time.Hour) {
				t.Errorf("lateness %v: %d late", lateness, late)
			}
		}
	}
}
