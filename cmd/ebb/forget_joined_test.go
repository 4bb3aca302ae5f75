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

// Who came under two ids, and went on under either, is forgotten under both: nothing says
// that one was the other, where they were active, or who was there last with a device.
func TestForgetLeavesNothingOfWhoJoined(t *testing.T) {
	t.Parallel()
	const ann, device = "joan-17", "her phone 17"
	home := event.PartitionOf(event.AnonymousPrefix+device, livePartitions)
	if event.PartitionOf(ann, livePartitions) == home {
		t.Fatal("both are of one partition, which is no test")
	}
	l := startLive(t, func(c *meaning.Config) { c.Join = true })
	sent := 0
	visit := func(customer string, ids string) {
		sent++
		body := eventAt(fmt.Sprint("e", sent), "x", "page.viewed", time.Now())
		l.publish(t, customer, bytes.Replace(body, []byte(`"customer":"x"`), []byte(ids), 1))
	}
	alone := func() { visit(event.AnonymousPrefix+device, fmt.Sprintf(`"anonymous_id":%q`, device)) }
	moves := func(which func(*fact.MoveMark) bool) func() bool {
		return func() (there bool) {
			l.each(t, l.layout.Stream, ">", func(m *natsjs.RawStreamMsg) {
				var mark fact.MoveMark
				there = there || m.Header.Get(event.HeaderControl) == event.ControlMove.String() && json.Unmarshal(m.Data, &mark) == nil && which(&mark)
			})

			return there
		}
	}
	alone()
	visit(ann, fmt.Sprintf(`"customer":%q,"anonymous_id":%q`, ann, device))
	eventually(t, "where she was before", moves(func(m *fact.MoveMark) bool { return m.Customer == ann }))
	alone()
	eventually(t, "that she is here again", moves(func(m *fact.MoveMark) bool { return m.Anonymous == device }))
	l.settle(t)
	l.again(t) // with a snapshot of all of it
	for _, id := range []string{ann, device} {
		if before := heldBytes(t, l, id); before["ENGAGEMENT"] < 3 || before["snapshots"] == 0 {
			t.Errorf("%q is hardly held, which proves nothing: %v", id, before)
		}
	}

	flags := []string{"--nats.url", l.url, "--stream.partitions", fmt.Sprint(livePartitions), "--clickhouse.addr", l.database.Addr, "--clickhouse.database", l.database.Name}
	for _, id := range []string{ann, event.AnonymousPrefix + device} {
		if code, out, stderr := command(t, append([]string{"forget", id, "--wait", "60s"}, flags...)...); code != exitOK {
			t.Fatalf("exit code %d\n%s%s", code, out, stderr)
		}
	}
	for _, id := range []string{ann, device} {
		eventually(t, "nothing that names "+id, func() bool { return len(heldBytes(t, l, id)) == 0 })
	}
}
