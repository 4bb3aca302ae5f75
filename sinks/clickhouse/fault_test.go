package clickhouse_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
	"ebb/sinks/clickhouse"
	"ebb/sinks/clickhouse/clickhousetest"
	"ebb/sinks/deliver"
)

// proxy is a TCP relay to the server that can go away and come back at the
// same address.
type proxy struct {
	target, addr string

	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
	group    sync.WaitGroup
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	p := &proxy{target: target, addr: "127.0.0.1:0", open: map[net.Conn]bool{}}
	p.up(t)
	t.Cleanup(p.down)

	return p
}

func (p *proxy) up(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener, p.addr = listener, listener.Addr().String()
	p.group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.group.Go(func() { p.relay(conn) })
		}
	})
}

// down cuts every connection, whatever is on its way.
func (p *proxy) down() {
	p.mu.Lock()
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
	for conn := range p.open {
		conn.Close()
	}
	p.mu.Unlock()
	p.group.Wait()
}

func (p *proxy) relay(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil || !p.hold(client, server) {
		client.Close()

		return
	}
	var both sync.WaitGroup
	for _, pair := range [][2]net.Conn{{client, server}, {server, client}} {
		both.Go(func() {
			_, _ = io.Copy(pair[0], pair[1])
			client.Close()
			server.Close()
		})
	}
	both.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, client)
	delete(p.open, server)
}

// hold notes the connections to cut, unless the proxy is down already.
func (p *proxy) hold(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		p.open[conn] = true
	}

	return p.listener != nil
}

// The server goes away and comes back again and again, while rows come.
func TestServerThatComesAndGoes(t *testing.T) {
	const rows = 300
	db := clickhousetest.Migrated(t)
	conn := db.Open(t)
	p := newProxy(t, db.Addr)
	sink, err := clickhouse.Connect(clickhouse.Config{Address: "http://" + p.addr, Database: db.Name})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	js := outputStreams(t)
	f, err := deliver.New(js, sink, deliver.Config{
		MaxRows: 20, MaxWait: 5 * time.Millisecond, WriteTimeout: 10 * time.Second,
		FirstRetry: 5 * time.Millisecond, LastRetry: 50 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}

	for i := range rows {
		if i%60 == 30 {
			p.down()
		}
		if i%60 == 59 {
			p.up(t)
		}
		publish(t, js, "engagement.rollups.rollups_total.1", fmt.Sprintf(
			`{"schema":1,"table":"rollups_total","partition":1,"version":%d,"clock":0,"windows":[{"window":"1m","end":%d,"rows":[[%d,1]]}]}`,
			i+1, i*60_000, i))
		time.Sleep(2 * time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := f.CaughtUp(ctx); err != nil {
		t.Fatal(err)
	}
	if err := f.Stop(ctx); err != nil {
		t.Fatal(err)
	}

	var count, events uint64
	row := conn.QueryRow(t.Context(), "SELECT count(), sum(events) FROM rollups_total FINAL")
	if err := row.Scan(&count, &events); err != nil {
		t.Fatal(err)
	}
	if count != rows || events != rows*(rows-1)/2 {
		t.Errorf("%d rows with %d events, want %d with %d", count, events, rows, rows*(rows-1)/2)
	}
	if c := f.Counters(deliver.Rollups); c.Retries.Load() == 0 || c.Refused.Load() != 0 {
		t.Errorf("%d tries failed and %d messages were refused; want some and none", c.Retries.Load(), c.Refused.Load())
	}
}

// A schema that is not there yet is no reason to set rows aside.
func TestMissingTableIsWaitedFor(t *testing.T) {
	db := localtest.ClickHouse(t)
	js := outputStreams(t)
	publish(t, js, "engagement.rollups.rollups_total.1",
		`{"schema":1,"table":"rollups_total","partition":1,"version":1,"clock":0,"windows":[{"window":"1m","end":60000,"rows":[[1,1]]}]}`)
	f, err := deliver.New(js, clickhouse.New(db.Open(t)), deliver.Config{FirstRetry: 5 * time.Millisecond, LastRetry: 20 * time.Millisecond, MaxWait: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	c := f.Counters(deliver.Rollups)
	for c.Retries.Load() < 3 && t.Context().Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	if err := clickhouse.Migrate(t.Context(), db.Open(t), clickhouse.TTL{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := f.CaughtUp(ctx); err != nil {
		t.Fatal(err)
	}
	if err := f.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if c.Rows.Load() != 1 || c.Refused.Load() != 0 {
		t.Errorf("%d rows written and %d messages refused, want 1 and 0", c.Rows.Load(), c.Refused.Load())
	}
}

func outputStreams(t *testing.T) jetstream.JetStream {
	t.Helper()
	conn, err := nats.Connect(localtest.NATS(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	for name, subjects := range map[string]string{
		"ENGAGEMENT_ROLLUPS": "engagement.rollups.>", "ENGAGEMENT_SIGNALS": "engagement.signals.>",
		"ENGAGEMENT_DEADLETTERS": "engagement.deadletters.>",
	} {
		if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{subjects}}); err != nil {
			t.Fatal(err)
		}
	}

	return js
}

func publish(t *testing.T, js jetstream.JetStream, subject, data string) {
	t.Helper()
	if _, err := js.Publish(t.Context(), subject, []byte(data)); err != nil {
		t.Fatal(err)
	}
}
