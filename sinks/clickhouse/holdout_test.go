package clickhouse_test

import (
	"fmt"
	"testing"

	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

// TestHoldoutView has a horizon of ten minutes and a clock of 30, so customers
// raised after minute 20 are open.
func TestHoldoutView(t *testing.T) {
	conn := migrated(t)
	b := &sinks.Batch{Pipeline: []wire.PipelineRow{{Header: wire.Header{Version: 1, Clock: 30 * minute}, Time: 30 * minute}}}
	episodes := map[string]uint32{}
	signal := func(customer string, holdout bool, kind, level string, at int64) {
		episodes[customer]++
		b.Signals = append(b.Signals, wire.Signal{
			Signal: kind, Customer: customer, Level: level, Episode: episodes[customer], At: at, HorizonMS: 10 * minute, Holdout: holdout,
		})
	}
	raised := func(customer string, holdout bool, at int64) { signal(customer, holdout, wire.Raised, "at_risk", at) }
	cleared := func(customer string, holdout bool, at int64) { signal(customer, holdout, wire.Cleared, "healthy", at) }
	for i := range 3 { // acted on, and back
		customer := fmt.Sprint("back", i)
		raised(customer, false, minute)
		cleared(customer, false, 11*minute) // the horizon's last moment
	}
	raised("again", false, 1*minute) // back too late; the second time does not count
	cleared("again", false, 11*minute+1)
	raised("again", false, 12*minute)
	cleared("again", false, 13*minute)

	cleared("gone", true, 2*minute) // of an earlier signal
	raised("gone", true, 2*minute)
	raised("back", true, 20*minute) // over at the clock
	cleared("back", true, 21*minute)
	joined := func(customer string, at int64) {
		cleared(customer, true, at)
		b.Signals[len(b.Signals)-1].Reasons = []wire.Reason{{Code: "joined"}}
	}
	raised("anonymous:in", true, 3*minute) // signed in within the horizon: counts nowhere
	joined("anonymous:in", 4*minute)
	raised("anonymous:on", true, 21*minute)
	joined("anonymous:on", 22*minute)
	raised("anonymous:late", true, 3*minute) // did not come back in time
	joined("anonymous:late", 14*minute)
	raised("open", true, 20*minute+1)
	cleared("open", true, 22*minute)
	signal("lapsed", true, wire.Raised, "lapsed", 29*minute)
	sink := clickhouse.New(conn)
	if err := sink.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := sink.Write(t.Context(), b); err != nil { // written twice, counted once
		t.Fatal(err)
	}

	var got string
	query := "SELECT toString(groupArray(tuple(*))) FROM (SELECT level, holdout, customers, returned, return_share, round(standard_error, 4), open FROM v_holdout ORDER BY level, holdout)"
	if err := conn.QueryRow(t.Context(), query).Scan(&got); err != nil {
		t.Fatal(err)
	}
	want := "[('at_risk',false,4,3,0.75,0.2165,0),('at_risk',true,3,1,0.3333333333333333,0.2722,1),('lapsed',true,0,0,NULL,NULL,1)]"
	if got != want {
		t.Errorf("is   %s\nwant %s", got, want)
	}
}
