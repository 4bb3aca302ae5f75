package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/simulate"
)

// simulateCommand is `ebb simulate`.
type simulateCommand struct {
	Out       string               `name:"out" placeholder:"FILE" help:"Write a history that ends now to this file, as JSON lines for ebb replay, instead of publishing; - for standard output."`
	Days      int                  `name:"days" default:"120" placeholder:"N" help:"Days of the history of --out, 1 to 730."`
	Customers int                  `name:"customers" default:"500" placeholder:"N" help:"Simulated customers at the beginning, 1 to 1000000; others join."`
	Seed      uint64               `name:"seed" default:"1" placeholder:"N" help:"The same seed gives the same customers."`
	Gap       setting.Duration     `name:"gap" placeholder:"DURATION" help:"Pause between two visits of the median customer, 1m to 365d. By default 1h where they are published as they come, and 7d for --out."`
	JSON      bool                 `name:"json" help:"Print what was published or written as JSON at the end."`
	NATS      setting.NATSConfig   `embed:"" prefix:"nats." group:"NATS"`
	Stream    setting.StreamConfig `embed:"" prefix:"stream." group:"Stream"`
	Log       setting.LogConfig    `embed:"" prefix:"log." group:"Log"`
}

// Defaults of --gap.
const (
	liveGap    = time.Hour
	historyGap = 7 * setting.Day
)

// Help is shown by ebb simulate --help.
func (simulateCommand) Help() string {
	return "Publishes what made-up customers do, as it happens, into the stream that ebb run reads, until it is interrupted: " +
		"something to look at before your own events come. Use a stream of its own for that; what was published is counted like " +
		"anything else. It needs the rights of a producer alone. With --out it writes a history to a file instead.\n\n" +
		term.Examples(
			"ebb simulate",
			"ebb simulate --customers 20000 --gap 1d",
			"ebb simulate --out history.jsonl --days 90 && ebb replay history.jsonl --shift now",
		)
}

// Validate refuses what can't be simulated.
func (c *simulateCommand) Validate() error {
	return errors.Join(
		setting.Refuse(c.Days < 1 || c.Days > 730, "--days", fmt.Sprint(c.Days), "use 1 to 730"),
		setting.Refuse(c.Customers < 1 || c.Customers > 1_000_000, "--customers", fmt.Sprint(c.Customers), "use 1 to 1000000"),
		setting.Refuse(c.Gap != 0 && (time.Duration(c.Gap) < time.Minute || time.Duration(c.Gap) > 365*setting.Day), "--gap", c.Gap.String(), "use 1m to 365d"),
	)
}

// Run publishes or writes.
func (c *simulateCommand) Run(ctx context.Context, to call.Streams) error {
	if c.Out != "" {
		return c.write(ctx, to)
	}
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	gap := time.Duration(c.Gap)
	if gap == 0 {
		gap = liveGap
	}
	now := time.Now().UTC()
	simulator, err := c.simulator(now.Add(-3*gap), now, gap)
	if err != nil {
		return err
	}
	for _, ok := simulator.Next(); ok && ctx.Err() == nil; _, ok = simulator.Next() {
		continue // they have been there for a while
	}
	layout := c.Stream.Layout()
	if !c.JSON {
		if _, err := fmt.Fprintf(to.Out, "publishing to %s.events.> what %d customers do, of whom half come every %s or so, until interrupted\n",
			layout.Prefix, c.Customers, setting.Duration(gap)); err != nil {
			return err
		}
	}
	published, err := publishLive(ctx, js, layout, simulator)
	if err != nil {
		return err
	}

	return c.say(to.Out, "published", published)
}

// simulator makes customers who send no garbage, in an order that producers have.
func (c *simulateCommand) simulator(start, end time.Time, gap time.Duration) (*simulate.Simulator, error) {
	config := simulate.Defaults(start)
	config.End, config.Customers, config.Seed, config.MedianGap = end, c.Customers, c.Seed, gap
	config.MeanStay = max(40*gap, time.Hour)
	config.GarbageShare = 0

	return simulate.New(config)
}

// publishLive publishes what happens from now on. It waits for the server to have
// stored the events of a turn before it goes on, so that they are no more than those
// of a moment when the server is away. The event on its way at the end is waited for: it
// may be stored already, and then counts.
func publishLive(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout, simulator *simulate.Simulator) (published uint64, err error) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return published, nil
		case now := <-ticker.C:
			simulator.Until(now)
			for item, ok := simulator.Next(); ok; item, ok = simulator.Next() {
				if ctx.Err() != nil {
					return published, nil
				}
				_, err := js.Publish(context.WithoutCancel(ctx), layout.Prefix+".events."+event.Token(item.Customer), item.Body)
				switch {
				case errors.Is(err, natsjs.ErrNoStreamResponse):
					return published, fmt.Errorf("no stream takes %s.events.>: %w; start ebb run first, or correct stream.prefix", layout.Prefix, err)
				case err != nil:
					return published, fmt.Errorf("publish a simulated event: %w", err)
				}
				published++
			}
		}
	}
}

// write writes a history in the order of arrival.
func (c *simulateCommand) write(ctx context.Context, to call.Streams) (err error) {
	gap := time.Duration(c.Gap)
	if gap == 0 {
		gap = historyGap
	}
	end := time.Now().UTC().Truncate(time.Second)
	simulator, err := c.simulator(end.Truncate(setting.Day).AddDate(0, 0, -c.Days), end, gap)
	if err != nil {
		return err
	}
	out, said := to.Out, to.Err
	if c.Out != "-" {
		file, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("--out: %w; name a new file in a folder that there is", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out, said = file, to.Out
	}
	w := bufio.NewWriter(out)
	written := uint64(0)
	for item, ok := simulator.Next(); ok; item, ok = simulator.Next() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, err := w.Write(append(item.Body, '\n')); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
		written++
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("--out: %w", err)
	}

	return c.say(said, "wrote", written)
}

func (c *simulateCommand) say(to io.Writer, what string, events uint64) error {
	if c.JSON {
		return json.NewEncoder(to).Encode(map[string]uint64{"events": events})
	}
	_, err := fmt.Fprintf(to, "%s %d events of %d customers and those who joined\n", what, events, c.Customers)

	return err
}
