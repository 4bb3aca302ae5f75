// Package demo is `ebb demo`: history and live events, the whole pipeline and
// both servers in one process, a report for people, and the proof of every row.
//
// It ends only processes and removes only files that it made itself; its servers
// listen on loopback. Read demo.go first, then report.go and verify.go for what
// comes out.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/serve"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/churn"
	"ebb/pipeline/imports"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/replay"
	"ebb/pipeline/vocabulary"
	"ebb/sinks/clickhouse"
)

// Command is `ebb demo`.
type Command struct {
	Events         string                 `name:"events" type:"existingfile" placeholder:"FILE" help:"Read these events (CSV, JSON lines or Parquet, plain, .gz, .zst or .zip) instead of simulating customers."`
	Mapping        string                 `name:"mapping" placeholder:"NAME|FILE" help:"How the columns of --events become fields: a YAML file, or the name of a mapping that comes with ebb. Chosen by the columns if left out."`
	Dir            string                 `name:"dir" type:"path" placeholder:"DIR" help:"Folder for the data of NATS and ClickHouse, kept; the same folder goes on where it stopped. Without it a temporary one is removed at the end."`
	Verify         bool                   `name:"verify" help:"Derive every stored row anew with SQL from the raw stream and compare; exit 1 where they differ."`
	Raw            string                 `name:"raw" type:"path" placeholder:"FILE" help:"Write every record that was read to this file, as JSON lines in their order (.gz: compressed): what came, before anything is judged."`
	ChaosOrder     bool                   `name:"chaos-order" help:"Shuffle the events within the allowed lateness; the rollups must be the same, but for metrics that follow customers from event to event."`
	PublishTwice   bool                   `name:"publish-twice" help:"Publish every event twice; the rollups must be the same."`
	Serve          bool                   `name:"serve" help:"Keep serving when done, until interrupted; simulated customers go on living."`
	Dashboard      bool                   `name:"dashboard" help:"Keep serving, and show the dashboards as web pages on this machine, without Grafana."`
	JSON           bool                   `name:"json" help:"Print JSON."`
	Customers      int                    `name:"customers" default:"500" placeholder:"N" help:"Simulated customers at the beginning, 1 to 1000000; others join."`
	Days           int                    `name:"days" default:"120" placeholder:"N" help:"Simulated days, 1 to 730."`
	Seed           uint64                 `name:"seed" default:"1" placeholder:"N" help:"Seed of the simulation; the same seed gives the same customers, all day (UTC)."`
	Shift          string                 `name:"shift" enum:",now" default:"" placeholder:"now" help:"now: move the events in time, so that the last one happens now."`
	Horizon        string                 `name:"horizon" default:"auto" placeholder:"DURATION|auto" help:"Risk is the probability of no engagement for so long, 1m to 3660d. auto takes one from the rhythm of the events, and 21d for simulated customers."`
	Metrics        []string               `name:"metrics" default:"all" placeholder:"NAME,…" help:"Metrics that are counted, as the setting of ebb run takes them: all, base, none or names."`
	Rollups        []setting.RollupEntry  `name:"rollups" placeholder:"ENTRY" help:"Rollups of your own, as the setting of ebb run takes them: NAME=FIELD+FIELD with any of ;value, ;metric=NAME, ;at_most=N and ;types=TYPE|TYPE."`
	Rules          setting.RuleConfig     `embed:"" prefix:"churn." group:"Churn"`
	Alerts         setting.AlertConfig    `embed:"" prefix:"churn." group:"Churn"`
	Calendar       setting.CalendarConfig `embed:"" prefix:"calendar."`
	Margin         setting.MarginConfig   `embed:"" prefix:"customers."`
	TTL            setting.WindowsConfig  `embed:"" prefix:"ttl." group:"Retention in ClickHouse"`
	NATSPort       int                    `name:"nats-port" default:"0" placeholder:"PORT" help:"Port of NATS on 127.0.0.1; 0 takes a free one."`
	DashboardPort  int                    `name:"dashboard-port" default:"0" placeholder:"PORT" help:"Port of the pages of --dashboard on 127.0.0.1; 0 takes a free one."`
	ClickHousePort int                    `name:"clickhouse-port" default:"0" placeholder:"PORT" help:"Port of ClickHouse (HTTP) on 127.0.0.1; 0 takes a free one."`
	Log            logConfig              `embed:"" prefix:"log." group:"Log"`

	horizon setting.Duration // of Horizon, set by Validate; of auto that of simulated customers
}

// logConfig is LogConfig with another default: progress and summary say what a
// demo's log would.
type logConfig struct {
	Format string `name:"format" default:"text" enum:"text,json" placeholder:"text|json" help:"Format of log lines."`
	Level  string `name:"level" default:"warn" enum:"debug,info,warn,error" placeholder:"debug|info|warn|error" help:"Lowest level that is logged."`
}

// Help is shown by ebb demo --help.
func (Command) Help() string {
	return "Starts NATS and ClickHouse in this process, feeds events through the whole pipeline and shows what comes out. " +
		"With EBB_NATS_URL or EBB_CLICKHOUSE_ADDR set, those servers are used instead.\n\n" +
		term.Examples(
			"ebb demo",
			"ebb demo --dashboard",
			"ebb demo --serve --customers 20000 --clickhouse-port 8123",
			"ebb demo --events events.csv.gz --mapping shop.yaml --verify",
			"ebb demo --events events.jsonl --chaos-order --publish-twice --verify --json",
			"ebb demo --events events.csv.gz --dir ./demo   # again, after an interrupt, goes on",
		)
}

// Validate refuses what does not go together.
func (c *Command) Validate() error {
	if err := c.readHorizon(); err != nil {
		return err
	}
	c.Serve = c.Serve || c.Dashboard

	rules := churn.Defaults()
	c.Rules.Add(&rules, rules.LeastRisk)

	return errors.Join(
		rules.Validate(),
		setting.ValidateMetrics(c.Metrics),
		c.Calendar.Validate(),
		c.Margin.Validate(),
		metric.ValidateRollups(setting.RollupsOf(c.Rollups)),
		setting.Refuse(c.Mapping != "" && c.Events == "", "--mapping", c.Mapping, "it maps the columns of --events; name them too"),
		setting.RefuseOutside("--customers", c.Customers, 1, 1_000_000),
		setting.RefuseOutside("--days", c.Days, 1, 730),
		setting.RefuseOutside("--horizon", c.horizon, setting.Duration(churn.MinHorizon*int64(time.Millisecond)), setting.Duration(churn.MaxHorizon*int64(time.Millisecond))),
		setting.Refuse(c.DashboardPort != 0 && !c.Dashboard, "--dashboard-port", strconv.Itoa(c.DashboardPort), "it is that of --dashboard; add it"),
		setting.RefuseOutside("--dashboard-port", c.DashboardPort, 0, 65535),
		setting.RefuseOutside("--nats-port", c.NATSPort, 0, 65535),
		setting.RefuseOutside("--clickhouse-port", c.ClickHousePort, 0, 65535),
	)
}

// demoDatabase is the database of the demo's tables.
const demoDatabase = "ebb"

// Demo is a demo on its way.
type Demo struct {
	command    *Command
	To         call.Streams
	log        *slog.Logger
	dir        string
	Js         natsjs.JetStream
	natsURL    string
	clickhouse clickhouse.Config
	Layout     jetstream.Layout
	Config     meaning.Config
	plan       *replay.Plan
	simulation *simulation // nil with --events
	Engine     *serve.Engine
	kept       *serve.KeptLease
	began      time.Time
}

// Run runs the demo.
func (c *Command) Run(ctx context.Context, to call.Streams) (err error) {
	d := &Demo{command: c, To: to, log: (*setting.LogConfig)(&c.Log).Logger(to.Err), dir: c.Dir, began: time.Now()}
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "ebb-demo-"); err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
		defer os.RemoveAll(d.dir)
	}

	return d.run(ctx)
}

// run is the demo from the servers up to the summary.
func (d *Demo) run(ctx context.Context) (err error) {
	fmt.Fprintln(d.To.Err, "Starting NATS and ClickHouse.")
	stop, err := d.startServers(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := d.prepare(ctx); err != nil {
		return err
	}
	vocab, err := vocabulary.NewVocabulary(d.Config.Vocabulary) // with what the mapping adds
	if err != nil {
		return err
	}
	if err := setting.ValidateRollups(d.Config.Rollups, vocab); err != nil {
		return err
	}
	if err := d.startPipeline(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stopPipeline()) }()

	status, err := d.feed(ctx)
	if err != nil {
		return d.Engine.Cause(err)
	}
	if d.command.drains() {
		// Live time goes on after an import that reaches up to now, so the
		// Engine stops for as long as stream and tables are compared.
		if err := d.Engine.Drain(ctx); err != nil {
			return err
		}
	}
	if c := d.command; c.Raw != "" {
		if err := d.writeRaw(ctx, c.Raw); err != nil {
			return err
		}
	}
	report, err := d.report(ctx, status)
	if err != nil {
		return err
	}
	if err := report.print(d.To, d.command.JSON); err != nil {
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

// drains says whether stream and tables have to tell of the same records.
func (c *Command) drains() bool { return c.Verify || c.Raw != "" }

// prepare decides what is fed, and with which settings.
func (d *Demo) prepare(ctx context.Context) (err error) {
	c := d.command
	d.Config = meaning.DefaultConfig()
	if d.Config.Metrics, err = metric.Switched(c.Metrics); err != nil {
		return err
	}
	d.Config.Rollups = setting.RollupsOf(c.Rollups)
	d.Layout = jetstream.Layout{Partitions: d.Config.Partitions}.WithDefaults()
	d.setHorizon(time.Duration(c.horizon))
	options := replay.Options{
		Partitions: d.Config.Partitions,
		ShiftToNow: c.Shift == "now",
		Chaos:      c.ChaosOrder,
		Twice:      c.PublishTwice,
		Seed:       c.Seed,
		Lateness:   d.Config.Lateness,
		Skew:       d.Config.Skew,
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
		d.Config.Lateness = time.Duration(*mapping.Lateness)
	}
	if mapping.Skew != nil {
		d.Config.Skew = time.Duration(*mapping.Skew)
	}
	if options.Latest, err = imports.Latest(ctx, d.Js, d.Layout, d.Config.Skew); err != nil {
		return err
	}
	limits := replay.Limits{Lateness: d.Config.Lateness, Skew: d.Config.Skew}
	if !options.ShiftToNow {
		limits.Latest = options.Latest
	}
	d.Config.Duplicates = mapping.DuplicatesOver(d.Config.Duplicates)
	survey, err := replay.NewSurvey(ctx, source, mapping, d.Config.Vocabulary, limits)
	if err != nil {
		return err
	}
	if err := survey.Check(); err != nil {
		return err
	}
	call.SayAll(d.To.Err, survey.Words("under vocabulary.types of a mapping"))
	if survey.Qualifying == 0 {
		call.SayAll(d.To.Err, []string{survey.NoEngagement("under vocabulary.types of a mapping", setting.MappingEntry)})
	}
	if c.Horizon == setting.AutoHorizon && survey.Qualifying > 0 {
		if err := d.suggestHorizon(ctx, source, mapping, limits.Latest); err != nil {
			return err
		}
	}
	d.Config.Vocabulary = survey.Mapping.AddTo(d.Config.Vocabulary)
	options.Lateness, options.Skew = d.Config.Lateness, d.Config.Skew
	if d.plan, err = survey.Plan(options); err != nil {
		return err
	}
	shift := d.plan.Shift(d.began)
	call.SayAll(d.To.Err, (&setting.TTLConfig{WindowsConfig: c.TTL}).Retention(d.began, d.plan.First+shift, 0))

	return nil
}

// startPipeline migrates the database and starts the engine, unless another ebb
// runs already.
func (d *Demo) startPipeline(ctx context.Context) (err error) {
	if d.kept, err = d.takeLease(ctx); err != nil {
		return err
	}
	if err := d.startEngine(ctx); err != nil {
		return d.kept.End(err)
	}

	return nil
}

func (d *Demo) startEngine(ctx context.Context) error {
	// Windows that are too old are not produced; nothing that is expires, so
	// that --verify compares what stays as it is.
	if err := clickhouse.Prepare(ctx, d.clickhouse, clickhouse.TTL{}); err != nil {
		return err
	}
	sink, err := clickhouse.Connect(d.clickhouse)
	if err != nil {
		return err
	}
	d.Engine, err = serve.StartEngine(ctx, serve.EngineConfig{
		Js: d.Js, Layout: d.Layout, Pipeline: d.Config, Sink: sink, Log: d.log,
	})

	return err
}

// stopPipeline stops the engine and gives the lease up.
func (d *Demo) stopPipeline() error { return d.kept.End(d.Engine.Stop()) }

// feed imports the events and waits until everything is through.
func (d *Demo) feed(ctx context.Context) (jetstream.ImportStatus, error) {
	bar := term.NewProgress(d.To.Err, "importing")
	var ids replay.IDs
	defer func() {
		bar.Close()
		call.SayAll(d.To.Err, ids.Words)
	}()
	running, cancel := d.Engine.WhileRunning(ctx)
	defer cancel()
	status, err := imports.Importer{
		JS: d.Js, Layout: d.Layout, Plan: d.plan, Resume: d.command.Dir != "",
		Expired: d.command.TTL.Rollups.Expired(d.began),
		Progress: func(p replay.Progress) {
			counts, levels, _ := d.Engine.Totals()
			bar.Set(p.Rows, p.TotalRows, fmt.Sprintf("at risk %d, watermark %s, processed %d",
				levels[2], time.UnixMilli(p.Clock).Add(-d.Config.Lateness).UTC().Format(time.DateTime), counts.Processed))
		},
		Compared: func(found replay.IDs) { ids = found },
	}.Run(running)
	if err == nil {
		err = d.Engine.Settled(running, d.Js, d.Layout)
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
func (d *Demo) serve(ctx context.Context) (err error) {
	if d.command.drains() {
		if err := errors.Join(d.stopPipeline(), d.startPipeline(ctx)); err != nil {
			return err
		}
	}
	if d.command.Dashboard {
		stop, err := d.showDashboards(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	fmt.Fprintln(d.To.Err, "Serving; Ctrl-C stops.")
	ctx, cancel := d.Engine.WhileRunning(ctx)
	defer cancel()
	if d.simulation != nil {
		return d.simulation.live(ctx, d.Js, d.Layout)
	}
	<-ctx.Done()

	return nil
}
