// Command ebbbench measures ebb on this machine, in one run: the decoder, one
// shard, the memory of a customer, the whole engine on events from JetStream
// beside a bare pull of the same events, and how late signals and windows are.
//
// It promises that figures that are compared are taken in turns in the same
// run, that it listens on loopback only, that it ends by itself, and that
// every process it starts ends with it. It does not judge: figures of a busy
// machine are low, so compare ratios, and CPU seconds where they are given.
//
// Read measure.go first, which lists the parts, then endtoend.go.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is the command line. The hidden commands are for the processes that
// ebbbench starts of itself.
type cli struct {
	Run   runCommand   `cmd:"" default:"withargs" help:"Measure."`
	Child childCommand `cmd:"" hidden:""`
}

// childCommand is what a process of its own does.
type childCommand struct {
	Shard      shardCommand      `cmd:""`
	Memory     memoryCommand     `cmd:""`
	Restart    restartCommand    `cmd:""`
	Metrics    metricsCommand    `cmd:""`
	NATS       natsCommand       `cmd:"" name:"nats"`
	ClickHouse clickhouseCommand `cmd:"" name:"clickhouse"`
}

// streams is where a command writes: results to out, messages to err; children
// also listen to in.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run parses the arguments, runs the command and returns the exit code: 1 for
// a failure, 2 for a command line that can't be used.
func run(ctx context.Context, args []string, std streams) int {
	exited := -1
	parser, err := kong.New(&cli{},
		kong.Name("ebbbench"),
		kong.Description("Measures ebb on this machine."),
		kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
	)
	if err != nil {
		fmt.Fprintf(std.err, "ebbbench: %v\n", err)

		return 2
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // help was printed
		return exited
	}
	if err != nil {
		fmt.Fprintf(std.err, "ebbbench: %v\nRun `ebbbench --help` for flags and examples.\n", err)

		return 2
	}
	command.BindTo(ctx, (*context.Context)(nil))
	command.Bind(std)
	if err := command.Run(); err != nil {
		fmt.Fprintf(std.err, "ebbbench: %v\n", err)

		return 1
	}

	return 0
}
