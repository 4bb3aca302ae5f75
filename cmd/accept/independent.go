package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"ebb/cmd/accept/trial"
)

// ErrFigures says that figures are not those of the independent computation, or that
// it does not see what is missing.
var ErrFigures = errors.New("the figures are not those of the independent computation")

// independent runs a demo of simulated customers, exports its raw events, and has a
// script in Python, which shares no code with ebb or its proof, compute figures of
// them and compare those of the views.
func independent(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("accept independent", flag.ContinueOnError)
	program := flags.String("program", "bin/ebb", "path of ebb")
	python := flags.String("python", "python3", "Python, 3.11 or later; the standard library is enough")
	script := flags.String("script", "cmd/accept/independent/check.py", "what computes the figures")
	demo := flags.String("demo", "--customers=400 --days=60 --horizon=21d --ttl.rollups=0s", "flags of the demo, parted by blanks; without retention, all windows are compared")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if _, err := exec.LookPath(*python); err != nil {
		return fmt.Errorf("-python is %q: %w; install Python 3.11 or later, or say where it is", *python, err)
	}
	dir, err := os.MkdirTemp("", "ebb-independent-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	raw := filepath.Join(dir, "raw.ndjson")
	if _, err := (trial.Demo{Program: *program, Dir: dir, Args: append(strings.Fields(*demo), "--raw", raw), Log: os.Stderr}).Run(ctx); err != nil {
		return err
	}
	less := filepath.Join(dir, "less.ndjson")
	if err := without(raw, less, `\"type\":\"order.completed\"`); err != nil {
		return err
	}

	return trial.Serve(dir, func(url string) error {
		check := func(raw string, to io.Writer) error {
			process := exec.CommandContext(ctx, *python, *script, raw, url, trial.Database) //nolint:gosec // the program that the caller names
			process.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
			process.Stdout, process.Stderr = to, os.Stderr

			return process.Run()
		}
		if err := check(raw, out); err != nil {
			return fmt.Errorf("%w: %w", ErrFigures, err)
		}
		// One event less has to be seen, or the comparison says nothing.
		if err := check(less, io.Discard); err == nil {
			return fmt.Errorf("%w: it passes without one of the events", ErrFigures)
		}

		return ctx.Err()
	})
}

// without copies a file but for the last line that holds a text.
func without(from, to, text string) (err error) {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	at := bytes.LastIndex(data, []byte(text))
	if at < 0 {
		return fmt.Errorf("%s has no line with %s", from, text)
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	begin := bytes.LastIndexByte(data[:at], '\n') + 1
	end := at + bytes.IndexByte(data[at:], '\n') + 1
	writer := bufio.NewWriter(file)
	for _, part := range [][]byte{data[:begin], data[end:]} {
		if _, err := writer.Write(part); err != nil {
			return err
		}
	}

	return writer.Flush()
}
