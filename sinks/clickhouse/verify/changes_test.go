package verify_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
	"ebb/sinks/clickhouse/verify"
	"ebb/windows"
)

// Every row is proved across changes of the configuration; what signals say of
// customers whose history crosses another horizon or currency is not, and counted.
func TestChangesAreProved(t *testing.T) {
	begun := meaning.DefaultConfig()
	begun.Partitions, begun.CutRecords = 2, 90
	begun.StoreStep = 100 * 365 * 24 * time.Hour
	begun.Churn.Horizon, begun.Churn.Dwell = (8 * time.Hour).Milliseconds(), 0
	begun.Churn = begun.Churn.Fixed(0.6, 0.8)
	begun.Lengths = slices.DeleteFunc(begun.Lengths, func(l windows.Length) bool { return l.Name != "5m" && l.Name != "24h" }) // fewer are quicker
	no := false
	config, changes := begun, []verify.Change{}
	random := rand.New(rand.NewPCG(7, 8))
	clock, sequence := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli(), uint64(0)
	var records []event.Record
	add := func(r event.Record) {
		sequence++
		r.Sequence, r.Stored, r.Clock = sequence, clock, clock
		records = append(records, r)
	}
	types := []string{"page.viewed", "email.clicked", "order.completed", "message.sent", "strange.thing", "a.first"}
	plans := []string{
		`{"plan":"free"}`, `{"plan":"pro","seats":3}`, `{"plan":"pro","seats":3.0}`, `{"plan":"pro","seats":30e-1}`, `{"plan":"other"}`, `{}`, `{"plan":null}`,
		`{"plan":"caf\u00e9 \"1\""}`, `{"plan":true}`, `{"plan":12345678901234567890}`, `{"plan":2.5}`, `{"plan":["x"]}`, `{"a":{"b":{"c":"deep"}},"plan":{"x":1}}`,
		`{"plan":999999999999999}`, `{"plan":-0}`, `{"plan":1e15}`, `{"plan":""}`, `{"a":{"b":"not deep"}}`, `{"plan":"' OR 1"}`, `{"plan":"` + strings.Repeat("long", 65) + `"}`,
	}
	for i := range 9 {
		plans = append(plans, fmt.Sprintf(`{"plan":"p%d","a":{"b":{"c":%d}}}`, i, i%4))
	}
	begun.Rollups = []metric.Rollup{
		{Name: "plan", By: []string{"properties.plan"}, AtMost: 8},
		{Name: "deep", By: []string{"properties.a.b.c", "properties.seats", "kind"}, Value: true},
	}
	config.Rollups = begun.Rollups
	events := func(n int, customers string) {
		last := ""
		for range n {
			clock += random.Int64N(5 * 60_000)
			at := clock - random.Int64N(20*60_000) + 2*60_000
			customer := fmt.Sprint(customers, random.IntN(15))
			body := fmt.Sprintf(`{"id":"e%d","time":%q,"customer":%q,"type":%q,"value":%d.5,"currency":%q,"channel":%q,"properties":%s,"sentiment":0.%d}`, sequence,
				time.UnixMilli(at).UTC().Format("2006-01-02T15:04:05.000Z"), customer, types[random.IntN(len(types))], random.IntN(7),
				[]string{"EUR", "USD"}[random.IntN(2)], []string{"web", "kiosk", "app"}[random.IntN(3)], plans[random.IntN(len(plans))], random.IntN(10))
			switch random.IntN(25) {
			case 0:
				body = `{"id":`
			case 1, 2:
				if last != "" {
					body = last
				}
			default:
				last = body
			}
			add(event.Record{Partition: event.PartitionOf([]byte(customer), 2), Data: []byte(body)})
		}
	}
	events(150, "a")
	for i, change := range []func(*meaning.Config){
		func(c *meaning.Config) {
			c.Vocabulary.Types = []vocabulary.TypeConfig{{Type: "strange.thing", Kind: "active", Channel: "web"}}
		},
		func(c *meaning.Config) {
			c.Vocabulary.Channels = []string{"kiosk"}
			c.Vocabulary.Types = append(slices.Clone(c.Vocabulary.Types), vocabulary.TypeConfig{Type: "a.first", Kind: "micro", Channel: "kiosk"})
		},
		func(c *meaning.Config) {
			c.Lateness = 2 * time.Hour
			c.Rollups = []metric.Rollup{{Name: "plan", By: []string{"properties.plan"}, AtMost: 12, Value: true}} // more rows, and values; no deep
		},
		func(c *meaning.Config) {
			c.Vocabulary.Types = []vocabulary.TypeConfig{{Type: "a.first", Kind: "active", Qualifying: &no}}
			c.Churn.Language = "it"
			c.Metrics = []string{"interactions"}
		},
		func(c *meaning.Config) {
			c.Churn = c.Churn.Fixed(0.3, 0.6)
			c.Rollups = []metric.Rollup{
				{Name: "plan", By: []string{"properties.plan", "type"}, AtMost: 12}, // by something else; no room for more
				{Name: "orders", By: []string{"channel"}, Value: true, Types: []string{"order.completed"}},
			}
		},
		func(c *meaning.Config) {
			c.Vocabulary.UnknownTypes, c.CutRecords = vocabulary.RejectUnknown, 25
			c.Metrics = []string{"a_later_one", "sentiment"}
		},
		func(c *meaning.Config) { c.Lateness, c.Skew, c.CutInterval = time.Minute, time.Minute, 10*time.Second },
		func(c *meaning.Config) {
			c.Churn.Horizon, c.Churn.Dwell = (4 * time.Hour).Milliseconds(), 0
			c.Metrics = []string{"conversions", "crossings", "journey", "segments"} // their columns begin here; of journey it goes on
		},
		func(c *meaning.Config) {
			c.Vocabulary, c.Metrics = vocabulary.Config{}, []string{"fatigue", "sessions", "stages"}
		},
		func(c *meaning.Config) {
			c.Currency, c.MaxCustomers, c.Rollups = "EUR", 1000, begun.Rollups
			c.Metrics = begun.Metrics
		},
	} {
		change(&config)
		version := uint64(i + 1)
		body, err := json.Marshal(meaning.Fact{Version: version, Config: config})
		if err != nil {
			t.Fatal(err)
		}
		for partition := range 2 {
			add(event.Record{Partition: partition, Lane: event.LaneControl, Control: event.ControlConfig, Data: body})
			events(i%2, "a")
		}
		add(event.Record{Lane: event.LaneControl, Control: event.ControlConfig, Data: body})           // again
		add(event.Record{Lane: event.LaneControl, Control: event.ControlConfig, Data: []byte(`{"ve`)}) // a dead letter
		add(event.Record{Lane: event.LaneControl, Control: event.ControlConfig, Data: []byte(`{"version":99,"config":{}}`)})
		changes = append(changes, verify.Change{Version: version, Settings: settingsOf(t, config)})
		events(100, []string{"a", "b"}[i/7])
	}
	clock += 60 * 60_000
	for partition := range 2 {
		add(event.Record{Partition: partition, Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}")})
	}
	p := prove(t, begun, records)
	p.settings.Changes = changes
	report, err := verify.Run(t.Context(), p.conn, p.settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	compared := map[string]uint64{}
	for _, table := range report.Tables {
		compared[table.Table] += table.Compared
		if !table.OK() {
			t.Errorf("%+v", table)
		}
	}
	totals := verify.Totals{
		Published: p.counts.Events(), Processed: p.counts.Processed, Duplicates: p.counts.Duplicates, DeadLetters: p.counts.DeadLetters, LateDropped: p.counts.LateDropped,
	}
	if report.Totals != totals {
		t.Errorf("SQL finds %+v, the shards %+v", report.Totals, totals)
	}
	for _, table := range []string{"rollups_type", "late", "deadletters", "signals", "reasons", "values", "rollups_custom", "rollups_interactions", "rollups_sentiment", "rollups_journey", "rollups_sessions", "rollups_crossings"} {
		if compared[table] < 20 {
			t.Errorf("%d rows of %s were compared", compared[table], table)
		}
	}
	if report.Unproved == 0 {
		t.Error("nothing is said of signals that cross another horizon")
	}
}
