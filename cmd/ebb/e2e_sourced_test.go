package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
	"ebb/sinks/clickhouse/clickhousetest"
)

// order is an event that somebody else's systems have put into their stream.
type order struct {
	id, customer, name string
	at                 time.Time
	value              float64
}

// segmentNames are names of Segment's with the types that they mean.
func segmentNames() [][2]string {
	return [][2]string{{"Order Completed", "order.completed"}, {"Product Added", "cart.added"}, {"Email Opened", "email.opened"}}
}

func (o order) segment() []byte {
	return fmt.Appendf(nil, `{"type":"track","messageId":%q,"userId":%q,"event":%q,"timestamp":%q,"properties":{"revenue":%.2f,"currency":"EUR"}}`,
		o.id, o.customer, o.name, o.at.Format(time.RFC3339Nano), o.value)
}

func (o order) structured() []byte {
	return fmt.Appendf(nil, `{"specversion":"1.0","source":"/shop","id":%q,"type":"com.example.%s","subject":%q,"time":%q,"data":{"value":%.2f,"currency":"EUR"}}`,
		o.id, o.name, o.customer, o.at.Format(time.RFC3339Nano), o.value)
}

func (o order) binary(subject string) *nats.Msg {
	return &nats.Msg{Subject: subject, Data: fmt.Appendf(nil, `{"value":%.2f,"currency":"EUR"}`, o.value), Header: nats.Header{
		"ce-specversion": {"1.0"}, "ce-source": {"/shop"}, "ce-id": {o.id}, "ce-type": {"com.example." + o.name},
		"ce-subject": {o.customer}, "ce-time": {o.at.Format(time.RFC3339Nano)}, "Content-Type": {"application/json"},
	}}
}

// ordersOf are so many events of a kind between two times, in order, some without an id
// in the place of a Segment call.
func ordersOf(kind string, count int, from, to time.Time) []order {
	names := segmentNames()
	orders := make([]order, count)
	step := to.Sub(from) / time.Duration(count)
	for i := range orders {
		name := names[i%len(names)][0]
		if kind != "segment" {
			name = names[i%len(names)][1]
		}
		orders[i] = order{
			id: fmt.Sprintf("%s-%d-%d", kind, from.Unix(), i), customer: "customer-" + strconv.Itoa((i*7+i/13)%211), name: name,
			at: from.Add(time.Duration(i) * step).UTC().Truncate(time.Millisecond), value: float64(i%97) + 0.25,
		}
	}

	return orders
}

// sourced is a stream of somebody else's on a server that can be killed.
type sourced struct {
	*live
	server *process
	port   string
	dir    string
}

func newSourced(t *testing.T) *sourced {
	t.Helper()
	clearEnvironment(t)
	s := &sourced{live: &live{database: clickhousetest.Migrated(t)}, port: strconv.Itoa(localtest.Port(t)), dir: t.TempDir()}
	s.serve(t)
	for name, value := range map[string]string{
		"EBB_NATS_URL": s.url, "EBB_CLICKHOUSE_ADDR": s.database.Addr, "EBB_CLICKHOUSE_DATABASE": s.database.Name,
		"EBB_STREAM_PARTITIONS": strconv.Itoa(livePartitions), "EBB_METRICS": "base", "EBB_HTTP_LISTEN": "127.0.0.1:0",
		"EBB_TTL_ROLLUPS": "0s", "EBB_TTL_SIGNALS": "0s",
	} {
		t.Setenv(name, value)
	}
	s.conn = s.database.Open(t)
	conn, err := nats.Connect(s.url, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	if s.js, err = natsjs.New(conn); err != nil {
		t.Fatal(err)
	}
	if _, err := s.js.CreateStream(t.Context(), natsjs.StreamConfig{Name: "ORDERS", Subjects: []string{"orders.>"}}); err != nil {
		t.Fatal(err)
	}

	return s
}

// serve starts the server, at the same address if it ran before.
func (s *sourced) serve(t *testing.T) {
	t.Helper()
	s.server = startProcess(t, "local", "--no-clickhouse", "--dir", s.dir, "--nats-port", s.port)
	s.url = s.server.says(t, `EBB_NATS_URL=(\S+)`)
	s.port = s.url[strings.LastIndex(s.url, ":")+1:]
}

func (s *sourced) put(t *testing.T, messages ...*nats.Msg) {
	t.Helper()
	for i, m := range messages {
		if _, err := s.js.PublishMsgAsync(m); err != nil {
			t.Fatal(err)
		}
		if (i+1)%1000 != 0 && i+1 != len(messages) {
			continue
		}
		select {
		case <-s.js.PublishAsyncComplete():
		case <-time.After(30 * time.Second):
			t.Fatal("messages were not stored in 30 s")
		}
	}
}

// messagesOf are orders as Segment calls, and as CloudEvents in both modes.
func messagesOf(segment, structured, binary []order) []*nats.Msg {
	var all []*nats.Msg
	for _, o := range segment {
		all = append(all, &nats.Msg{Subject: "orders.segment", Data: o.segment()})
	}
	for _, o := range structured {
		all = append(all, &nats.Msg{Subject: "orders.structured", Data: o.structured(), Header: nats.Header{"Content-Type": {"application/cloudevents+json"}}})
	}
	for _, o := range binary {
		all = append(all, o.binary("orders.binary"))
	}

	return all
}

// fiveLines is the configuration.
const fiveLines = `sources:
  - name: orders
    stream: ORDERS
    format: auto
    from: beginning
`

// startSourced starts `ebb run`, and does not wait for more than its address.
func startSourced(t *testing.T, config string) (p *process, address string) {
	t.Helper()
	p = startProcess(t, "run", "--config", config)

	return p, "http://" + p.says(t, `serving metrics and health" listen=(\S+)`)
}

func (s *sourced) kill(t *testing.T, p *process) {
	t.Helper()
	if code := p.stop(t, syscall.SIGKILL); code != -1 {
		t.Fatalf("exit code %d after SIGKILL\n%s", code, p.output)
	}
}

// killAt kills ebb once so many events of the past are in the input.
func (s *sourced) killAt(t *testing.T, p *process, rows int) {
	t.Helper()
	eventually(t, "the import", func() bool {
		stream, err := s.js.Stream(t.Context(), "ENGAGEMENT")
		if err != nil {
			return false
		}
		m, err := stream.GetLastMsgForSubject(t.Context(), "engagement.import")
		var status struct {
			Rows int `json:"rows"`
		}

		return err == nil && json.Unmarshal(m.Data, &status) == nil && status.Rows >= min(rows, 1)
	})
	s.kill(t, p)
}

// untilProcessed waits until so many events were processed.
func (s *sourced) untilProcessed(t *testing.T, p *process, want uint64) string {
	t.Helper()
	address := "http://" + p.says(t, `serving metrics and health" listen=(\S+)`)
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		got := processed(t, address)
		if got == want {
			return address
		}
		if got > want || time.Now().After(deadline) {
			t.Fatalf("%d events processed, want %d\n%s", got, want, p.output)
		}
		select {
		case <-p.exited:
			t.Fatalf("ebb ended:\n%s", p.output)
		default:
		}
	}
}

// written waits until the rows of the last windows are in ClickHouse.
func (s *sourced) written(t *testing.T, stream string) {
	t.Helper()
	time.Sleep(2 * time.Second) // a cut, at least
	eventually(t, "the rows", func() bool {
		consumer, err := s.js.Consumer(t.Context(), stream+"_ROLLUPS", "clickhouse")
		if err != nil {
			return false
		}
		info := consumer.CachedInfo()

		return info.NumPending == 0 && info.NumAckPending == 0
	})
}

// sourceState is what must not change of a stream.
type sourceState struct {
	Messages, First, Last uint64
	Config                string
}

func (s *sourced) state(t *testing.T) sourceState {
	t.Helper()
	stream, err := s.js.Stream(t.Context(), "ORDERS")
	if err != nil {
		t.Fatal(err)
	}
	info := stream.CachedInfo()
	config, err := json.Marshal(info.Config)
	if err != nil {
		t.Fatal(err)
	}

	return sourceState{info.State.Msgs, info.State.FirstSeq, info.State.LastSeq, string(config)}
}
