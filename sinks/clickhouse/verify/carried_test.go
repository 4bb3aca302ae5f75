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

// moving are the metrics that read columns that move.
func moving() []string {
	return []string{"journey", "crossings", "breadth", "lifecycle", "members", "proxies", "reach_daily", "retention", "segments", "stages", "worth"}
}

// signingIn adds so many events of people who come under an anonymous id and a known one,
// for days: on devices and channels, with ratings and payments in two currencies.
func signingIn(s *stream, take func(event.Record), n int) {
	types := []string{
		"order.completed", "order.completed", "order.returned", "page.viewed", "loyalty.enrolled", "points.earned", "survey.answered", "page.pinged", "scroll.reached", "message.sent", "case.opened",
	}
	for range n {
		s.clock += s.Int64N(80 * 60_000)
		if s.IntN(100) == 0 {
			s.clock += s.Int64N(3 * 24 * 3_600_000)
		}
		who, kind := s.IntN(14), types[s.IntN(len(types))]
		ids, home := fmt.Sprintf(`"customer":"c-%d"`, who), fmt.Sprint("c-", who)
		device := fmt.Sprintf("a-%d-%d", who, s.ids/200+s.IntN(2)) // they have two, and others later
		switch s.IntN(8) {
		case 0, 1, 2, 3:
			ids, home = fmt.Sprintf(`"anonymous_id":%q`, device), event.AnonymousPrefix+device
		case 4:
			ids += fmt.Sprintf(`,"anonymous_id":%q`, device)
			if s.IntN(2) == 0 {
				kind = "message.sent" // by the company: nobody was there
			}
		}
		ago := s.Int64N(60_000)
		if s.IntN(10) == 0 {
			ago = s.Int64N(s.config.Lateness.Milliseconds() + 3_600_000)
		}
		s.ids++
		take(event.Record{Clock: s.clock, Partition: event.PartitionOf(home, s.config.Partitions), Lane: event.LaneEvent, Data: fmt.Appendf(nil,
			`{"id":"%d","time":"%s",%s,"type":%q,"value":%d,"currency":%q,"device":"d%d","score":%d,"progress":0.%d%s}`, s.ids, s.stamp(s.clock-ago), ids,
			kind, 1+s.IntN(90), []string{"EUR", "EUR", "EUR", "USD"}[s.IntN(4)], s.IntN(5), s.IntN(10), s.IntN(10), s.details())})
	}
}

// What metrics keep of who signs in goes with them, in censuses and in what metrics and
// rollups ask of customers before an event, while columns come and go and customers leave.
func TestColumnsThatMoveAreProved(t *testing.T) {
	c := engaged()
	c.Join, c.Metrics, c.Zone, c.Partitions = true, moving(), "Europe/Berlin", 2
	c.Keep, c.KeepAnonymous = 20*24*time.Hour, 9*24*time.Hour
	c.Rollups = []metric.Rollup{
		{Name: "rfm", By: []string{"recency", "frequency", "monetary"}, AtMost: 40},
		{Name: "place", By: []string{"stage", "lifecycle"}},
	}
	c.Lengths = slices.DeleteFunc(c.Lengths, func(l windows.Length) bool { return l.Name != "1m" })
	s, take := joiner(t, 8, c)
	signingIn(s, take, 400)
	current, changes := c, []verify.Change{}
	for i, change := range []func(*meaning.Config){
		func(c *meaning.Config) { c.Metrics, c.Rollups = []string{"journey", "stages", "lifecycle"}, nil }, // other columns are forgotten
		func(c *meaning.Config) { c.Metrics, c.Rollups, c.Zone = moving(), s.config.Rollups, "Asia/Kathmandu" },
	} {
		change(&current)
		body, err := json.Marshal(meaning.Fact{Version: uint64(i + 1), Config: current})
		if err != nil {
			t.Fatal(err)
		}
		for partition := range c.Partitions {
			take(event.Record{Clock: s.clock, Partition: partition, Lane: event.LaneControl, Control: event.ControlConfig, Data: body})
			signingIn(s, take, 20)
		}
		changes = append(changes, verify.Change{Version: uint64(i + 1), Settings: settingsOf(t, current)})
		signingIn(s, take, 120)
	}
	for _, later := range []int64{5_000, 20 * 24 * 3_600_000, 5_000} { // the first tells what is told still
		s.clock += later
		for partition := range c.Partitions {
			take(event.Record{Clock: s.clock, Partition: partition, Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}")})
		}
	}

	p := prove(t, c, s.records)
	p.settings.Changes, p.settings.ChunkEvents = changes, 400
	tables := []string{"rollups_journey", "rollups_crossings", "rollups_custom"}
	for _, name := range moving() {
		if !slices.Contains(tables, "rollups_"+name) {
			tables = append(tables, "census_"+name)
		}
	}
	for _, found := range p.only(t, tables...).Tables {
		if slices.Contains(tables, found.Table) && (!found.OK() || found.Compared == 0) {
			t.Errorf("%+v", found)
		}
	}
	var moves, brought uint64
	if err := p.conn.QueryRow(t.Context(), "SELECT uniqExact(partition, sequence), count() FROM verify_carried").Scan(&moves, &brought); err != nil {
		t.Fatal(err)
	}
	if moves < 25 || brought < 60 {
		t.Errorf("%d moved with %d events; the test needs more", moves, brought)
	}
	if err := p.conn.Exec(t.Context(), "ALTER TABLE verify_raw DELETE WHERE control = 'move' SETTINGS mutations_sync = 2"); err != nil {
		t.Fatal(err)
	}
	p.settings.ChunkEvents = 0
	some := []string{"rollups_journey", "rollups_custom", "census_segments", "census_breadth", "census_stages"} // the others take their time
	for _, found := range p.only(t, some...).Tables {
		if slices.Contains(some, found.Table) && found.OK() {
			t.Errorf("without records of moves nothing is different in %s", found.Table)
		}
	}
}
