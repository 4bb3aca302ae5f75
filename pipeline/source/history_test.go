package source_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"ebb/pipeline/coordinate"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/pipeline/source"
)

type quiet struct{}

func (quiet) Committed(*shard.Cut, int) {}
func (quiet) Retried(error)             {}
func (quiet) Restoring(int, int)        {}

// process runs an ebb over the input until the test ends, as a runner has it hold time.
func (a *accounts) process(t *testing.T, hold func() bool) *own.Instance {
	t.Helper()
	js := a.as(t, "ebb")
	manifests, err := jetstream.NewManifests(t.Context(), js, a.layout)
	if err != nil {
		t.Fatal(err)
	}
	snapshots, err := jetstream.NewSnapshots(t.Context(), js, a.layout)
	if err != nil {
		t.Fatal(err)
	}
	config := meaning.DefaultConfig()
	config.Partitions = a.layout.Partitions
	instance, err := own.NewInstance(t.Context(), config, own.Ports{
		Input: jetstream.NewInput(js, a.layout), Outputs: jetstream.NewOutputs(js, a.layout), Manifests: manifests, Snapshots: snapshots,
	}, own.Options{Nonce: "one", Hold: hold, StopTimeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return instance.Run(ctx) })
	group.Go(func() error {
		transport := jetstream.NewCoordinator(js, a.layout)
		statistics := transport.Statistics(0)
		defer statistics.Close()

		return coordinate.Coordinate(ctx, a.layout.Partitions, statistics, transport, quiet{})
	})
	t.Cleanup(func() {
		cancel()
		if err := group.Wait(); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})

	return instance
}

func counted(instance *own.Instance) (all shard.Counts) {
	for _, p := range instance.Progress() {
		all.Add(p.Counts)
	}

	return all
}

func past(id string, age time.Duration) []byte {
	return fmt.Appendf(nil, `{"id":%q,"time":%q,"customer":"c-%s","type":"order.completed"}`, id, time.Now().Add(-age).UTC().Format(time.RFC3339Nano), id[len(id)-1:])
}

// What two streams hold of the past is imported in the order of time, whatever a runner
// is stopped at; then both are live, and every event counts once, and none late.
func TestHistoryOfTwoStreamsAndThenLive(t *testing.T) {
	a := startAccounts(t)
	if _, err := a.shop.CreateStream(t.Context(), natsjs.StreamConfig{Name: "RETURNS", Subjects: []string{"returns"}}); err != nil {
		t.Fatal(err)
	}
	const days = 60
	for i := range 2 * days {
		age := time.Duration(2*days-i) * 12 * time.Hour
		if _, err := a.shop.Publish(t.Context(), "orders.old", past(fmt.Sprintf("o%d", i), age)); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			if _, err := a.shop.Publish(t.Context(), "returns", past(fmt.Sprintf("r%d", i), age-time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := a.shop.Publish(t.Context(), "returns", []byte("noise")); err != nil {
		t.Fatal(err)
	}
	entries := []string{"orders;stream=ORDERS;format=native", "returns;stream=RETURNS;format=native"}
	var current atomic.Pointer[source.Runner]
	var instance *own.Instance
	var stop func()
	var r *source.Runner
	for turn, wait := range []time.Duration{30 * time.Millisecond, 200 * time.Millisecond, 0} {
		r = a.runner(t, "owner", entries...)
		current.Store(r)
		if turn == 0 {
			instance = a.process(t, func() bool { return current.Load().Holds() })
		}
		stop = run(t, r)
		if wait > 0 {
			time.Sleep(wait)
			stop()
		}
	}
	defer func() { stop() }()
	eventually(t, "both to be live", func() bool { return isLive(r) })
	for i := range 20 {
		if _, err := a.shop.Publish(t.Context(), "orders.new", order(1000+i)); err != nil {
			t.Fatal(err)
		}
	}
	want := uint64(2*days + days + 20)
	eventually(t, "every event to count", func() bool {
		got := counted(instance)

		return got.Processed >= want && got.DeadLetters >= 1
	})
	if got := counted(instance); got.Processed != want || got.LateDropped != 0 || got.Duplicates != 0 || got.DeadLetters != 1 {
		t.Errorf("%+v; want %d processed, one dead letter", got, want)
	}
	for _, s := range r.Status() {
		if s.Behind != 0 || s.Lost != 0 || s.Error != "" || s.Events == 0 {
			t.Errorf("%+v", s)
		}
	}
	for _, s := range r.Look(t.Context()) {
		if s.State != source.Live {
			t.Errorf("from outside: %+v", s)
		}
	}
}

// A stream of which nothing has a time that can be believed goes live as dead letters;
// one that has lost its front says how much.
func TestHistoryWithoutTimesAndFronts(t *testing.T) {
	a := startAccounts(t)
	for i := range 10 {
		if _, err := a.shop.Publish(t.Context(), "orders.old", fmt.Appendf(nil, "noise %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	r := a.runner(t, "owner", "orders;stream=ORDERS;format=native")
	instance := a.process(t, r.Holds)
	stop := run(t, r)
	eventually(t, "dead letters", func() bool { return counted(instance).DeadLetters == 10 })
	eventually(t, "the source to be live", func() bool { return isLive(r) })
	stop()
	for i := range 5 {
		if _, err := a.shop.Publish(t.Context(), "orders.new", order(i)); err != nil {
			t.Fatal(err)
		}
	}
	stream, err := a.shop.Stream(t.Context(), "ORDERS")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Purge(t.Context(), natsjs.WithPurgeSequence(14)); err != nil { // the first that stays
		t.Fatal(err)
	}
	r = a.runner(t, "owner", "orders;stream=ORDERS;format=native")
	stop = run(t, r)
	defer func() { stop() }()
	eventually(t, "the rest", func() bool { return counted(instance).Processed == 2 })
	if s := r.Status()[0]; s.Lost != 3 || s.Sequence != 15 {
		t.Errorf("%+v, want 3 lost and 15 read", s)
	}
}

// The past from a time on, and how it would be read, without a runner.
func TestFromATime(t *testing.T) {
	a := startAccounts(t)
	for i := range 6 {
		if _, err := a.shop.Publish(t.Context(), "orders.new", order(i)); err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			time.Sleep(1100 * time.Millisecond) // times of a setting have no smaller parts
		}
	}
	stream, err := a.shop.Stream(t.Context(), "ORDERS")
	if err != nil {
		t.Fatal(err)
	}
	fourth, err := stream.GetMsg(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	r := a.runner(t, "owner", "orders;stream=ORDERS;format=native;from="+fourth.Time.UTC().Format(time.RFC3339))
	instance := a.process(t, r.Holds)
	stop := run(t, r)
	defer func() { stop() }()
	eventually(t, "the source to be live", func() bool { return isLive(r) })
	eventually(t, "three events", func() bool { return counted(instance).Processed >= 3 })
	if got := counted(instance); got.Processed != 3 {
		t.Errorf("%+v, want the last 3", got)
	}
}

// History that is older than what has been processed live is refused, with what to do;
// with a time from which on it is not, the source goes on, and others do all along.
func TestHistoryBehindLiveInputIsRefused(t *testing.T) {
	a := startAccounts(t)
	instance := a.process(t, nil)
	if _, err := a.ebb.Publish(t.Context(), "engagement.events."+event.Token([]byte("c-1")), order(1)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a live event to count", func() bool { return counted(instance).Processed == 1 })
	if _, err := a.shop.Publish(t.Context(), "orders.old", past("o1", 30*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	r := a.runner(t, "owner", "orders;stream=ORDERS;format=native", "clicks;core=clicks")
	stop := run(t, r)
	eventually(t, "the source to be blocked, and the other live", func() bool {
		s := r.Status()

		return s[0].State == source.Blocked && strings.Contains(s[0].Error, "so its history would all be late; set from: new") && s[1].State == source.Live
	})
	stop()

	// Who says from when on takes what comes as late.
	r = a.runner(t, "owner", "orders;stream=ORDERS;format=native;from=2020-01-01")
	stop = run(t, r)
	defer func() { stop() }()
	eventually(t, "the event to be late", func() bool { return counted(instance).LateDropped == 1 })
}
