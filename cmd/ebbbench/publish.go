package main

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/jetstream"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/pipeline/simulate"
)

// publishAhead is how many events wait for their acknowledgment at most.
const publishAhead = 16_384

// publishPatience is how long the server may take to store some of them.
const publishPatience = 30 * time.Second

// publisher sends live events as producers would, and does not wait for each.
type publisher struct {
	js      natsjs.JetStream
	prefix  string
	traffic *simulate.Traffic
	failed  chan error // the first one
	subject []byte
	stall   natsjs.PublishOpt
}

func newPublisher(url string, layout jetstream.Layout, traffic *simulate.Traffic) (*publisher, error) {
	conn, err := nats.Connect(url)
	if err != nil {
		return nil, err
	}
	p := &publisher{prefix: layout.Prefix + ".events.", traffic: traffic, failed: make(chan error, 1),
		stall: natsjs.WithStallWait(publishPatience)}
	p.js, err = natsjs.New(conn,
		natsjs.WithPublishAsyncMaxPending(publishAhead),
		natsjs.WithPublishAsyncErrHandler(func(_ natsjs.JetStream, _ *nats.Msg, err error) {
			select {
			case p.failed <- err:
			default: // the first says enough
			}
		}))
	if err != nil {
		conn.Close()

		return nil, err
	}

	return p, nil
}

// send sends one event of the customer with the time at, in Unix ms.
func (p *publisher) send(customer uint64, at int64) error {
	p.subject = simulate.AppendCustomer(append(p.subject[:0], p.prefix...), customer)
	_, err := p.js.PublishAsync(string(p.subject), p.traffic.AppendEvent(nil, customer, at), p.stall)

	return err
}

// finish waits until all is stored and closes the connection.
func (p *publisher) finish(ctx context.Context) error {
	defer p.js.Conn().Close()
	select {
	case <-p.js.PublishAsyncComplete():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-p.failed:
		return fmt.Errorf("publish events: %w", err)
	default:
		return nil
	}
}

// backlog is what a run reads: the stream up to the sequence last.
type backlog struct {
	events int
	last   uint64
	ends   []uint64 // sequence of each partition's last event
	rate   float64  // events a second while publishing
	span   time.Duration
}

// minuteLead is how long before the end of a minute publishing begins, so that
// windows end within the backlog.
const minuteLead = 8 * time.Second

// minuteEvents is below which publishing takes no time worth waiting for.
const minuteEvents = 100_000

// fill publishes events whose times are up to three seconds before now, and
// after them one tick a partition, which brings about the last cuts.
func (c *runCommand) fill(ctx context.Context, url string, js natsjs.JetStream, layout jetstream.Layout, say *progress) (*backlog, error) {
	if c.Events >= minuteEvents {
		say.step("waiting for the end of a minute, so that windows end within the events")
		if err := pause(ctx, untilMinute(time.Now(), minuteLead)); err != nil {
			return nil, err
		}
	}
	say.step("publishing %d events", c.Events)
	p, err := newPublisher(url, layout, simulate.NewTraffic(simulate.TrafficConfig{
		Seed: 1, Customers: c.Customers, Rate: 1, Start: time.Now(),
	}))
	if err != nil {
		return nil, err
	}
	b, start := &backlog{}, time.Now()
	for i := range c.Events {
		if time.Since(start) > c.Budget/10 {
			say.step("publishing is slow here; going on with %d events", b.events)

			break
		}
		if err := p.send(p.traffic.Customer(), time.Now().UnixMilli()-int64(i%3000)); err != nil {
			return nil, err
		}
		b.events++
	}
	if err := p.finish(ctx); err != nil {
		return nil, err
	}
	b.span = time.Since(start)
	b.rate = float64(b.events) / b.span.Seconds()
	say.step("published %d events at %.0f/s", b.events, b.rate)

	err = b.close(ctx, js, layout)

	return b, err
}

// close adds the ticks.
func (b *backlog) close(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) error {
	if err := pause(ctx, 2*time.Second); err != nil { // into another cut interval
		return err
	}
	stream, err := js.Stream(ctx, layout.Stream)
	if err != nil {
		return err
	}
	input := jetstream.NewInput(js, layout)
	for partition := range layout.Partitions {
		message, err := stream.GetLastMsgForSubject(ctx, fmt.Sprintf("%s.p.%d", layout.Prefix, partition))
		if err != nil {
			return fmt.Errorf("last event of partition %d: %w", partition, err)
		}
		b.ends = append(b.ends, message.Sequence)
		if err := input.Tick(ctx, partition); err != nil {
			return err
		}
	}
	b.last, err = input.Last(ctx)

	return err
}

// untilMinute is how long to wait until lead before the end of a minute.
func untilMinute(now time.Time, lead time.Duration) time.Duration {
	begin := now.Truncate(time.Minute).Add(time.Minute - lead)
	if begin.Before(now) {
		if now.Sub(begin) < lead/2 {
			return 0
		}
		begin = begin.Add(time.Minute)
	}

	return begin.Sub(now)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// counting counts what goes to the output streams.
type counting struct {
	own.Outputs
	observed *observed
}

// Publish counts a batch that was stored.
func (c counting) Publish(ctx context.Context, stream shard.Stream, partition int, last uint64,
	messages []shard.Message, marker own.Marker) (uint64, error) {
	stored, err := c.Outputs.Publish(ctx, stream, partition, last, messages, marker)
	if err == nil {
		c.observed.batches.Add(1)
		c.observed.messages.Add(int64(len(messages)))
	}

	return stored, err
}
