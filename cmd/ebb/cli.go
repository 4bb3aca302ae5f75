package main

import (
	"context"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/demo"
	"ebb/cmd/ebb/serve"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
)

// Exit codes of the program.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// cli is the command line: a field a command, in the order of the help.
type cli struct {
	ConfigFile string `name:"config" help:"YAML file with settings. A flag wins over a variable, a variable over the file." placeholder:"FILE" env:"EBB_CONFIG"`

	Demo        demo.Command       `cmd:"" help:"Watch events become windows, churn signals and ClickHouse rows, with servers in this process."`
	Local       localCommand       `cmd:"" help:"Run NATS and ClickHouse in this process, for development."`
	Run         runCommand         `cmd:"" help:"Run the pipeline until interrupted."`
	Check       checkCommand       `cmd:"" help:"Find out whether servers, rights and settings will do for ebb run."`
	Config      configCommand      `cmd:"" help:"Show, compare and change the settings that are in force."`
	Collect     collectCommand     `cmd:"" help:"Take events over HTTP as Segment's libraries send them."`
	Replay      replayCommand      `cmd:"" help:"Publish a file of history into the input stream."`
	Source      sourceCommand      `cmd:"" help:"Show how the sources of events stand, or how one would be read."`
	Map         mapCommand         `cmd:"" help:"Draft a mapping for a file, and show how its rows would be read."`
	Simulate    simulateCommand    `cmd:"" help:"Publish what made-up customers do, or write their history to a file."`
	Backtest    backtestCommand    `cmd:"" help:"Say how good the churn detector would have been on a file of history."`
	Status      statusCommand      `cmd:"" help:"Show how far every partition has come."`
	Ready       readyCommand       `cmd:"" help:"Ask the instance on this machine whether it processes events."`
	Metrics     metricsCommand     `cmd:"" help:"List what is measured, what feeds it, and whether it is fed."`
	Vocabulary  vocabularyCommand  `cmd:"" help:"List the event types, what becomes of one, and which of the stream are unknown."`
	Schema      schemaCommand      `cmd:"" help:"Print the schemas of messages, for programs of other languages."`
	Report      reportCommand      `cmd:"" help:"One page of what happened in the last 28 days."`
	Benchmark   benchmarkCommand   `cmd:"" help:"Hold figures against targets, and against what others have."`
	Customer    customerCommand    `cmd:"" help:"Show what is known of a customer, why, and what comes next."`
	Export      exportCommand      `cmd:"" help:"Write all that is held about a customer."`
	Forget      forgetCommand      `cmd:"" help:"Erase what is held about a customer, and take nothing of theirs from before any more."`
	Deadletters deadlettersCommand `cmd:"" help:"Show refused events, or send them again."`
	Sink        sinkCommand        `cmd:"" help:"Write again to ClickHouse what it has lost."`
	Backup      backupCommand      `cmd:"" help:"Store the streams of an installation, while it runs."`
	Restore     restoreCommand     `cmd:"" help:"Make the streams of a backup on empty servers."`
	Migrate     migrateCommand     `cmd:"" help:"Create or update the ClickHouse tables."`
	Dashboards  dashboardsCommand  `cmd:"" help:"Write the Grafana provisioning files."`
	Version     versionCommand     `cmd:"" help:"Show the version."`
}

// run parses the arguments, runs the command and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return runWithin(ctx, serve.NewStopLimit(), args, stdout, stderr)
}

// runWithin is run for a caller who ends the process at the limit.
func runWithin(ctx context.Context, limit *serve.StopLimit, args []string, stdout, stderr io.Writer) int {
	exited := -1
	settings := &setting.FileResolver{}
	parser, err := newParser(stdout, stderr, settings, func(code int) { exited = code })
	if err != nil {
		fmt.Fprintf(stderr, "ebb: %s\n", term.Plain(err.Error()))

		return exitUsage
	}

	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // help was printed
		return exited
	}
	if settings.Err != nil {
		err = settings.Err
	}
	if err != nil {
		fmt.Fprintf(stderr, "ebb: %s\nRun `ebb --help` for commands, `ebb COMMAND --help` for settings and examples.\n", term.Plain(err.Error()))

		return exitUsage
	}

	command.BindTo(ctx, (*context.Context)(nil))
	given := call.GivenBy(command, args)
	command.Bind(call.Streams{Out: stdout, Err: stderr, Given: given}, limit)
	if err := command.Run(); err != nil {
		fmt.Fprintf(stderr, "ebb: %s\n", term.Plain(given.In(err.Error())))

		return exitFailure
	}

	return exitOK
}

// newParser builds the parser. exit is called with a code when help was
// printed; parsing goes on after it, so its error must then be ignored.
func newParser(stdout, stderr io.Writer, settings kong.Resolver, exit func(int)) (*kong.Kong, error) {
	return kong.New(&cli{},
		kong.Name("ebb"),
		kong.Description("Watches customer engagement ebb away while there is still time to act."),
		kong.Writers(stdout, stderr),
		kong.Exit(exit),
		kong.Resolvers(settings),
		kong.PostBuild(setting.NameVariables),
		kong.ValueFormatter(term.HelpWithDefault),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
	)
}
