// Command accept runs ebb's demo on files of real events and checks what no
// unit test can: that on each of them every row of every table is what SQL
// derives from the raw stream; that another order of the events and events that
// come twice change nothing; and that an import which is killed again and again
// ends with the rows of one that was never disturbed.
//
// It takes minutes a file. `make accept` builds ebb and runs it; read runs.go
// for what is run, checks.go for what is checked.
//
// `accept compare` runs the demo of a former commit beside today's and compares
// every row: whoever moves code shows with it that nothing else has changed. See
// compare.go; `make compare` runs it.
//
// `accept independent` compares figures of a demo of simulated customers with what
// Python makes of its raw events, without any code of ebb: see folder independent.
// It needs python3 (3.11 or later, nothing but its standard library), and takes a
// minute; `make independent` runs it, and `make accept` does at first.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "accept: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "compare":
			return compare(ctx, args[1:], os.Stdout)
		case "independent":
			return independent(ctx, args[1:], os.Stdout)
		}
	}

	return accept(ctx, args)
}

// accept parses the flags, runs everything and reports. It fails if anything
// that was run failed.
func accept(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("accept", flag.ContinueOnError)
	data := flags.String("data", "", "folder with the events, *.csv.gz")
	only := flags.String("only", "", "files whose name begins with this; all without it")
	program := flags.String("program", "bin/ebb", "path of ebb")
	out := flags.String("out", ".bench/accept.json", "file for the results")
	killed := flags.String("kill", "oss_infra.csv.gz", "file whose import is killed; none without it")
	kills := flags.Int("kills", 10, "how often it is killed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(*data, *only+"*.csv.gz"))
	if err != nil {
		return err
	}
	if *data == "" || len(files) == 0 {
		return fmt.Errorf("-data is %q and -only %q: no *.csv.gz there; run make accept DATA=FOLDER", *data, *only)
	}

	// Small files first, so that what is broken everywhere shows soon.
	if err := bySize(files); err != nil {
		return err
	}
	a := acceptance{program: *program}
	for _, file := range files {
		if err := a.file(ctx, file); err != nil {
			return err
		}
	}
	if *killed != "" && strings.HasPrefix(*killed, *only) {
		if err := a.kill(ctx, filepath.Join(*data, *killed), *kills); err != nil {
			return err
		}
	}

	return errors.Join(writeJSON(*out, a.results), a.print(os.Stdout))
}
