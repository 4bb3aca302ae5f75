package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nuid"

	"ebb/pipeline/jetstream"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// restartRun is what one process saw of its start and stop.
type restartRun struct {
	Restored float64 `json:"restored"` // s until the instance was there
	First    float64 `json:"first"`    // s until the first commit
	Stop     float64 `json:"stop"`     // s
	Pause    float64 `json:"pause"`    // ms
	Empty    int64   `json:"empty"`    // bytes of resident memory, at these times
	Starting int64   `json:"starting"`
	Running  int64   `json:"running"`
	Stopping int64   `json:"stopping"`
}

// restartCommand starts an instance on what the server holds, waits until it
// has taken and committed everything, and stops it.
type restartCommand struct {
	URL       string `arg:""`
	Customers int    `default:"1500000"`

	counted
}

// firstCommit hears of the first one.
type firstCommit struct {
	observed
	at chan time.Time
}

func (f *firstCommit) Committed(cut *shard.Cut, messages int) {
	select {
	case f.at <- time.Now():
	default:
	}
	f.observed.Committed(cut, messages)
}

// Run prints a restartRun.
func (c *restartCommand) Run(ctx context.Context, std streams) error {
	begin, out := time.Now(), restartRun{}
	out.Empty, _ = resident()
	js, err := jetstream.Connect(ctx, jetstream.ConnectConfig{URL: c.URL, Name: "ebbbench"})
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	layout := jetstream.Layout{}.WithDefaults()
	manifests, err := jetstream.NewManifests(ctx, js, layout)
	if err != nil {
		return err
	}
	snapshots, err := jetstream.NewSnapshots(ctx, js, layout)
	if err != nil {
		return err
	}
	heard := &firstCommit{at: make(chan time.Time, 1)}
	input := jetstream.NewInput(js, layout)
	highest := watchMemory(ctx)
	instance, err := own.NewInstance(ctx, c.config(), own.Ports{
		Input: input, Outputs: jetstream.NewOutputs(js, layout), Manifests: manifests, Snapshots: snapshots,
	}, own.Options{Nonce: nuid.Next(), Observer: heard, SnapshotInterval: 20 * time.Second})
	if err != nil {
		return err
	}
	out.Restored, out.Starting = time.Since(begin).Seconds(), highest()

	running, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- instance.Run(running) }()
	if err := input.Tick(ctx, 0); err != nil { // something to commit
		return err
	}
	select {
	case at := <-heard.at:
		out.First = at.Sub(begin).Seconds()
	case err := <-done:
		return errors.Join(errors.New("it ended before its first commit"), err)
	}
	if err := c.wait(ctx, instance); err != nil {
		return err
	}
	out.Running, _ = memoryNow()
	highest = watchMemory(ctx)
	before := time.Now()
	stop()
	if err := <-done; err != nil {
		return err
	}
	out.Stop, out.Stopping = time.Since(before).Seconds(), highest()
	for _, p := range instance.Progress() {
		out.Pause = max(out.Pause, float64(p.SnapshotPause.Microseconds())/1000)
	}

	return json.NewEncoder(std.out).Encode(out)
}

// wait waits until all customers are known.
func (c *restartCommand) wait(ctx context.Context, instance *own.Instance) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		var known int64
		var counts shard.Counts
		for _, p := range instance.Progress() {
			known += p.Customers
			counts.Add(p.Counts)
		}
		if known >= int64(c.Customers) && counts.Processed >= 2*uint64(c.Customers) {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d customers: %w", known, c.Customers, context.Cause(ctx))
		}
	}
}

// watchMemory looks at the resident memory until the function that it returns
// is called, which gives the most.
func watchMemory(ctx context.Context) (highest func() int64) {
	watching, stop := context.WithCancel(ctx)
	var most atomic.Int64
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			now, _ := resident()
			most.Store(max(most.Load(), now))
			select {
			case <-ticker.C:
			case <-watching.Done():
				return
			}
		}
	}()

	return func() int64 {
		stop()
		<-ended

		return most.Load()
	}
}
