package clickhouse_test

import (
	"fmt"
	"testing"

	"ebb/pipeline/amount"
	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

const minute = 60_000

// TestViews writes two partitions of which one is a minute behind, and asks
// every view.
func TestViews(t *testing.T) {
	conn := migrated(t)
	b := &sinks.Batch{}
	total := func(partition int, end, version, events int64) {
		b.Rollups[sinks.Total] = append(b.Rollups[sinks.Total], sinks.Rollup{
			Window: "1m", End: end, Partition: partition, Version: uint64(version), Row: wire.Row{Events: events, Customers: events / 10},
		})
	}
	total(0, 1*minute, 1, 10)
	total(0, 1*minute, 2, 20) // corrected
	total(1, 1*minute, 1, 100)
	total(0, 2*minute, 3, 30)
	total(1, 2*minute, 3, 40)
	total(0, 3*minute, 4, 50) // partition 1 is not there yet
	kind := sinks.Rollup{Window: "1m", End: minute, Version: 1, Row: wire.Row{Key: "active", Events: 3, Customers: 2}}
	b.Rollups[sinks.Kind] = []sinks.Rollup{kind, other(kind, 1)}
	channel := sinks.Rollup{Window: "1m", End: minute, Version: 1, Row: wire.Row{Key: "web", Events: 3}}
	b.Rollups[sinks.Channel] = []sinks.Rollup{channel, other(channel, 1)}
	money := sinks.Rollup{Window: "1m", End: minute, Version: 1, Row: wire.Row{Key: "order.completed", Currency: "EUR", Events: 3, Value: amount.Of(-1_500_001)}}
	b.Rollups[sinks.Type] = []sinks.Rollup{money, other(money, 1)}
	for partition, clock := range []int64{3*minute + 5, 2*minute + 7} {
		b.Pipeline = append(b.Pipeline, wire.PipelineRow{
			Header: wire.Header{Partition: partition, Version: 4, Clock: clock}, Time: clock - clock%minute, Watermark: clock - minute,
			Processed: 10, Duplicates: uint64(partition),
		})
	}
	b.Pipeline = append(b.Pipeline, wire.PipelineRow{Header: wire.Header{Partition: 0, Version: 1, Clock: minute}, Time: minute, Processed: 4})
	// Partition 1 says nothing in minute 2, so it is as it was.
	for _, l := range [][4]int64{{0, 1, 10, 1}, {1, 1, 20, 2}, {0, 2, 9, 2}, {0, 3, 1, 1}} {
		b.Levels = append(b.Levels, wire.LevelsRow{
			Header: wire.Header{Partition: int(l[0]), Version: 1}, Time: l[1] * minute, Healthy: l[2], AtRisk: l[3], Left: l[1],
		})
	}
	signal := func(customer string, episode uint32, kind, level string) {
		b.Signals = append(b.Signals, wire.Signal{
			Signal: kind, Customer: customer, Level: level, Episode: episode, At: int64(episode) * minute, Risk: 0.5,
			HorizonMS: 28 * 86_400_000, SilentMS: 43_200_000, UsualMS: map[string]int64{"rich": 2 * 86_400_000}[customer], Headline: "Unusual for them", Rule: "unusual", Value: 100, ValueAtRisk: 50, Currency: "EUR", RiskIfBack: 0.25, IfBack: "back", Returned: customer == "gone",
			Reasons: []wire.Reason{{Code: "a", Text: "one", Numbers: map[string]int64{"visits": 3}}, {Code: "b", Text: "two"}},
		})
	}
	signal("gone", 1, wire.Raised, "cooling")
	signal("gone", 2, wire.Raised, "at_risk")
	signal("gone", 3, wire.Raised, "lapsed")
	signal("gone", 2, wire.Alert, "at_risk")
	signal("back", 1, wire.Raised, "at_risk")
	signal("back", 1, wire.Alert, "at_risk")
	signal("rich", 1, wire.Raised, "at_risk")
	signal("rich", 1, wire.Alert, "at_risk")
	signal("back", 2, wire.Cleared, "healthy")
	silence := func(partition int, at int64, channel, state string, held uint64) {
		b.Feed = append(b.Feed, wire.FeedRow{
			Header: wire.Header{Partition: partition, Version: uint64(at)}, Time: at * minute, Channel: channel, State: state,
			Since: at*minute - 1, Observed: 1, Expected: 8, Held: held, Released: uint64(at),
		})
	}
	silence(0, 1, "email", wire.FeedSilent, 0)
	silence(1, 1, "email", wire.FeedSilent, 0)
	silence(1, 2, "email", wire.FeedBack, 5)
	silence(0, 2, "", wire.FeedSilent, 7)
	silence(0, 3, "", wire.FeedBack, 0)
	b.Late = []wire.LateEvent{{Header: wire.Header{Clock: 5000}, Sequence: 1, Time: 1000, Customer: "c"}}
	b.DeadLetters = []sinks.DeadLetter{{Reason: "malformed", Sequence: 1, Body: []byte("{")}}
	if err := clickhouse.New(conn).Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}

	for query, want := range map[string]string{
		"SELECT toUnixTimestamp64Milli(clock), partitions FROM v_clock":                                                 "[(120007,2)]",
		"SELECT toUnixTimestamp64Milli(window_end) AS e, events, customers FROM v_total WHERE window = '1m' ORDER BY e": "[(60000,120,12),(120000,70,7)]",
		"SELECT kind, events, customers FROM v_kind":                                                                    "[('active',6,4)]",
		"SELECT channel, events FROM v_channel":                                                                         "[('web',6)]",
		"SELECT type, currency, events, value FROM v_type":                                                              "[('order.completed','EUR',6,-3.000002)]",
		"SELECT toUnixTimestamp64Milli(time) AS m, healthy, cooling, at_risk, lapsed, left FROM v_levels ORDER BY m":    "[(60000,30,0,3,0,2),(120000,29,0,4,0,3)]",
		"SELECT customer, headline, rule, usual_days FROM v_at_risk":                                                    "[('rich','Unusual for them','unusual',2)]",
		"SELECT customer, level, horizon_days, silent_days_at_signal, risk_at_signal, reason, reasons FROM v_at_risk":   "[('rich','at_risk',28,0.5,0.5,'one','one; two')]",
		"SELECT customer, level, silent_days_at_signal, value FROM v_lapsed":                                            "[('gone','lapsed',0.5,100)]",
		"SELECT customer, toUnixTimestamp64Milli(clock) - toUnixTimestamp64Milli(since) AS on, round(silent_days * 86400) AS silent, usual_days FROM v_leaving ORDER BY customer": "[('gone',5,180,NULL),('rich',120005,180,2)]",
		"SELECT level, currency, customers, value, value_at_risk FROM v_value_at_risk ORDER BY level":                                                                             "[('at_risk','EUR',1,100,50),('lapsed','EUR',1,100,50)]",
		"SELECT customer, level, value_at_risk, currency, risk, returned, reasons FROM v_budget_alerts ORDER BY customer":                                                         "[('back','healthy',50,'EUR',0.5,false,'one; two'),('gone','lapsed',50,'EUR',0.5,true,'one; two'),('rich','at_risk',50,'EUR',0.5,false,'one; two')]",
		"SELECT risk_if_back, if_back, holdout, returned FROM v_lapsed":                                                                                                           "[(0.25,'back',false,true)]",
		"SELECT customer, level, signal, returned FROM v_signals WHERE customer != 'rich' ORDER BY customer, at":                                                                  "[('back','at_risk','raised',false),('back','healthy','cleared',false),('gone','cooling','raised',true),('gone','at_risk','raised',true),('gone','lapsed','raised',true)]",
		"SELECT partition, toUnixTimestamp64Milli(clock), processed, lag_seconds > 1e9 FROM v_pipeline ORDER BY partition":                                                        "[(0,180005,10,1),(1,120007,10,1)]",
		"SELECT toUnixTimestamp64Milli(time) AS m, partition, processed, duplicates FROM v_pipeline_minutes ORDER BY partition, m":                                                "[(60000,0,4,0),(180000,0,6,0),(120000,1,10,1)]",
		"SELECT channel, silent_partitions, partitions, toUnixTimestamp64Milli(since), toUnixTimestamp64Milli(changed), observed, expected FROM v_feed ORDER BY channel":          "[('all',0,1,0,180000,0,0),('email',1,2,59999,120000,1,8)]",
		"SELECT customer, late_seconds FROM v_late": "[('c',4)]",
		"SELECT reason, body FROM v_deadletters":    "[('malformed','{')]",
		"SELECT episode, place, code, text, numbers['visits'] AS visits FROM v_reasons WHERE customer = 'back' ORDER BY episode, place": "[(1,1,'a','one',3),(1,2,'b','two',0),(2,1,'a','one',3),(2,2,'b','two',0)]",
	} {
		var got string
		err := conn.QueryRow(t.Context(), fmt.Sprintf("SELECT toString(groupArray(tuple(*))) FROM (%s)", query)).Scan(&got)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		} else if got != want {
			t.Errorf("%s\n is %s\nwant %s", query, got, want)
		}
	}
}

// other is the row of another partition.
func other(r sinks.Rollup, partition int) sinks.Rollup {
	r.Partition = partition

	return r
}
