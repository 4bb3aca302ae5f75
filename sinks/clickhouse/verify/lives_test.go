package verify_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/windows"
)

// details are fields that columns of customers tell apart.
func (s *stream) details() (fields string) {
	for _, field := range []string{
		fmt.Sprintf(`"channel":"%s"`, []string{"web", "app", "email", "fax"}[s.IntN(4)]),
		fmt.Sprintf(`"product":"p%d"`, s.IntN(3)),
		fmt.Sprintf(`"properties":{"issue":"i%d"}`, s.IntN(2)),
		`"machine":true`,
	} {
		if s.IntN(3) == 0 && (field != `"machine":true` || s.IntN(5) == 0) {
			fields += "," + field
		}
	}

	return fields
}

// Who leaves and comes again begins anew, also where late events of long ago come
// in between: their signals say so, their episodes follow on the return, and their
// reasons know nothing of the former time, nor do metrics of what is kept of them.
func TestReturningIsProved(t *testing.T) {
	eventful := []string{
		"order.completed", "order.completed", "page.viewed", "case.opened", "message.sent", "message.sent", "email.clicked", "page.pinged",
		"account.signed_up", "order.returned", "unsubscribed", "message.replied",
	}
	c := engaged()
	c.Metrics = metric.Switchable()
	c.Keep, c.KeepAnonymous = 40*time.Hour, 20*time.Hour
	c.Lengths = slices.DeleteFunc(c.Lengths, func(l windows.Length) bool { return l.Size > 3_600_000 })
	s := newStream(12, c)
	for range 2_500 {
		s.clock += s.Int64N(12 * 60_000)
		if s.IntN(120) == 0 {
			s.clock += s.Int64N(30 * 3_600_000)
		}
		field, customer := "customer", fmt.Sprint("c-", s.IntN(120))
		if s.IntN(4) == 0 {
			field, customer = "anonymous_id", fmt.Sprint("a-", s.IntN(20))
		}
		ago := s.Int64N(120_000)
		if s.IntN(4) == 0 {
			ago = s.Int64N(60 * 3_600_000) // late, up to long ago
		}
		id := customer
		if field == "anonymous_id" {
			id = event.AnonymousPrefix + customer
		}
		s.ids++
		s.add(event.Record{
			Clock: s.clock, Partition: event.PartitionOf(id, c.Partitions), Lane: event.LaneEvent,
			Data: fmt.Appendf(nil, `{"id":"%d","time":"%s","%s":"%s","type":"%s","value":%d,"currency":"EUR"%s}`, s.ids, s.stamp(s.clock-ago), field, customer,
				eventful[s.IntN(len(eventful))], 1+s.IntN(90), s.details()),
		})
	}
	s.ticks(event.LaneControl, s.clock+5_000)
	p := prove(t, c, s.records)
	report := p.run(t)
	p.expectOK(t, report)
	for _, m := range metric.All() {
		if name := string(m.Table()); slices.Contains([]string{"journey", "sessions", "conversions", "crossings", "fatigue", "recontact", "redundant"}, m.Name) && find(t, report, name, "1h").Compared < 100 {
			t.Errorf("the stream is no test of %s", name)
		}
	}
	var begins, ignored uint64
	err := p.conn.QueryRow(t.Context(), "SELECT countIf(begins), countIf(NOT begins) FROM verify_lives").Scan(&begins, &ignored)
	if err != nil {
		t.Fatal(err)
	}
	if signals := find(t, report, "signals", ""); begins < 50 || ignored < 5 || signals.Compared < 300 || p.counts.Left < begins {
		t.Errorf("the stream is no test: %d lives, %d events ignored, %d signals, %d left", begins, ignored, signals.Compared, p.counts.Left)
	}

	err = p.conn.Exec(t.Context(), `INSERT INTO signals SELECT * REPLACE (NOT s.returned AS returned, version + 1 AS version)
		FROM (SELECT * FROM signals FINAL ORDER BY customer, episode LIMIT 1 BY returned) AS s`)
	if err != nil {
		t.Fatal(err)
	}
	if got := find(t, p.only(t, "signals"), "signals", "").Different; got != 2 {
		t.Errorf("%d signals differ, want the one that hides a return and the one that makes one up", got)
	}

	p.settings.Keep, p.settings.KeepAnonymous = 0, 0
	if r := p.only(t, "rollups_journey", "reasons", "values", "signals"); find(t, r, "rollups_journey", "1h").Different == 0 || find(t, r, "reasons", "").Different == 0 || find(t, r, "values", "").Different == 0 || find(t, r, "signals", "").Missing == 0 {
		t.Error("without leaving, nothing is different")
	}
}
