package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/sinks/clickhouse"
	"ebb/windows"
)

// endToEndFigures are medians over the turns. CPU seconds are for a million
// events, of this process and of the NATS server; ClickHouse's are apart.
type endToEndFigures struct {
	Raw      float64 `json:"raw_events_per_second"` // the faster of the next two
	RawPlain float64 `json:"raw_nats_go_ordered_events_per_second"`
	RawOurs  float64 `json:"raw_ebb_reader_events_per_second"`
	E2E      float64 `json:"e2e_events_per_second"`
	Ratio    float64 `json:"e2e_ratio"` // median of the turns' own ratios

	RawCPU        float64 `json:"raw_cpu_seconds_per_million"` // of the faster
	RawCPUServer  float64 `json:"raw_cpu_seconds_per_million_nats"`
	RawCPUReader  float64 `json:"raw_cpu_seconds_per_million_reader"`
	E2ECPU        float64 `json:"e2e_cpu_seconds_per_million"`
	E2ECPUServer  float64 `json:"e2e_cpu_seconds_per_million_nats"`
	E2ECPUEngine  float64 `json:"e2e_cpu_seconds_per_million_engine"`
	ClickHouseCPU float64 `json:"e2e_cpu_seconds_clickhouse"`
	CPURatio      float64 `json:"e2e_cpu_ratio"` // raw over e2e

	Events    int     `json:"e2e_events"`
	Customers int     `json:"e2e_customers"`
	Turns     int     `json:"e2e_runs"`
	Publish   float64 `json:"publish_events_per_second"`
	Clock     float64 `json:"e2e_clock_seconds"` // over which the events were stored
	Cuts      int64   `json:"e2e_cuts"`
	Batches   int64   `json:"e2e_batches"`
	Messages  int64   `json:"e2e_messages"` // without the markers
	Rows      uint64  `json:"e2e_rows"`     // written to ClickHouse
	Written   float64 `json:"e2e_clickhouse_caught_up_ms"`
}

// measureEndToEnd fills the input stream once, then takes turns: a bare pull
// with nats.go's ordered consumer, one with ebb's reader, and the whole engine
// on fresh outputs.
func (c *runCommand) measureEndToEnd(ctx context.Context, f *figures, say *progress) (err error) {
	say.step("starting NATS and ClickHouse, each in its own process")
	servers, err := startServers(ctx, say, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, servers.stop()) }()
	js, err := jetstream.Connect(ctx, jetstream.ConnectConfig{URL: servers.nats.address})
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	sink := clickhouse.Config{Address: "http://" + servers.clickhouse.address}
	if err := clickhouse.Prepare(ctx, sink, clickhouse.TTL{}); err != nil {
		return err
	}
	layout := jetstream.Layout{}.WithDefaults()
	if err := jetstream.Provision(ctx, js, layout); err != nil {
		return err
	}
	b, err := c.fill(ctx, servers.nats.address, js, layout, say)
	if err != nil {
		return err
	}
	e := &endToEnd{command: c, servers: servers, js: js, layout: layout, sink: sink, backlog: b, say: say}
	f.endToEndFigures, err = e.turns(ctx)

	return err
}

// endToEnd is what the turns share.
type endToEnd struct {
	command *runCommand
	servers *servers
	js      natsjs.JetStream
	layout  jetstream.Layout
	sink    clickhouse.Config
	backlog *backlog
	say     *progress
}

// cost is what reading the backlog took.
type cost struct {
	seconds             float64
	engine, nats, click float64 // CPU seconds
}

func (e *endToEnd) turns(ctx context.Context) (*endToEndFigures, error) {
	out := &endToEndFigures{
		Events: e.backlog.events, Customers: e.command.Customers,
		Publish: e.backlog.rate, Clock: e.backlog.span.Seconds(),
	}
	var plain, ours, whole []cost
	for turn := range e.command.Runs {
		start := time.Now()
		p, err := e.measure(ctx, e.pullPlain)
		if err != nil {
			return nil, fmt.Errorf("bare pull: %w", err)
		}
		o, err := e.measure(ctx, e.pullOurs)
		if err != nil {
			return nil, fmt.Errorf("bare pull: %w", err)
		}
		w, err := e.runEngine(ctx, out, "")
		if err != nil {
			return nil, fmt.Errorf("engine: %w", err)
		}
		e.say.step("turn %d of %d: nats.go %.0f/s, ebb's reader %.0f/s, engine %.0f/s",
			turn+1, e.command.Runs, e.rate(p), e.rate(o), e.rate(w))
		plain, ours, whole = append(plain, p), append(ours, o), append(whole, w)
		out.Turns++
		if e.command.left() < time.Since(start) && out.Turns < e.command.Runs {
			e.say.step("time is up after %d turns", out.Turns)

			break
		}
	}
	if e.command.Profile {
		w, err := e.runEngine(ctx, out, filepath.Join(e.command.Folder, "engine.pprof"))
		if err != nil {
			return nil, fmt.Errorf("engine: %w", err)
		}
		e.say.step("profiled: engine %.0f/s", e.rate(w))
	}
	e.sum(out, plain, ours, whole)

	return out, nil
}

func (e *endToEnd) rate(c cost) float64 { return float64(e.backlog.events) / c.seconds }

func (e *endToEnd) sum(out *endToEndFigures, plain, ours, whole []cost) {
	each := func(costs []cost, f func(cost) float64) float64 {
		values := make([]float64, len(costs))
		for i, c := range costs {
			values[i] = f(c)
		}

		return median(values)
	}
	millions := float64(e.backlog.events) / 1e6
	cpu := func(c cost) float64 { return (c.engine + c.nats) / millions }

	out.RawPlain, out.RawOurs, out.E2E = each(plain, e.rate), each(ours, e.rate), each(whole, e.rate)
	faster := plain
	if out.RawOurs > out.RawPlain {
		faster = ours
	}
	out.Raw, out.RawCPU, out.E2ECPU = each(faster, e.rate), each(faster, cpu), each(whole, cpu)
	out.RawCPUServer = each(faster, func(c cost) float64 { return c.nats / millions })
	out.RawCPUReader = each(faster, func(c cost) float64 { return c.engine / millions })
	out.E2ECPUServer = each(whole, func(c cost) float64 { return c.nats / millions })
	out.E2ECPUEngine = each(whole, func(c cost) float64 { return c.engine / millions })
	out.ClickHouseCPU = each(whole, func(c cost) float64 { return c.click })
	out.CPURatio = out.RawCPU / out.E2ECPU
	ratios := make([]float64, len(whole))
	for i := range whole {
		ratios[i] = faster[i].seconds / whole[i].seconds
	}
	out.Ratio = median(ratios)
}

// measure times f, on the wall and on the processors.
func (e *endToEnd) measure(ctx context.Context, f func(context.Context) error) (cost, error) {
	runtime.GC()
	before, err := e.spent()
	if err != nil {
		return cost{}, err
	}
	start := time.Now()
	if err := f(ctx); err != nil {
		return cost{}, err
	}
	seconds := time.Since(start).Seconds()
	after, err := e.spent()

	return cost{seconds, after.engine - before.engine, after.nats - before.nats, after.click - before.click}, err
}

func (e *endToEnd) spent() (cost, error) {
	nats, err := e.servers.nats.cpuSeconds()
	if err != nil {
		return cost{}, err
	}
	click, err := e.servers.clickhouse.cpuSeconds()

	return cost{engine: cpuSeconds(), nats: nats, click: click}, err
}

// runEngine lets a whole engine start from nothing and work the backlog off,
// until every partition has committed everything.
func (e *endToEnd) runEngine(ctx context.Context, out *endToEndFigures, profile string) (cost, error) {
	if err := removeOutputs(ctx, e.js, e.layout); err != nil {
		return cost{}, err
	}
	sink, err := clickhouse.Connect(e.sink)
	if err != nil {
		return cost{}, err
	}
	defer sink.Close()
	stopProfile, err := startProfile(profile)
	if err != nil {
		return cost{}, err
	}

	var run *engine
	spent, err := e.measure(ctx, func(ctx context.Context) error {
		var err error
		run, err = startEngine(ctx, e.servers.nats.address, e.layout, e.config(), sink)
		if err != nil {
			return err
		}

		return run.wait(ctx, e.backlog.ends)
	})
	if run == nil {
		return cost{}, errors.Join(err, stopProfile())
	}
	err = errors.Join(err, stopProfile())
	if err == nil {
		err = e.look(ctx, run, out)
	}

	return spent, errors.Join(err, run.stop())
}

// look notes what came out, once it is written.
func (e *endToEnd) look(ctx context.Context, run *engine, out *endToEndFigures) error {
	start := time.Now()
	out.Cuts, out.Batches, out.Messages = run.cuts.Load(), run.batches.Load(), run.messages.Load()
	if counts := run.counts(); counts.Processed != uint64(e.backlog.events) {
		return fmt.Errorf("%d events were published, and the engine counted %+v", e.backlog.events, counts)
	}
	if err := run.feed.CaughtUp(ctx); err != nil {
		return err
	}
	out.Written = float64(time.Since(start).Milliseconds())
	out.Rows = run.feed.Counters(0).Rows.Load()

	return nil
}

func (e *endToEnd) config() meaning.Config {
	config := e.command.config()
	if e.command.Dense {
		config.Lengths = append([]windows.Length{{Name: "10s", Size: 10_000, Slide: 1000}}, config.Lengths...)
	}

	return config
}

// pullPlain reads the backlog as a program with nats.go would, with as much
// read ahead as ebb has.
func (e *endToEnd) pullPlain(ctx context.Context) error {
	const readAhead = 8192
	consumer, err := e.js.OrderedConsumer(ctx, e.layout.Stream, natsjs.OrderedConsumerConfig{})
	if err != nil {
		return err
	}
	done := make(chan struct{})
	var seen uint64
	reading, err := consumer.Consume(func(natsjs.Msg) {
		if seen++; seen == e.backlog.last {
			close(done)
		}
	}, natsjs.PullMaxMessages(readAhead))
	if err != nil {
		return err
	}
	defer reading.Stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// pullOurs reads it as ebb does.
func (e *endToEnd) pullOurs(ctx context.Context) error {
	source, err := jetstream.NewInput(e.js, e.layout).Open(ctx, 1)
	if err != nil {
		return err
	}
	for {
		records, err := source.Next(ctx)
		if err != nil {
			return errors.Join(err, source.Close())
		}
		if records[len(records)-1].Sequence >= e.backlog.last {
			return source.Close()
		}
	}
}
