package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/demo"
	"ebb/cmd/ebb/serve"
	"ebb/deploy/local/localtest"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/own"
	"ebb/pipeline/vocabulary"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
	"ebb/sinks/clickhouse/clickhousetest"
	"ebb/windows"
)

// livePartitions keeps live tests quick: every partition has its own ticks and
// commits.
const livePartitions = 4

// live is an engine in this process, with servers of its own; and surroundings, where
// commands find these by settings.
type live struct {
	surroundings

	url      string
	database localtest.Database
	js       natsjs.JetStream
	layout   jetstream.Layout
	config   meaning.Config
	sink     sinks.Sink
	conn     driver.Conn
	engine   *serve.Engine
}

// startLive starts servers and an engine; adjust may change the configuration.
func startLive(t *testing.T, adjust func(*meaning.Config)) *live {
	t.Helper()
	l := newLive(t)
	if adjust != nil {
		adjust(&l.config)
	}
	l.start(t)

	return l
}

// newLive starts the servers.
func newLive(t *testing.T) *live {
	t.Helper()
	l := &live{
		url:      localtest.NATS(t),
		database: clickhousetest.Migrated(t),
		layout:   jetstream.Layout{Partitions: livePartitions}.WithDefaults(),
		config:   meaning.DefaultConfig(),
	}
	l.config.Partitions = livePartitions
	l.config.Metrics = metric.Base() // all of them are proved where a test says so
	// Seconds for minutes, so that nobody has to wait; rows have no other names.
	l.config.Lengths = []windows.Length{
		{Name: "1m", Size: 1_000, Slide: 1_000},
		{Name: "5m", Size: 5_000, Slide: 1_000},
		{Name: "1h", Size: 10_000, Slide: 2_000},
	}
	l.config.Vocabulary.UnknownTypes = vocabulary.AcceptUnknown
	target := clickhouse.Config{Address: "http://" + l.database.Addr, Database: l.database.Name}
	var err error
	if l.sink, err = clickhouse.Connect(target); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.sink.Close(); err != nil {
			t.Error(err)
		}
	})
	l.conn = l.database.Open(t)
	l.js, err = jetstream.Connect(t.Context(), jetstream.ConnectConfig{URL: l.url, Name: t.Name(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.js.Conn().Close)

	return l
}

// start starts the engine. It stops at the test's end, unless it has failed or
// was stopped before.
func (l *live) start(t *testing.T) {
	t.Helper()
	e, err := serve.StartEngine(t.Context(), serve.EngineConfig{
		Js: l.js, Layout: l.layout, Pipeline: l.config, Sink: l.sink, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	l.engine = e
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
}

// publish publishes a message to the subject of a customer and returns its
// sequence.
func (l *live) publish(t *testing.T, customer string, body []byte, headers ...string) uint64 {
	t.Helper()

	return l.publishTo(t, "engagement.events."+event.Token(customer), body, headers...)
}

func (l *live) publishTo(t *testing.T, subject string, body []byte, headers ...string) uint64 {
	t.Helper()
	message := &nats.Msg{Subject: subject, Data: body, Header: nats.Header{}}
	for i := 0; i < len(headers); i += 2 {
		message.Header[headers[i]] = []string{headers[i+1]}
	}
	stored, err := l.js.PublishMsg(t.Context(), message)
	if err != nil {
		t.Fatalf("publish to %s: %v", subject, err)
	}

	return stored.Sequence
}

// settle waits until the events that are in the stream now are committed, and
// published rows are written.
func (l *live) settle(t *testing.T) {
	t.Helper()
	stream, err := l.js.Stream(t.Context(), l.layout.Stream)
	if err != nil {
		t.Fatal(err)
	}
	ends := make([]uint64, livePartitions)
	for partition := range ends {
		for _, lane := range []string{"p", "h"} {
			last, err := stream.GetLastMsgForSubject(t.Context(), fmt.Sprintf("engagement.%s.%d", lane, partition))
			if err == nil {
				ends[partition] = max(ends[partition], last.Sequence)
			} else if !errors.Is(err, natsjs.ErrMsgNotFound) {
				t.Fatal(err)
			}
		}
	}
	ctx, cancel := l.engine.WhileRunning(t.Context())
	defer cancel()
	if err := l.engine.Instance.WaitCommitted(ctx, ends); err != nil {
		t.Fatal(l.engine.Cause(err))
	}
	if err := l.engine.Feed.CaughtUp(ctx); err != nil {
		t.Fatal(l.engine.Cause(err))
	}
}

// verified stops the engine and derives every row anew with SQL.
func (l *live) verified(t *testing.T) *demo.Report {
	t.Helper()
	l.passWindows(t)
	if err := l.engine.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := &demo.Demo{To: call.Streams{Out: io.Discard, Err: io.Discard}, Js: l.js, Layout: l.layout, Config: l.config, Engine: l.engine}
	report := new(demo.Report)
	if err := d.Verify(t.Context(), l.conn, report); err != nil {
		t.Fatal(err)
	}

	return report
}

// passWindows waits until a window of every length has ended since the last
// event, so that there are rows of each to verify.
func (l *live) passWindows(t *testing.T) {
	t.Helper()
	const longestSlide = 2_000
	target := time.Now().UnixMilli() + longestSlide + l.config.CutInterval.Milliseconds()
	eventually(t, "the clocks of all partitions to go on", func() bool {
		select {
		case <-l.engine.Done:
			t.Fatal(l.engine.Err)
		default:
		}

		return !slices.ContainsFunc(l.engine.Instance.Progress(), func(p own.PartitionProgress) bool {
			return p.Counts.Processed > 0 && !p.Frozen && p.Clock < target // others wait for nothing
		})
	})
}

// checkCounts compares what SQL finds with what the engine has counted.
func (l *live) checkCounts(t *testing.T, v *demo.Verified) {
	t.Helper()
	counts, _, _ := l.engine.Totals()
	if v.Processed != counts.Processed || v.Duplicates != counts.Duplicates || v.DeadLetters != counts.DeadLetters || v.LateDropped != counts.LateDropped {
		t.Errorf("SQL finds %+v, the engine counted %+v", v, counts)
	}
}

// letters are all dead letters, by the sequence of their record.
func (l *live) letters(t *testing.T) map[string]jetstream.DeadLetter {
	t.Helper()
	letters := make(map[string]jetstream.DeadLetter)
	err := jetstream.NewDeadLetters(l.js, l.layout).Newest(t.Context(), "", 0, func(letter jetstream.DeadLetter) error {
		sequence := letter.Header.Get(event.HeaderSequence)
		if _, twice := letters[sequence]; twice {
			t.Errorf("record %s is in the dead letters twice", sequence)
		}
		letters[sequence] = letter

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	return letters
}

// eventAt is an event of a customer at a time.
func eventAt(id, customer, eventType string, at time.Time) []byte {
	return []byte(`{"id":"` + id + `","time":"` + at.UTC().Format(time.RFC3339Nano) + `","customer":"` + customer + `","type":"` + eventType + `"}`)
}
