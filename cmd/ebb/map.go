package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/replay"
	"ebb/pipeline/vocabulary"
)

// mapCommand is `ebb map FILE`: a mapping for a file, as a draft.
type mapCommand struct {
	File    string `arg:"" help:"Events: CSV, JSON lines or Parquet, plain, .gz, .zst or .zip."`
	Mapping string `name:"mapping" placeholder:"FILE" help:"Show the rows as this mapping reads them, instead of drafting one."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// shownRows is how many rows are shown.
const shownRows = 10

// Help is shown by ebb map --help.
func (mapCommand) Help() string {
	return "Drafts a mapping by the names and the first thousand rows of a file, and shows ten rows as it would read them. " +
		"The mapping goes to standard output, the rows and what could not be told to standard error, so that the former can be kept in a file. " +
		"Look at it, change it, and try it: with --dry-run, ebb replay publishes nothing.\n\n" +
		term.Examples(
			"ebb map events.csv",
			"ebb map events.csv --mapping shop.yaml",
			"ebb map events.jsonl --json | jq -r .mapping",
		)
}

// Validate refuses files that are not there.
func (c *mapCommand) Validate() error {
	if _, err := os.Stat(c.File); err != nil {
		return fmt.Errorf("FILE: %w; name a file that can be read", err)
	}

	return nil
}

// mapReport is what is told of a file.
type mapReport struct {
	File    string   `json:"file"`
	Mapping string   `json:"mapping"` // as YAML; empty where the file needs none, or one was given
	Notes   []string `json:"notes"`
	Rows    []mapRow `json:"rows"`
}

// mapRow is a row as the mapping reads it.
type mapRow struct {
	Row     int64           `json:"row"`
	Event   json.RawMessage `json:"event,omitempty"` // in ebb's own format
	Problem string          `json:"problem,omitempty"`

	event event.Event
}

// Run drafts the mapping and shows the rows.
func (c *mapCommand) Run(ctx context.Context, to call.Streams) error {
	source := replay.FileSource(c.File).Until(ctx)
	report := mapReport{File: source.Name, Notes: []string{}}
	var mapping *replay.Mapping
	if c.Mapping != "" {
		loaded, err := replay.LoadMapping(c.Mapping, source)
		if err != nil {
			return err
		}
		mapping = loaded
	} else {
		draft, err := replay.DraftMapping(source)
		if err != nil {
			return err
		}
		mapping, report.Mapping = draft.Mapping, draft.Text
		report.Notes = append(report.Notes, draft.Notes...)
	}
	if err := report.read(source, mapping); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(to.Out).Encode(report)
	}
	if _, err := io.WriteString(to.Out, report.Mapping); err != nil {
		return err
	}

	return report.print(to.Err)
}

// read takes the first rows.
func (r *mapReport) read(source replay.Source, mapping *replay.Mapping) error {
	vocab, err := vocabulary.NewVocabulary(mapping.Vocabulary)
	if err != nil {
		return err
	}
	mapping.Know(vocab)
	groups, err := replay.FindGroups(source, mapping)
	if err != nil {
		return err
	}
	reader, err := replay.NewReader(source, mapping, replay.ReadOptions{Digest: "row", Groups: groups})
	if err != nil {
		return err
	}
	defer reader.Close()
	decoder := native.NewDecoder(0)
	for len(r.Rows) < shownRows {
		var row replay.Row
		err := reader.Next(&row)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		shown := mapRow{Row: row.Number}
		err = row.Problem
		if err == nil {
			err = decoder.Decode(row.Body, &shown.event)
		}
		if err != nil {
			shown.Problem = err.Error()
		} else {
			shown.Event = row.Body
			shown.event = event.Event{ // whose texts the decoder keeps no longer
				Time: shown.event.Time, Customer: clone(shown.event.Customer), Type: clone(shown.event.Type),
				Value: shown.event.Value, Fields: shown.event.Fields, Currency: clone(shown.event.Currency),
			}
		}
		r.Rows = append(r.Rows, shown)
	}

	return nil
}

func clone(text []byte) []byte { return append([]byte(nil), text...) }

// print shows the rows to a person.
func (r *mapReport) print(to io.Writer) error {
	w := &term.Writer{To: to}
	w.Line("")
	table := [][]string{{"ROW", "TIME", "CUSTOMER", "TYPE", "VALUE"}}
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Problem != "" {
			continue
		}
		value := ""
		if row.event.Has(event.HasValue) {
			value = strings.TrimSpace(row.event.Value.String() + " " + string(row.event.Currency))
		}
		table = append(table, []string{
			fmt.Sprint(row.Row), time.UnixMilli(row.event.Time).UTC().Format(time.DateTime),
			term.Shortened(term.Printable(string(row.event.Customer)), 20), term.Shortened(term.Printable(string(row.event.Type)), 20), value,
		})
	}
	for _, line := range term.Fitted(table, term.TerminalWidth) {
		w.Line("%s", strings.TrimPrefix(line, "  "))
	}
	for i := range r.Rows {
		if problem := r.Rows[i].Problem; problem != "" {
			w.Folded("%s", term.Printable(problem))
		}
	}
	for _, note := range r.Notes {
		w.Line("")
		w.Folded("%s", term.Printable(note))
	}

	return w.Err
}
