package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
)

// Who came under two ids, and went on under either, is forgotten under both, whichever is
// first: nothing says that one was the other, where they were active, or who was there last
// with a device.
func TestForgetLeavesNothingOfWhoJoined(t *testing.T) {
	t.Parallel()
	people := []struct{ known, device string }{{"joan-17", "her phone 17"}, {"june-18", "her phone 18"}}
	for _, p := range people {
		if event.PartitionOf(p.known, livePartitions) == event.PartitionOf(event.AnonymousPrefix+p.device, livePartitions) {
			t.Fatalf("both ids of %s are of one partition, which is no test", p.known)
		}
	}
	l := startLive(t, func(c *meaning.Config) { c.Join = true })
	sent := 0
	visit := func(customer string, ids string) {
		sent++
		body := eventAt(fmt.Sprint("e", sent), "x", "page.viewed", time.Now())
		l.publish(t, customer, bytes.Replace(body, []byte(`"customer":"x"`), []byte(ids), 1))
	}
	alone := func(device string) {
		visit(event.AnonymousPrefix+device, fmt.Sprintf(`"anonymous_id":%q`, device))
	}
	moves := func(which func(*fact.MoveMark) bool) func() bool {
		return func() (there bool) {
			l.each(t, l.layout.Stream, ">", func(m *natsjs.RawStreamMsg) {
				var mark fact.MoveMark
				there = there || m.Header.Get(event.HeaderControl) == event.ControlMove.String() && json.Unmarshal(m.Data, &mark) == nil && which(&mark)
			})

			return there
		}
	}
	var order []string
	for i, p := range people {
		alone(p.device)
		visit(p.known, fmt.Sprintf(`"customer":%q,"anonymous_id":%q`, p.known, p.device))
		eventually(t, "where "+p.known+" was before", moves(func(m *fact.MoveMark) bool { return m.Customer == p.known }))
		alone(p.device)
		eventually(t, "that "+p.known+" is here again", moves(func(m *fact.MoveMark) bool { return m.Anonymous == p.device }))
		ids := []string{p.known, event.AnonymousPrefix + p.device}
		order = append(order, ids[i], ids[1-i])
	}
	l.settle(t)
	l.again(t) // with a snapshot of all of it
	for _, p := range people {
		for _, id := range []string{p.known, p.device} {
			if before := heldBytes(t, l, id); before["ENGAGEMENT"] < 3 || before["snapshots"] == 0 {
				t.Errorf("%q is hardly held, which proves nothing: %v", id, before)
			}
		}
	}

	flags := []string{"--nats.url", l.url, "--stream.partitions", fmt.Sprint(livePartitions), "--clickhouse.addr", l.database.Addr, "--clickhouse.database", l.database.Name}
	for _, id := range order {
		if code, out, stderr := command(t, append([]string{"forget", id, "--wait", "60s"}, flags...)...); code != exitOK {
			t.Fatalf("forget %s: exit code %d\n%s%s", id, code, out, stderr)
		}
	}
	for _, p := range people {
		for _, id := range []string{p.known, p.device} {
			eventually(t, "nothing that names "+id, func() bool { return len(heldBytes(t, l, id)) == 0 })
		}
	}
}
