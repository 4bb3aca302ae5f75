package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/jetstream"
)

// abroad is ebb's server, and one of a shop beside it from which sources take events.
type abroad struct {
	ebb, shop *sourced
	config    string
	run       *process
}

// newAbroad starts both; the shop's stream is ORDERS, its core subject clicks.
func newAbroad(t *testing.T) *abroad {
	t.Helper()
	clearEnvironment(t)
	a := &abroad{}
	for _, to := range []**sourced{&a.ebb, &a.shop} {
		s := &sourced{live: &live{}, port: "0", dir: t.TempDir()}
		s.serve(t)
		conn, err := nats.Connect(s.url, nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond), nats.ReconnectJitter(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Close)
		if s.js, err = natsjs.New(conn); err != nil {
			t.Fatal(err)
		}
		s.layout = jetstream.Layout{Partitions: livePartitions}.WithDefaults()
		*to = s
	}
	if _, err := a.shop.js.CreateStream(t.Context(), natsjs.StreamConfig{Name: "ORDERS", Subjects: []string{"orders.>"}}); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"EBB_NATS_URL": a.ebb.url, "EBB_CLICKHOUSE_ENABLED": "false", "EBB_STREAM_PARTITIONS": strconv.Itoa(livePartitions),
		"EBB_METRICS": "none", "EBB_HTTP_LISTEN": "127.0.0.1:0",
	} {
		t.Setenv(name, value)
	}
	a.config = filepath.Join(t.TempDir(), "ebb.yaml")
	text := fmt.Sprintf("sources:\n  - {name: orders, stream: ORDERS, url: %q}\n  - {name: clicks, core: clicks, format: native, url: %q}\n", a.shop.url, a.shop.url)
	if err := os.WriteFile(a.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	return a
}

// restart starts ebb after a kill.
func (a *abroad) restart(t *testing.T) {
	t.Helper()
	a.ebb.bury(t)
	a.run, _ = startSourced(t, a.config)
}

// An order of the past or of now at the shop's server, through kills of that server, of
// ebb's own and of ebb: each counts once. A click on a core subject counts at most once,
// and those that were heard do.
func TestSourcesAbroadThroughKills(t *testing.T) {
	count := 300
	if text := os.Getenv(envSourceEvents); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	a := newAbroad(t)
	end := time.Now().Add(-24 * time.Hour)
	a.shop.put(t, messagesOf(ordersOf("past", count, end.Add(-30*24*time.Hour), end), nil, nil)...)

	// The past: the shop's server goes while it is copied, then ebb, then ebb's server.
	a.run, _ = startSourced(t, a.config)
	eventually(t, "the past to be copied", func() bool {
		_, err := a.ebb.js.Stream(t.Context(), "ENGAGEMENT_SOURCES")

		return err == nil
	})
	a.shop.kill(t, a.shop.server)
	a.shop.serve(t)
	a.ebb.killAt(t, a.run, count/2)
	a.restart(t)
	a.ebb.kill(t, a.ebb.server)
	a.ebb.serve(t)
	a.ebb.untilProcessed(t, a.run, uint64(count))

	orders, clicks, heard := count, 0, 0
	order := func(n int) {
		t.Helper()
		now := time.Now()
		a.shop.put(t, messagesOf(ordersOf(fmt.Sprint("live", orders), n, now.Add(-time.Second), now), nil, nil)...)
		orders += n
	}
	click := func(n int) {
		t.Helper()
		for range n {
			id := fmt.Sprint("click-", clicks)
			if err := a.shop.js.Conn().Publish("clicks", eventAt(id, id, "page.viewed", time.Now())); err != nil {
				t.Fatal(err)
			}
			clicks++
		}
	}
	here := func() {
		t.Helper()
		eventually(t, fmt.Sprint(orders, " orders, and ", heard, " clicks"), func() bool {
			ordered, clicked := a.brought(t)

			return ordered == orders && clicked >= heard
		})
	}
	// again waits until clicks are heard; those before are gone.
	again := func() {
		t.Helper()
		_, before := a.brought(t)
		eventually(t, "clicks to be heard", func() bool {
			click(1)
			time.Sleep(100 * time.Millisecond)
			_, now := a.brought(t)
			heard = now

			return now > before
		})
	}
	again()
	order(20)
	click(20)
	heard += 20
	here()

	a.ebb.kill(t, a.ebb.server)
	order(10)
	click(10) // they are heard, and wait
	heard += 10
	time.Sleep(100 * time.Millisecond)
	a.ebb.serve(t)
	here()

	a.shop.kill(t, a.shop.server)
	a.shop.serve(t)
	order(10)
	again()
	here()

	a.ebb.kill(t, a.run)
	order(10)
	click(10) // nobody hears them
	a.restart(t)
	order(10)
	again()
	here()
	address := "http://" + a.run.says(t, `serving metrics and health" listen=(\S+)`)
	eventually(t, "each to count once", func() bool {
		_, clicked := a.brought(t)

		return processed(t, address) == uint64(orders+clicked)
	})
	if n := outcomes(t, address, "late_dropped", "dead_letters"); n > 0 {
		t.Errorf("%d events are late or refused", n)
	}
	if _, clicked := a.brought(t); clicked > clicks-10 {
		t.Errorf("%d clicks are here, of %d that were sent, 10 of these while no ebb ran", clicked, clicks)
	}
	if code := a.run.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d\n%s", code, a.run.output)
	}
	code, out, _ := command(t, "source", "list", "--config", a.config)
	if code != exitOK || !strings.Contains(out, "clicks: core subjects are best effort") {
		t.Errorf("source list: exit code %d\n%s", code, out)
	}
}

// brought is how many orders and clicks are in the input. A click that is there twice is a
// failure: what was stored of an order may come again, and counts once by its id.
func (a *abroad) brought(t *testing.T) (orders, clicks int) {
	t.Helper()
	ids := map[string]bool{}
	for body, n := range eventsOfOthers(t, a.ebb.live, "nobody") {
		var e struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			t.Fatal(err)
		}
		isClick := strings.HasPrefix(e.ID, "click-")
		if isClick && (n > 1 || ids[e.ID]) {
			t.Errorf("%d times: %s", n, body)
		}
		ids[e.ID] = true
	}
	for id := range ids {
		if strings.HasPrefix(id, "click-") {
			clicks++
		} else {
			orders++
		}
	}

	return orders, clicks
}
