package verify_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/windows"
)

// campaignDay is when the stream of messages begins: 4 May 2026, an hour before midnight.
const campaignDay = 1_777_932_000_000

// mail adds events of messages: sends and what follows them in any order, several times
// over, of people and machines, for longer than cohorts are open; and so many variants
// in a day that some are beyond the bound where many says so.
func (s *stream) mail(n int, pause int64, many bool) {
	types := []string{
		"message.sent", "message.delivered", "Email Delivered", "message.bounced", "email.opened", "email.clicked", "message.read", "message.clicked",
		"ad.viewed", "ad.clicked", "unsubscribed", "spam_reported", "order.completed", "lead.submitted", "page.viewed", "order.returned",
	}
	clock := int64(campaignDay)
	for i := range n {
		clock += s.Int64N(pause)
		customer := fmt.Sprint("c", s.IntN(40))
		e := map[string]any{
			"id": fmt.Sprint("e", s.IntN(n*9/10)), "customer": customer, "type": types[s.IntN(len(types))],
			"time": time.UnixMilli(clock - s.Int64N(12*60_000)).UTC().Format("2006-01-02T15:04:05.000Z"),
		}
		if s.IntN(3) > 0 {
			e["message"] = fmt.Sprint("m", s.IntN(9))
		}
		if s.IntN(3) > 0 {
			e["campaign"] = []string{"spring", "Größe", "other", "x'y"}[s.IntN(4)]
		}
		if s.IntN(8) == 0 {
			e["machine"] = true
		}
		if s.IntN(8) == 0 {
			e["channel"] = []string{"push", "pigeon"}[s.IntN(2)]
		}
		switch s.IntN(9) {
		case 0:
			e["properties"] = json.RawMessage(`{"variant":"A"}`)
		case 1:
			e["properties"] = json.RawMessage(`{"variant":7,"x":[1]}`)
		case 2:
			e["properties"] = json.RawMessage(`{"variant":{"a":"A"}}`)
		case 3:
			e["properties"] = json.RawMessage(`{"variant":1.5}`)
		case 4:
			e["properties"] = json.RawMessage(`{"variant":null}`)
		case 5:
			e["properties"] = json.RawMessage(`{"variant":true}`)
		}
		if many {
			e["message"], e["properties"] = fmt.Sprint("m", i), json.RawMessage(fmt.Sprintf(`{"variant":"v%d"}`, s.IntN(1300)))
		}
		body, err := json.Marshal(e)
		if err != nil {
			panic(err)
		}
		s.add(event.Record{Partition: event.PartitionOf([]byte(customer), s.config.Partitions), Lane: event.LaneEvent, Clock: clock, Stored: clock, Data: body})
	}
	for partition := range s.config.Partitions {
		s.add(event.Record{Partition: partition, Lane: event.LaneControl, Control: event.ControlTick, Clock: clock + 90_000, Stored: clock + 90_000})
	}
}

// ofDays are the tables whose rows are of days in some zone: cohorts and censuses.
func ofDays() (tables []string) {
	for _, m := range metric.Tables() {
		if m.Daily() {
			tables = append(tables, string(m.Table()))
		}
	}

	return tables
}

// Cohorts are proved: of messages whose events come in any order, over their span and
// beyond it, and with more rows than a day has.
func TestCohortsAreProved(t *testing.T) {
	for _, test := range []struct {
		name   string
		zone   string
		n      int
		pause  time.Duration
		many   bool
		tables []string // without any all
	}{
		{"for some hours", "", 1500, 20 * time.Second, false, nil},
		{"for a year", "Australia/Lord_Howe", 1500, 12 * time.Hour, false, ofDays()}, // a day of half an hour less, and one of more
		{"with too many variants", "America/New_York", 4000, time.Second, true, ofDays()},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := measured()
			c.Partitions, c.Zone = 2, test.zone
			if test.tables != nil { // whose rows are of no windows, so one length of them is enough
				c.Lengths = slices.DeleteFunc(c.Lengths, func(l windows.Length) bool { return l.Name != "24h" })
			}
			s := newStream(uint64(test.n), c)
			s.mail(test.n, test.pause.Milliseconds(), test.many)
			p := prove(t, c, s.records)
			report := p.only(t, test.tables...)
			p.expectOK(t, report)
			if found := find(t, report, "cohorts_campaigns", ""); found.Compared < 10 {
				t.Errorf("the stream is no test: %d rows of campaigns", found.Compared)
			}
		})
	}
}

// A proof finds what is wrong with a row.
func TestWrongCohortsAreFound(t *testing.T) {
	c := measured()
	c.Partitions = 2
	s := newStream(5, c)
	s.mail(300, 20_000, false)
	p := prove(t, c, s.records)
	for _, statement := range []string{
		"INSERT INTO cohorts_campaigns SELECT * REPLACE (clicked + 1 AS clicked, version + 1 AS version) FROM cohorts_campaigns WHERE partition = 0 AND messages > 0 ORDER BY version DESC LIMIT 1",
		"INSERT INTO cohorts_campaigns SELECT * REPLACE ('nobody' AS campaign) FROM cohorts_campaigns WHERE partition = 0 AND messages > 0 LIMIT 1",
	} {
		if err := p.conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if found := find(t, p.only(t, "cohorts_campaigns"), "cohorts_campaigns", ""); found.Different != 1 || found.Extra != 1 || found.Missing != 0 || len(found.Examples) != 2 {
		t.Errorf("found %+v", found)
	}
}
