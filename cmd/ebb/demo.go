package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
	"ebb/pipeline/churn"
	"ebb/pipeline/imports"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/replay"
	"ebb/sinks/clickhouse"
)

// demoCommand is `ebb demo`.
type demoCommand struct {
	Events         string        `name:"events" type:"existingfile" placeholder:"FILE" help:"Read these events (CSV or JSON lines, plain or .gz) instead of simulating customers."`
	Mapping        string        `name:"mapping" placeholder:"NAME|FILE" help:"How the columns of --events become fields: a YAML file, or the name of a mapping that comes with ebb. Chosen by the columns if left out."`
	Dir            string        `name:"dir" type:"path" placeholder:"DIR" help:"Folder for the data of NATS and ClickHouse, kept; the same folder goes on where it stopped. Without it a temporary one is removed at the end."`
	Verify         bool          `name:"verify" help:"Derive every stored row anew with SQL from the raw stream and compare; exit 1 where they differ."`
	ChaosOrder     bool          `name:"chaos-order" help:"Shuffle the events within the allowed lateness; the rollups must be the same."`
	PublishTwice   bool          `name:"publish-twice" help:"Publish every event twice; the rollups must be the same."`
	Serve          bool          `name:"serve" help:"Keep serving when done, until interrupted; simulated customers go on living."`
	JSON           bool          `name:"json" help:"Print JSON."`
	Customers      int           `name:"customers" default:"500" placeholder:"N" help:"Simulated customers at the beginning, 1 to 1000000; others join."`
	Days           int           `name:"days" default:"120" placeholder:"N" help:"Simulated days, 1 to 730."`
	Seed           uint64        `name:"seed" default:"1" placeholder:"N" help:"Seed of the simulation; the same seed gives the same customers, all day (UTC)."`
	Shift          string        `name:"shift" enum:",now" default:"" placeholder:"now" help:"now: move the events in time, so that the last one happens now."`
	Horizon        string        `name:"horizon" default:"auto" placeholder:"DURATION|auto" help:"Risk is the probability of no engagement for so long, 1m to 3660d. auto takes one from the rhythm of the events, and 21d for simulated customers."`
	Rules          RuleConfig    `embed:"" prefix:"churn." group:"Churn"`
	Alerts         AlertConfig   `embed:"" prefix:"churn." group:"Churn"`
	TTL            WindowsConfig `embed:"" prefix:"ttl." group:"Retention in ClickHouse"`
	NATSPort       int           `name:"nats-port" default:"0" placeholder:"PORT" help:"Port of NATS on 127.0.0.1; 0 takes a free one."`
	ClickHousePort int           `name:"clickhouse-port" default:"0" placeholder:"PORT" help:"Port of ClickHouse (HTTP) on 127.0.0.1; 0 takes a free one."`
	Log            demoLog       `embed:"" prefix:"log." group:"Log"`

	horizon Duration // of Horizon, set by Validate; of auto that of simulated customers
}

// demoLog is LogConfig with another default: progress and summary say what a
// demo's log would.
type demoLog struct {
	Format string `name:"format" default:"text" enum:"text,json" placeholder:"text|json" help:"Format of log lines."`
	Level  string `name:"level" default:"warn" enum:"debug,info,warn,error" placeholder:"debug|info|warn|error" help:"Lowest level that is logged."`
}

// Help is shown by ebb demo --help.
func (demoCommand) Help() string {
	return "Starts NATS and ClickHouse in this process, feeds events through the whole pipeline and shows what comes out. " +
		"With EBB_NATS_URL or EBB_CLICKHOUSE_ADDR set, those servers are used instead.\n\n" +
		examples(
			"ebb demo",
			"ebb demo --serve --customers 20000 --clickhouse-port 8123",
			"ebb demo --events events.csv.gz --mapping shop.yaml --verify",
			"ebb demo --events events.jsonl --chaos-order --publish-twice --verify --json",
			"ebb demo --events events.csv.gz --dir ./demo   # again, after an interrupt, goes on",
		)
}

// Validate refuses what does not go together.
func (c *demoCommand) Validate() error {
	if err := c.readHorizon(); err != nil {
		return err
	}

	rules := churn.Defaults()
	c.Rules.add(&rules, rules.LeastRisk)

	return errors.Join(
		rules.Validate(),
		refuse(c.Mapping != "" && c.Events == "", "--mapping", c.Mapping, "it maps the columns of --events; name them too"),
		refuseOutside("--customers", c.Customers, 1, 1_000_000),
		refuseOutside("--days", c.Days, 1, 730),
		refuseOutside("--horizon", c.horizon, Duration(churn.MinHorizon*int64(time.Millisecond)), Duration(churn.MaxHorizon*int64(time.Millisecond))),
		refuseOutside("--nats-port", c.NATSPort, 0, 65535),
		refuseOutside("--clickhouse-port", c.ClickHousePort, 0, 65535),
	)
}

// demoDatabase is the database of the demo's tables.
const demoDatabase = "ebb"

// demo is a demo on its way.
type demo struct {
	command    *demoCommand
	to         streams
	log        *slog.Logger
	dir        string
	js         natsjs.JetStream
	natsURL    string
	clickhouse clickhouse.Config
	layout     jetstream.Layout
	config     pipeline.Config
	plan       *replay.Plan
	simulation *simulation // nil with --events
	engine     *engine
	kept       *keptLease
	began      time.Time
}

// Run runs the demo.
func (c *demoCommand) Run(ctx context.Context, to streams) (err error) {
	d := &demo{command: c, to: to, log: (*LogConfig)(&c.Log).logger(to.err), dir: c.Dir, began: time.Now()}
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "ebb-demo-"); err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
		defer os.RemoveAll(d.dir)
	}

	return d.run(ctx)
}

// run is the demo from the servers up to the summary.
func (d *demo) run(ctx context.Context) (err error) {
	fmt.Fprintln(d.to.err, "Starting NATS and ClickHouse.")
	stop, err := d.startServers(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := d.prepare(ctx); err != nil {
		return err
	}
	if err := d.startPipeline(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stopPipeline()) }()

	status, err := d.feed(ctx)
	if err != nil {
		return d.engine.cause(err)
	}
	if c := d.command; c.Verify {
		// Live time goes on after an import that reaches up to now, so the
		// engine stops for as long as stream and tables are compared.
		if err := d.engine.drain(ctx); err != nil {
			return err
		}
	}
	report, err := d.report(ctx, status)
	if err != nil {
		return err
	}
	if err := report.print(d.to, d.command.JSON); err != nil {
		return err
	}
	if err := report.failure(); err != nil {
		return err
	}
	if !d.command.Serve {
		return nil
	}

	return d.serve(ctx)
}

// prepare decides what is fed, and with which settings.
func (d *demo) prepare(ctx context.Context) (err error) {
	c := d.command
	d.config = pipeline.DefaultConfig()
	d.layout = jetstream.Layout{Partitions: d.config.Partitions}.WithDefaults()
	d.setHorizon(time.Duration(c.horizon))
	options := replay.Options{
		Partitions: d.config.Partitions,
		ShiftToNow: c.Shift == "now",
		Chaos:      c.ChaosOrder,
		Twice:      c.PublishTwice,
		Seed:       c.Seed,
		Lateness:   d.config.Lateness,
		Skew:       d.config.Skew,
	}
	if c.Events == "" {
		if d.simulation, err = newSimulation(ctx, d.dir, c); err != nil {
			return err
		}
		d.plan, err = d.simulation.plan(options)

		return err
	}
	source := replay.FileSource(c.Events).Until(ctx)
	mapping, err := replay.LoadMapping(c.Mapping, source)
	if err != nil {
		return err
	}
	if mapping.Lateness != nil {
		d.config.Lateness = time.Duration(*mapping.Lateness)
	}
	if mapping.Skew != nil {
		d.config.Skew = time.Duration(*mapping.Skew)
	}
	if options.Latest, err = imports.Latest(ctx, d.js, d.layout, d.config.Skew); err != nil {
		return err
	}
	limits := replay.Limits{Lateness: d.config.Lateness, Skew: d.config.Skew}
	if !options.ShiftToNow {
		limits.Latest = options.Latest
	}
	d.config.Duplicates = mapping.DuplicatesOver(d.config.Duplicates)
	survey, err := replay.NewSurvey(ctx, source, mapping, d.config.Vocabulary, limits)
	if err != nil {
		return err
	}
	if err := survey.Check(); err != nil {
		return err
	}
	sayAll(d.to.err, survey.Words("under vocabulary.types of a mapping"))
	if survey.Qualifying == 0 {
		sayAll(d.to.err, []string{survey.NoEngagement("under vocabulary.types of a mapping", mappingEntry)})
	}
	if c.Horizon == autoHorizon && survey.Qualifying > 0 {
		if err := d.suggestHorizon(ctx, source, mapping, limits.Latest); err != nil {
			return err
		}
	}
	d.config.Vocabulary = survey.Mapping.AddTo(d.config.Vocabulary)
	options.Lateness, options.Skew = d.config.Lateness, d.config.Skew
	if d.plan, err = survey.Plan(options); err != nil {
		return err
	}
	shift := d.plan.Shift(d.began)
	sayAll(d.to.err, (&TTLConfig{WindowsConfig: c.TTL}).retention(d.began, d.plan.First+shift, 0))

	return nil
}

// startPipeline migrates the database and starts the engine, unless another ebb
// runs already.
func (d *demo) startPipeline(ctx context.Context) (err error) {
	if d.kept, err = d.takeLease(ctx); err != nil {
		return err
	}
	if err := d.startEngine(ctx); err != nil {
		return d.kept.end(err)
	}

	return nil
}

func (d *demo) startEngine(ctx context.Context) error {
	// Windows that are too old are not produced; nothing that is expires, so
	// that --verify compares what stays as it is.
	if err := clickhouse.Prepare(ctx, d.clickhouse, clickhouse.TTL{}); err != nil {
		return err
	}
	sink, err := clickhouse.Connect(d.clickhouse)
	if err != nil {
		return err
	}
	d.engine, err = startEngine(ctx, engineConfig{
		js: d.js, layout: d.layout, pipeline: d.config, sink: sink, log: d.log,
	})

	return err
}

// stopPipeline stops the engine and gives the lease up.
func (d *demo) stopPipeline() error { return d.kept.end(d.engine.stop()) }

// feed imports the events and waits until everything is through.
func (d *demo) feed(ctx context.Context) (jetstream.ImportStatus, error) {
	bar := newProgress(d.to.err, "importing")
	var ids replay.IDs
	defer func() {
		bar.close()
		sayAll(d.to.err, ids.Words)
	}()
	running, cancel := d.engine.whileRunning(ctx)
	defer cancel()
	status, err := imports.Importer{
		JS: d.js, Layout: d.layout, Plan: d.plan, Resume: d.command.Dir != "",
		Expired: d.command.TTL.Rollups.expired(d.began),
		Progress: func(p replay.Progress) {
			counts, levels, _ := d.engine.totals()
			bar.set(p.Rows, p.TotalRows, fmt.Sprintf("at risk %d, watermark %s, processed %d",
				levels[2], time.UnixMilli(p.Clock).Add(-d.config.Lateness).UTC().Format(time.DateTime), counts.Processed))
		},
		Compared: func(found replay.IDs) { ids = found },
	}.Run(running)
	if err == nil {
		err = d.engine.settled(running, d.js, d.layout)
	}

	return status, demoError(err, ctx.Err() != nil, d.command.Dir)
}

// demoError says what to do about an import that did not end; the import's own
// error speaks of the flags of replay.
func demoError(err error, interrupted bool, dir string) error {
	switch {
	case err == nil:
		return nil
	case interrupted && dir == "":
		return errors.New("interrupted; with --dir the next demo would go on from here")
	case interrupted:
		return fmt.Errorf("interrupted; the same command with --dir %q goes on from here", dir)
	case errors.Is(err, jetstream.ErrImportOpen):
		return fmt.Errorf("%w; a demo of other events needs another --dir", err)
	}

	return err
}

// serve keeps everything running until it is interrupted; simulated customers
// go on living.
func (d *demo) serve(ctx context.Context) error {
	if d.command.Verify {
		if err := errors.Join(d.stopPipeline(), d.startPipeline(ctx)); err != nil {
			return err
		}
	}
	fmt.Fprintln(d.to.err, "Serving; Ctrl-C stops.")
	ctx, cancel := d.engine.whileRunning(ctx)
	defer cancel()
	if d.simulation != nil {
		return d.simulation.live(ctx, d.js, d.layout)
	}
	<-ctx.Done()

	return nil
}
