package verify_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/forget"
	"ebb/sinks/clickhouse/verify"
)

// Where somebody was erased the proof says that it can't follow, by partition and with
// the number of rows, and proves all others: also that nothing is wrong in them.
func TestPartitionsOfTheForgottenAreNamed(t *testing.T) {
	s := newStream(1, config())
	s.live(1_000)
	var who string
	for i := range s.records {
		var e struct {
			Customer string `json:"customer"`
		}
		if r := &s.records[i]; r.Lane == event.LaneEvent && json.Unmarshal(r.Data, &e) == nil && e.Customer != "" && event.PartitionOf(e.Customer, 3) == r.Partition {
			who = e.Customer
		}
	}
	home := event.PartitionOf(who, 3)
	mark := func(control event.Control, of any) {
		body, err := json.Marshal(of)
		if err != nil {
			t.Fatal(err)
		}
		s.clock += 1_000
		s.add(event.Record{Clock: s.clock, Stored: s.clock, Partition: home, Lane: event.LaneControl, Control: control, Data: body})
	}
	mark(event.ControlForget, fact.ForgetMark{Customer: who})
	asked := len(s.records) - 1
	mark(event.ControlForgotten, fact.ForgottenMark{Customer: forget.NewHasher(nil).Of([]byte(who)), Until: s.clock})
	mark(event.ControlErased, fact.ErasedMark{To: s.records[asked].Sequence})
	s.ticks(event.LaneControl, s.clock+1_000)
	p := prove(t, config(), s.records)

	held := len(s.records)
	left := slices.DeleteFunc(slices.Clone(s.records), func(r event.Record) bool {
		return r.Control == event.ControlForget || r.Partition == home && r.Lane == event.LaneEvent && strings.Contains(string(r.Data), `"`+who+`"`)
	})
	if len(left) > held-3 {
		t.Fatalf("%d of %d records are left, which proves nothing", len(left), held)
	}
	if err := verify.Load(t.Context(), p.conn, raw(left)); err != nil {
		t.Fatal(err)
	}
	report := p.run(t)
	for _, table := range report.Tables {
		if !table.OK() {
			t.Errorf("%+v", table)
		}
	}
	if !slices.Equal(report.Erased, []uint16{uint16(home)}) || report.LeftOut == 0 || report.Rows() < 1_000 {
		t.Errorf("partitions %v are left out with %d rows, and %d rows are proved; want %d alone", report.Erased, report.LeftOut, report.Rows(), home)
	}
}

// Where events may have nobody forgotten, those that ask for it are dead letters, which the
// proof derives too, and no partition is left out for them.
func TestEventsThatMayForgetNobodyAreProved(t *testing.T) {
	c := config()
	c.ForgetByCommand = true
	s := newStream(2, c)
	s.live(300)
	for partition := range 3 { // some are misrouted
		s.add(event.Record{Clock: s.clock, Stored: s.clock, Partition: partition, Lane: event.LaneEvent, Data: fmt.Appendf(nil,
			`{"id":"f%d","time":%q,"customer":"c-1","type":"customer.forgotten"}`, partition, time.UnixMilli(s.clock).UTC().Format(time.RFC3339Nano))})
	}
	s.ticks(event.LaneControl, s.clock+1_000)
	p := prove(t, c, s.records)
	report := p.run(t)
	for _, table := range report.Tables {
		if !table.OK() {
			t.Errorf("%+v", table)
		}
	}
	var letters uint64
	if err := p.conn.QueryRow(t.Context(), "SELECT count() FROM deadletters FINAL WHERE reason = 'forget_denied'").Scan(&letters); err != nil {
		t.Fatal(err)
	}
	if letters != 3 || len(report.Erased) > 0 {
		t.Errorf("%d dead letters, want 3; partitions %v are left out", letters, report.Erased)
	}
}
