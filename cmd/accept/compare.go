package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"ebb/cmd/accept/trial"
)

// ErrDifferent says that rows are not those of the former program.
var ErrDifferent = errors.New("the outputs differ")

// compared is a file whose outputs of two programs were compared.
type compared struct {
	File    string             `json:"file"`
	Against string             `json:"against"`
	Seconds [2]float64         `json:"seconds"` // of the demo, and of the former one's
	Views   []trial.Comparison `json:"views"`
}

// comparison is a former program, beside today's.
type comparison struct {
	programs [2]string
	args     []string
	hash     string
}

// compare runs today's demo and that of a former commit on the same files, and
// compares what they left in ClickHouse, row by row.
func compare(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("accept compare", flag.ContinueOnError)
	against := flags.String("against", "", "commit whose ebb is the measure")
	data := flags.String("data", "", "a file of events, or a folder with *.csv.gz")
	only := flags.String("only", "", "files whose name begins with this; all without it")
	program := flags.String("program", "bin/ebb", "path of today's ebb")
	demo := flags.String("demo", "--ttl.rollups=0s", "flags of both demos, parted by blanks; without retention, all windows of old logs are compared")
	folder := flags.String("folder", ".bench", "folder for compare.json and former programs")
	if err := flags.Parse(args); err != nil {
		return err
	}
	files, err := eventFiles(*data, *only)
	if err != nil {
		return err
	}
	c := comparison{args: strings.Fields(*demo)}
	c.programs[0] = *program
	if c.programs[1], c.hash, err = former(ctx, *against, filepath.Join(*folder, "former")); err != nil {
		return err
	}

	var results []compared
	for _, file := range files {
		result, err := c.file(ctx, file)
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		results = append(results, result)
	}
	path := filepath.Join(*folder, "compare.json")
	if err := writeJSON(path, results); err != nil {
		return err
	}

	return errors.Join(printCompared(out, results), differences(results))
}

// eventFiles are the files that are meant, the smallest first.
func eventFiles(data, only string) ([]string, error) {
	if info, err := os.Stat(data); err == nil && !info.IsDir() {
		return []string{data}, nil
	}
	files, err := filepath.Glob(filepath.Join(data, only+"*.csv.gz"))
	if err != nil {
		return nil, err
	}
	if data == "" || len(files) == 0 {
		return nil, fmt.Errorf("-data is %q and -only %q: no file, and no *.csv.gz there; give DATA=FOLDER", data, only)
	}

	return files, bySize(files)
}

// file compares one file.
func (c *comparison) file(ctx context.Context, file string) (result compared, err error) {
	result = compared{File: filepath.Base(file), Against: c.hash}
	dir, err := os.MkdirTemp("", "ebb-compare-")
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	dirs := [2]string{filepath.Join(dir, "one"), filepath.Join(dir, "other")}
	for i, program := range c.programs {
		report, err := trial.Demo{
			Program: program, Dir: dirs[i], Args: append([]string{"--events", file}, c.args...),
		}.Run(ctx)
		if err != nil {
			return result, err
		}
		result.Seconds[i] = report.Seconds
	}
	result.Views, err = trial.Compare(ctx, dirs[0], dirs[1])
	fmt.Fprintf(os.Stderr, "%s: %s\n", result.File, result.verdict())

	return result, err
}

func (c *compared) verdict() string {
	different := 0
	for i := range c.Views {
		if !c.Views[i].Same() {
			different++
		}
	}
	if different == 0 {
		return "same"
	}

	return fmt.Sprintf("%d of %d views differ", different, len(c.Views))
}

func writeJSON(path string, results any) error {
	data, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}

	return os.WriteFile(path, append(data, '\n'), 0o600)
}

// printCompared writes a line a file, and every view that differs.
func printCompared(out io.Writer, results []compared) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "file\tviews\trows compared\tseconds\tformer\tresult")
	for i := range results {
		r := &results[i]
		rows := uint64(0)
		for _, view := range r.Views {
			rows += view.Rows
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%.1f\t%.1f\t%s\n", strings.TrimSuffix(r.File, ".csv.gz"), len(r.Views), rows, r.Seconds[0], r.Seconds[1], r.verdict())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i := range results {
		for j := range results[i].Views {
			view := &results[i].Views[j]
			if !view.Same() {
				fmt.Fprintf(out, "\n%s, %s\n", results[i].File, view)
			} else if len(view.New) > 0 && i == 0 {
				fmt.Fprintf(out, "\n%s: new %s\n", view.View, strings.Join(view.New, ", "))
			}
		}
	}

	return nil
}

func differences(results []compared) error {
	for i := range results {
		if verdict := results[i].verdict(); verdict != "same" {
			return fmt.Errorf("%w: %s, %s", ErrDifferent, results[i].File, verdict)
		}
	}

	return nil
}
