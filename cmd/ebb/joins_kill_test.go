package main

import (
	"bytes"
	"fmt"
	"strconv"
	"syscall"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
)

// visit publishes events of people who browse before they sign in: of each three one
// without a customer, one with both ids, and one of a customer alone.
func (l *live) visit(t *testing.T, name string, count int) {
	t.Helper()
	for i := range count {
		who := strconv.Itoa(i % 23)
		customer, device := "customer-"+who, "device-"+name+"-"+who
		at := time.Now().Add(-time.Duration(i%480) * time.Second)
		body := eventAt(fmt.Sprintf("%s-%d", name, i), customer, "page.viewed", at)
		if i%5 == 0 {
			body = append(bytes.TrimSuffix(body, []byte("}")), `,"sentiment":-0.25}`...)
		}
		switch i % 3 {
		case 0:
			body = bytes.Replace(body, []byte(`"customer":"`+customer+`"`), []byte(`"anonymous_id":"`+device+`"`), 1)
			customer = event.AnonymousPrefix + device
		case 1:
			body = bytes.Replace(body, []byte(`"type"`), []byte(`"anonymous_id":"`+device+`","type"`), 1)
		}
		l.publish(t, customer, body)
	}
}

// Whoever signs in while ebb is killed again and again has joined once, and counts in
// windows as SQL derives it from the stream.
func TestJoinsThroughKills(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	l.surroundings["identity.join"] = "true"
	sent, pairs := 0, 0
	run, address := l.startRun(t)
	for life := range 4 {
		l.visit(t, fmt.Sprint("life", life), 120)
		sent, pairs = sent+120, pairs+23
		if life < 3 {
			time.Sleep(700 * time.Millisecond) // so that the kill finds it at work
			run.stop(t, syscall.SIGKILL)
			run, address = l.startRun(t)
		}
	}
	eventually(t, "all events", func() bool { return processed(t, address) == uint64(sent) })
	eventually(t, "what says who has joined, and where they were", func() bool {
		records := map[string]int{}
		l.each(t, l.layout.Stream, ">", func(m *natsjs.RawStreamMsg) { records[m.Header.Get(event.HeaderControl)]++ })

		return records["join"] >= pairs && records["move"] >= pairs
	})
	steps := func(step string) uint64 {
		return counted(t, address, `ebb_joins_total\{partition="\d+",step="(\w+)"\}`, step)
	}
	eventually(t, "each history once", func() bool { return steps("joined") == uint64(pairs) && steps("merged") == uint64(pairs) })
	for i := range 23 {
		device := fmt.Sprint("device-life3-", i)
		body := eventAt(fmt.Sprint("later-", i), "x", "page.viewed", time.Now())
		l.publish(t, event.AnonymousPrefix+device, bytes.Replace(body, []byte(`"customer":"x"`), fmt.Appendf(nil, `"anonymous_id":%q`, device), 1))
	}
	sent += 23
	eventually(t, "what follows them", func() bool { return steps("followed") == 23 && processed(t, address) == uint64(sent) })
	if code := run.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, run.output)
	}
	l.keepInForce(t)
	l.checkAll(t, uint64(sent))
}
