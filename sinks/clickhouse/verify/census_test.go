package verify_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse/verify"
	"ebb/windows"
)

// What is counted of customers once a day is proved: over weeks in which clocks change,
// with events that come days late, quiet times in which several days end at once,
// customers who leave and come again, and changes of the zone and the lateness in
// between; and who counts one customer too many is found out.
func TestCensusesAreProved(t *testing.T) {
	c := engaged()
	c.Metrics = metric.Switchable()
	c.Partitions, c.Zone = 2, "Europe/Berlin"
	c.Keep, c.KeepAnonymous = 30*24*time.Hour, 10*24*time.Hour
	c.Rollups = []metric.Rollup{ // by what customers are
		{Name: "risk", By: []string{"level", "lifecycle", "stage"}},
		{Name: "rfm", By: []string{"recency", "frequency", "monetary"}, AtMost: 30},
		{Name: "paid", By: []string{"level"}, Metric: "orders"},
		{Name: "moves", By: []string{"from_stage", "recency", "properties.plan"}, Metric: "journey", AtMost: 12},
		{Name: "stays", By: []string{"lifecycle"}, Metric: "sessions"},
		{Name: "mail", By: []string{"level", "kind"}, Metric: "messages"},
	}
	c.Lengths = slices.DeleteFunc(c.Lengths, func(l windows.Length) bool { return l.Name != "1m" })
	s := newStream(51, c)
	s.clock = time.Date(2026, 10, 20, 12, 0, 0, 0, time.UTC).UnixMilli()
	current, changes, every, rollups := c, []verify.Change{}, c.Metrics, c.Rollups
	days := func(n int) {
		for range n {
			s.clock += s.Int64N(2 * 3_600_000)
			switch s.IntN(60) {
			case 0:
				s.clock += s.Int64N(9 * 24 * 3_600_000)
			case 1, 2:
				s.add(event.Record{Clock: s.clock, Partition: s.IntN(2), Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}")})
			}
			field, customer := "customer", fmt.Sprint("c-", s.IntN(40)*s.IntN(4))
			id := customer
			if s.IntN(6) == 0 {
				field, customer = "anonymous_id", fmt.Sprint("a-", s.IntN(12))
				id = event.AnonymousPrefix + customer
			}
			ago := s.Int64N(current.Lateness.Milliseconds() + 3_600_000)
			s.ids++
			s.add(event.Record{
				Clock: s.clock, Partition: event.PartitionOf(id, 2), Lane: event.LaneEvent,
				Data: fmt.Appendf(nil, `{"id":"%d","time":"%s","%s":"%s","type":"%s","value":%d,"currency":"%s","properties":{"plan":%d},"machine":%v}`, s.ids, s.stamp(s.clock-ago), field, customer,
					[]string{"order.completed", "page.viewed", "case.opened", "message.sent", "email.clicked", "order.returned", "page.pinged"}[s.IntN(7)],
					s.IntN(120), []string{"EUR", "EUR", "USD"}[s.IntN(3)], s.IntN(2), s.IntN(20) == 0),
			})
		}
	}
	days(260)
	for i, change := range []func(*meaning.Config){
		func(c *meaning.Config) { c.Lateness = 20 * 24 * time.Hour },
		func(c *meaning.Config) { c.Zone, c.Metrics = "America/Los_Angeles", []string{"lifecycle", "journey"} }, // other columns are forgotten
		func(c *meaning.Config) { c.Zone, c.Metrics = "Asia/Kathmandu", nil },
		func(c *meaning.Config) { c.Metrics, c.Rollups = []string{"segments", "retention", "breadth"}, nil }, // they begin here
		func(c *meaning.Config) { c.Metrics, c.Rollups = every, rollups },
		func(c *meaning.Config) { c.Lateness, c.Zone = time.Hour, "" },
	} {
		change(&current)
		body, err := json.Marshal(meaning.Fact{Version: uint64(i + 1), Config: current})
		if err != nil {
			t.Fatal(err)
		}
		for partition := range 2 {
			s.add(event.Record{Clock: s.clock, Partition: partition, Lane: event.LaneControl, Control: event.ControlConfig, Data: body})
			days(i % 2)
		}
		changes = append(changes, verify.Change{Version: uint64(i + 1), Settings: settingsOf(t, current)})
		days(190)
	}
	s.ticks(event.LaneControl, s.clock+200*24*3_600_000)
	s.ticks(event.LaneControl, s.clock+1_000)

	p := prove(t, c, s.records)
	p.settings.Changes = changes
	report := p.run(t)
	p.expectOK(t, report)
	compared := map[string]uint64{}
	for _, table := range report.Tables {
		compared[table.Table] += table.Compared
	}
	for table, least := range map[string]uint64{"census_reach_daily": 250, "census_lifecycle": 1_000, "census_retention": 100, "rollups_custom": 1_000, "rollups_cuts": 1_000} {
		if compared[table] < least {
			t.Errorf("%d rows of %s were compared, want %d at least", compared[table], table, least)
		}
	}
	var lives, anonymous uint64
	if err := p.conn.QueryRow(t.Context(), "SELECT uniqExactIf(customer, next < 18446744073709551615), countIf(anonymous) FROM verify_lifetimes").Scan(&lives, &anonymous); err != nil {
		t.Fatal(err)
	}
	if lives < 3 || anonymous < 3 {
		t.Errorf("%d customers came again and %d are anonymous; the test needs more", lives, anonymous)
	}

	// All that customers can be is there, and the proof finds out who is put elsewhere.
	var values uint64
	if err := p.conn.QueryRow(t.Context(), `
SELECT uniqExact(rollup, place, key)
FROM (SELECT rollup, arrayJoin([(1, key1), (2, key2), (3, key3)]) AS of, of.1 AS place, of.2 AS key FROM rollups_custom WHERE key1 != 'other')`).Scan(&values); err != nil {
		t.Fatal(err)
	}
	if values < 4+4+3+5+5+3 {
		t.Errorf("%d values of levels, lifecycle, stages, recency, frequency and payments; the test needs more", values)
	}
	if err := p.conn.Exec(t.Context(), "INSERT INTO rollups_custom SELECT * REPLACE (if(key1 = 'healthy', 'cooling', 'healthy') AS key1) FROM rollups_custom FINAL WHERE rollup = 'risk' AND key2 = 'dormant' LIMIT 1"); err != nil {
		t.Fatal(err)
	}
	if found := find(t, p.only(t, "rollups_custom"), "rollups_custom", "1m"); found.Extra+found.Different != 1 {
		t.Errorf("%+v, want one that is not expected or different", found)
	}
	for i, change := range []string{"customers + 1 AS customers", "version + 1000 AS version", "clock + 1 AS clock"} {
		statement := fmt.Sprintf("INSERT INTO census_lifecycle SELECT * REPLACE (%s) FROM census_lifecycle FINAL ORDER BY day, interval, state LIMIT 1 OFFSET %d", change, 40+i)
		if err := p.conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if found := find(t, p.only(t, "census_lifecycle"), "census_lifecycle", ""); found.Different != 3 {
		t.Errorf("%+v, want three that are different", found)
	}
}

// Rows of a census that was never on are extra ones.
func TestRowsOfACensusThatIsOffAreReported(t *testing.T) {
	c := config()
	s := newStream(7, c)
	s.live(200)
	p := prove(t, c, s.records)
	if got := find(t, p.only(t, "census_lifecycle", "census_stages"), "census_lifecycle", ""); got.Compared+got.Extra > 0 {
		t.Fatalf("rows of a census that is off: %+v", got)
	}
	if err := p.conn.Exec(t.Context(), "INSERT INTO census_lifecycle (partition, day, state, customers) VALUES (1, '2026-05-04', 'new', 3)"); err != nil {
		t.Fatal(err)
	}
	if got := find(t, p.only(t, "census_lifecycle", "census_stages"), "census_lifecycle", ""); got.Extra != 1 {
		t.Errorf("an extra row of a census that is off: %+v", got)
	}
}
