// Command ebb watches customer engagement ebb away while there is still time
// to act. It is flags, configuration and wiring; the work is done by the
// packages pipeline, sinks, dashboards and deploy/local.
//
// Exit codes: 0 for success, also after an interrupt of a command that runs
// until it is stopped; 1 for a failure; 2 for a command line or a
// configuration that can't be used. Results go to standard output, messages
// to standard error.
//
// Read cli.go first, which lists the commands, then setting/config.go, which lists
// the settings, and serve/serve.go, which is what ebb run does.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"ebb/cmd/ebb/serve"
)

func main() {
	os.Exit(interruptible(os.Args[1:]))
}

// interruptible runs the command under a context that ends with the first
// SIGINT or SIGTERM. A second one kills the process, as usual. So does the end
// of the time that the command has for stopping: whatever it waits for, a
// process that was told to end does end.
func interruptible(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	limit := serve.NewStopLimit()
	code := make(chan int, 1)
	go func() { code <- runWithin(ctx, limit, args, os.Stdout, os.Stderr) }()

	select {
	case exit := <-code:
		return exit
	case <-limit.Passed(ctx):
		fmt.Fprintf(os.Stderr, "ebb: still busy %s after it was told to stop; ending now. "+
			"What is stored is whole; the next start goes on from there\n", limit.Within())

		return exitFailure
	}
}
