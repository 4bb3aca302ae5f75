package replay_test

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/coordinate"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/replay"
	"ebb/pipeline/shard"
)

// askingImport waits for what the coordinators answer.
type askingImport struct{ streamImport }

func (s askingImport) Answers(ctx context.Context, k uint64) error { return s.Import.Answers(ctx, k) }

// member is an instance with a coordinator and a connection of its own.
type member struct {
	*own.Instance
	js   natsjs.JetStream
	stop context.CancelFunc
	done chan error
}

func join(t *testing.T, url string, layout jetstream.Layout, config meaning.Config, name string, partitions ...int) *member {
	t.Helper()
	js, err := jetstream.Connect(t.Context(), jetstream.ConnectConfig{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(js.Conn().Close)
	manifests, err := jetstream.NewManifests(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	snapshots, err := jetstream.NewSnapshots(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	m := &member{js: js, done: make(chan error, 1)}
	m.Instance, err = own.NewInstance(t.Context(), config, own.Ports{
		Input: jetstream.NewInput(js, layout), Outputs: jetstream.NewOutputs(js, layout), Manifests: manifests, Snapshots: snapshots,
	}, own.Options{Nonce: name, Partitions: partitions, SnapshotInterval: time.Millisecond, StopTimeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	m.stop = cancel
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return m.Run(ctx) })
	group.Go(func() error {
		transport := jetstream.NewCoordinator(js, layout)
		source := transport.Statistics(0)
		defer source.Close()

		return coordinate.Coordinate(ctx, layout.Partitions, source, transport, quiet{})
	})
	go func() { m.done <- group.Wait() }()
	t.Cleanup(cancel)

	return m
}

type quiet struct{}

func (quiet) Committed(*shard.Cut, int) {}
func (quiet) Retried(error)             {}
func (quiet) Restoring(int, int)        {}

// Two instances with a coordinator each run a half of the partitions, while an
// import waits for the answers to what all of them ask. In the middle one of them
// dies, and the other starts its half. What they have published is, message by
// message, what a shard of each partition makes of the stream.
func TestTwoInstancesServeAnImport(t *testing.T) {
	url := localtest.NATS(t)
	js, err := jetstream.Connect(t.Context(), jetstream.ConnectConfig{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer js.Conn().Close()
	config := meaning.DefaultConfig()
	config.Partitions, config.Churn.Horizon = 4, (4 * 24 * time.Hour).Milliseconds()
	layout := jetstream.Layout{Partitions: config.Partitions}.WithDefaults()
	if err := jetstream.Provision(t.Context(), js, layout); err != nil {
		t.Fatal(err)
	}
	first := join(t, url, layout, config, "first", 0, 2)
	second := join(t, url, layout, config, "second", 1, 3)

	var rows strings.Builder
	rows.WriteString("event_time,customer_id,event_type,value\n")
	start := time.Date(2004, 10, 19, 0, 0, 0, 0, time.UTC)
	for i := range 4000 {
		customer := (i*7919 + i/100) % (20 + i/100)
		fmt.Fprintf(&rows, "%s,c%d,order.completed,%d\n", start.Add(time.Duration(i)*15*time.Minute).Format(time.RFC3339), customer, i%9)
	}
	source := replay.Source{Name: "rows.csv", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(rows.String())), nil }}
	mapping, err := replay.Detect(source)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := replay.NewPlan(source, mapping, replay.Options{Partitions: layout.Partitions, TickRows: 250, CoordinateRows: 500})
	if err != nil {
		t.Fatal(err)
	}
	open, err := jetstream.OpenImport(t.Context(), js, layout, jetstream.ImportConfig{ID: plan.Import, Source: source.Name, PackRows: 16})
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	batches := 0
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	err = replay.Run{
		Plan: plan, Writer: askingImport{streamImport{open, layout, nil}},
		Progress: func(replay.Progress) {
			if batches++; batches != 6 {
				return
			}
			second.js.Conn().Close() // dies as it is
			second.stop()
			t.Log("it died:", <-second.done)
			for _, partition := range []int{3, 1} {
				if err := first.Start(ctx, partition); err != nil {
					t.Error(err)
				}
			}
		},
	}.Import(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if batches < 6 {
		t.Fatalf("the import came in %d batches; the test wants more", batches)
	}
	ends, err := jetstream.HistoryEnds(ctx, js, layout)
	if err == nil {
		err = first.WaitCommitted(ctx, ends)
	}
	if err != nil {
		t.Fatalf("%v: %+v", err, first.Progress())
	}
	first.stop()
	if err := <-first.done; err != nil {
		t.Error(err)
	}
	want, signals := expected(t, js, layout, config)
	if signals == 0 {
		t.Error("the history brings about no signals")
	}
	for stream := range shard.Stream(shard.Streams) {
		got := published(t, js, layout, stream)
		for partition := range layout.Partitions {
			a, b := want[stream][partition], got[partition]
			for n := range max(len(a), len(b)) {
				if n >= len(a) || n >= len(b) || a[n] != b[n] {
					t.Fatalf("%s of partition %d: %d messages, want %d; message %d is %.300q, want %.300q",
						stream, partition, len(b), len(a), n, b[min(n, len(b)):min(n+1, len(b))], a[min(n, len(a)):min(n+1, len(a))])
				}
			}
		}
	}
}

// expected is what a shard of each partition makes of the whole stream, by output
// stream and partition, and how many signals there are.
func expected(t *testing.T, js natsjs.JetStream, layout jetstream.Layout, config meaning.Config) (all [shard.Streams]map[int][]string, signals int) {
	t.Helper()
	input := jetstream.NewInput(js, layout)
	era, err := input.Era(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for stream := range all {
		all[stream] = map[int][]string{}
	}
	for partition := range layout.Partitions {
		sh, err := shard.NewShard(config, partition)
		if err != nil {
			t.Fatal(err)
		}
		sh.BelongTo(era)
		err = input.ReadPartition(t.Context(), partition, 0, func(records []event.Record, _ uint64) error {
			for r := range records {
				err := sh.Process(&records[r], func(cut *shard.Cut) {
					for stream, messages := range cut.Outputs {
						for _, m := range messages {
							all[stream][partition] = append(all[stream][partition], m.Subject+" "+string(m.Data))
						}
					}
					signals += len(cut.Outputs[shard.Signals])
				})
				if err != nil {
					return err
				}
			}

			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	return all, signals
}

// published is what an output stream holds, by partition: that of the marker behind
// each message.
func published(t *testing.T, js natsjs.JetStream, layout jetstream.Layout, stream shard.Stream) map[int][]string {
	t.Helper()
	held, err := js.Stream(t.Context(), layout.StreamName(stream))
	if err != nil {
		t.Fatal(err)
	}
	consumer, err := held.OrderedConsumer(t.Context(), natsjs.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	found := map[int][]string{}
	var batch []string
	for left := held.CachedInfo().State.Msgs; left > 0; left-- {
		message, err := consumer.Next(natsjs.FetchMaxWait(30 * time.Second))
		if err != nil {
			t.Fatalf("%s, with %d messages left: %v", stream, left, err)
		}
		subject := strings.TrimPrefix(message.Subject(), layout.Prefix+".")
		name, isMarker := strings.CutPrefix(subject, "marker."+stream.String()+".")
		switch {
		case strings.HasPrefix(subject, "s.answer."):
		case stream == shard.Statistics:
			// Stored one by one, with those of other partitions in between, and once
			// more by the next owner where the former died before the marker.
			report := subject + " " + string(message.Data())
			partition, err := strconv.Atoi(subject[strings.LastIndexByte(subject, '.')+1:])
			if err != nil {
				t.Fatal(err)
			}
			if reports := found[partition]; !isMarker && (len(reports) == 0 || reports[len(reports)-1] != report) {
				found[partition] = append(reports, report)
			}
		case !isMarker:
			batch = append(batch, subject+" "+string(message.Data()))
		default:
			partition, err := strconv.Atoi(name)
			if err != nil {
				t.Fatal(err)
			}
			found[partition] = append(found[partition], batch...)
			batch = nil
		}
	}

	return found
}
