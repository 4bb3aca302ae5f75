// Command ebb watches customer engagement ebb away while there is still time
// to act. It is flags, configuration and wiring; the work is done by the
// packages pipeline, sinks, dashboards and deploy/local.
//
// Exit codes: 0 for success, also after an interrupt of a command that runs
// until it is stopped; 1 for a failure; 2 for a command line or a
// configuration that can't be used. Results go to standard output, messages
// to standard error.
//
// Read cli.go first, which lists the commands, then config.go, which lists
// the settings.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker: -X main.version=v1.2.3.
var version string

func main() {
	os.Exit(interruptible(os.Args[1:]))
}

// interruptible runs the command under a context that ends with the first
// SIGINT or SIGTERM. A second one kills the process, as usual.
func interruptible(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	return run(ctx, args, os.Stdout, os.Stderr)
}
