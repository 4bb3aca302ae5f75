package main

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ebb/cmd/accept/trial"
)

// result is what one run of a demo gave.
type result struct {
	File     string         `json:"file"`
	Run      string         `json:"run"`
	Rows     uint64         `json:"rows"` // of the file
	Report   trial.Report   `json:"report"`
	Compared uint64         `json:"rows_compared"`
	Rollups  []trial.Digest `json:"rollups"`
	KilledAt []string       `json:"killed_at,omitempty"`
	Problems []string       `json:"problems"`
}

// acceptance is all runs so far.
type acceptance struct {
	program string
	results []result
}

// file runs the demo on a file as it is, in another order, and with every event
// twice. An error is one of this program; what is wrong with ebb is a problem
// of the result.
func (a *acceptance) file(ctx context.Context, file string) error {
	rows, err := countRows(file)
	if err != nil {
		return err
	}
	var plain *result
	for _, run := range []struct {
		name   string
		args   []string
		copies uint64
	}{
		{"plain", nil, 1},
		{chaosOrder, []string{"--chaos-order"}, 1},
		{"publish-twice", []string{"--publish-twice"}, 2},
	} {
		r, err := a.run(ctx, file, run.name, append(run.args, "--verify"))
		if err != nil {
			return err
		}
		r.Rows = rows
		r.checkReport(rows * run.copies)
		if plain == nil {
			r.checkPlain()
			plain = r
		} else {
			r.checkSame(plain, run.name == chaosOrder)
		}
		a.done(r)
	}

	return nil
}

const chaosOrder = "chaos-order"

// demoArgs keep all windows: logs of long ago have short ones that retention would
// remove at once.
func demoArgs(file string) []string { return []string{"--events", file, "--ttl.rollups", "0s"} }

// run runs the demo once and reads digests of the rollups.
func (a *acceptance) run(ctx context.Context, file, name string, args []string) (r *result, err error) {
	dir, err := os.MkdirTemp("", "ebb-accept-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Fprintf(os.Stderr, "%s, %s\n", filepath.Base(file), name)
	demo := trial.Demo{Program: a.program, Dir: dir, Args: append(demoArgs(file), args...), Log: os.Stderr}

	r = &result{File: filepath.Base(file), Run: name}
	if r.Report, err = demo.Run(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r.problem("%v", err)
	}
	if r.Rollups, err = trial.Digests(ctx, dir, trial.Figures()); err != nil {
		r.problem("read the rollups: %v", err)
	}

	return r, nil
}

// kill imports a file while killing the demo so often, and compares everything
// with an undisturbed run.
func (a *acceptance) kill(ctx context.Context, file string, kills int) (err error) {
	calm, err := os.MkdirTemp("", "ebb-accept-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(calm)) }()
	disturbed, err := os.MkdirTemp("", "ebb-accept-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(disturbed)) }()

	rows, err := countRows(file)
	if err != nil {
		return err
	}
	demo := trial.Demo{Program: a.program, Dir: calm, Args: demoArgs(file), Log: os.Stderr}
	r := &result{File: filepath.Base(file), Run: fmt.Sprintf("killed %d times", kills), Rows: rows}
	fmt.Fprintf(os.Stderr, "%s, undisturbed\n", r.File)
	undisturbed, err := demo.Run(ctx)
	if err != nil {
		return fmt.Errorf("the undisturbed run of %s: %w", r.File, err)
	}
	points, err := killPoints(ctx, calm, kills)
	if err != nil {
		return err
	}
	demo.Dir = disturbed
	for i, point := range points {
		at, err := demo.RunUntil(ctx, point)
		if err != nil {
			return fmt.Errorf("kill %d of %s: %w", i+1, r.File, err)
		}
		r.KilledAt = append(r.KilledAt, fmt.Sprintf("%s at %d", point.Stream, at))
		fmt.Fprintf(os.Stderr, "%s, killed %d of %d times: %s at %d\n", r.File, i+1, kills, point.Stream, at)
	}
	// What was interrupted is proved by SQL too.
	demo.Args = append(demo.Args, "--verify")
	if r.Report, err = demo.Run(ctx); err != nil {
		r.problem("%v", err)
	}
	r.checkReport(rows)
	if r.Rollups, err = trial.Digests(ctx, disturbed, trial.Figures()); err != nil {
		return err
	}
	if err := r.checkUndisturbed(ctx, undisturbed, calm, disturbed); err != nil {
		return err
	}
	a.done(r)

	return nil
}

// killPoints are random places of an import whose undisturbed run is in dir, in
// the order in which it gets there: the input fills before the rollups do. Half
// of them are while it is published, half while the rollups come out.
func killPoints(ctx context.Context, dir string, kills int) ([]trial.Kill, error) {
	messages, err := trial.Messages(ctx, dir)
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(uint64(kills), messages[trial.Input])) // the same places every time
	points := make([]trial.Kill, kills)
	for i := range points {
		stream := trial.Input
		if i >= kills/2 {
			stream = trial.Rollups
		}
		points[i] = trial.Kill{Stream: stream, Sequence: 1 + random.Uint64N(messages[stream]*95/100)}
	}
	slices.SortStableFunc(points, func(a, b trial.Kill) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Sequence, b.Sequence))
	})

	return points, nil
}

// countRows counts the rows of a file without its header.
func countRows(path string) (rows uint64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	reader := csv.NewReader(unzipped)
	reader.ReuseRecord = true
	for {
		if _, err := reader.Read(); errors.Is(err, io.EOF) {
			return max(rows, 1) - 1, nil
		} else if err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
		rows++
	}
}

// bySize sorts files, the smallest first.
func bySize(files []string) error {
	sizes := make(map[string]int64)
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		sizes[file] = info.Size()
	}
	slices.SortFunc(files, func(a, b string) int {
		return cmp.Or(cmp.Compare(sizes[a], sizes[b]), strings.Compare(a, b))
	})

	return nil
}
