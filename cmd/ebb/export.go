package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/forget"
	"ebb/pipeline/inspect"
	"ebb/pipeline/jetstream"
	"ebb/sinks/clickhouse"
)

// exportCommand is `ebb export`.
type exportCommand struct {
	ID  string `arg:"" name:"id" help:"The customer's id, as events have it; anonymous:ID for one known by anonymous_id alone."`
	Out string `name:"out" type:"path" placeholder:"FILE" help:"Write to this file instead, which only you can read. It must not be there."`

	held
}

// held are the places where something is held about a customer.
type held struct {
	NATS       setting.NATSConfig       `embed:"" prefix:"nats." group:"NATS"`
	Stream     setting.StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	Processing setting.ProcessingConfig `embed:"" group:"Processing"`
	Churn      setting.ChurnConfig      `embed:"" prefix:"churn." group:"Churn"`
	ClickHouse setting.ClickHouseConfig `embed:"" prefix:"clickhouse." group:"ClickHouse"`
	Log        setting.LogConfig        `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb export --help.
func (exportCommand) Help() string {
	return "Writes all that is held about a customer, as JSON lines: what the model knows, their events as they came, late ones and refused ones " +
		"(of these all that name the customer in whatever form), their signals, and the rows of ClickHouse that name them. Each line says its place; what is no text stands in base64 (data_base64). How many there are of each is told at the end; where a " +
		"place can't be read, the export is not whole and the exit code 1. It reads and writes nothing else. A person with several ids, " +
		"such as an anonymous one, is several customers: export each. Figures that count the customer name nobody and are left out.\n\n" +
		term.Examples(
			"ebb export c-17 --config ebb.yaml --out c-17.jsonl",
			"ebb export anonymous:4f2a | jq -r .place | sort | uniq -c",
		)
}

// Run writes the export.
func (c *exportCommand) Run(ctx context.Context, to call.Streams) (err error) {
	if err := event.CheckSomebody(c.ID); err != nil {
		return err
	}
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()

	out := to.Out
	if c.Out != "" {
		file, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("--out: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out = file
	}
	buffer := bufio.NewWriter(out)
	e := &export{customer: c.ID, lines: json.NewEncoder(buffer)}
	e.lines.SetEscapeHTML(false)
	e.look(ctx, &c.held, js, to)
	if err := buffer.Flush(); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}

	return e.summary(to.Err)
}

// export writes lines, and counts those of each place.
type export struct {
	customer string
	lines    *json.Encoder // nil: they are counted alone
	places   []*exported
}

type exported struct {
	place string
	what  string // that was found, for people
	count int
	err   error
	left  string // why it was not looked at
}

// look looks into all places.
func (e *export) look(ctx context.Context, in *held, js natsjs.JetStream, to call.Streams) {
	e.state(ctx, in, js, to.Err)
	e.streams(ctx, js, in.Stream.Layout(), to.Err)
	e.tables(ctx, in, to.Given)
}

// line is one of the export. What is there depends on the place.
type line struct {
	Place    string              `json:"place"`
	Sequence uint64              `json:"sequence,omitempty"` // in the stream
	Row      int                 `json:"row,omitempty"`      // of the record, from 1
	Subject  string              `json:"subject,omitempty"`
	Stored   int64               `json:"stored,omitempty"` // Unix ms
	Header   map[string][]string `json:"header,omitempty"`
	Data     any                 `json:"data,omitempty"`
	Base64   []byte              `json:"data_base64,omitempty"` // in place of data, where it is no text
}

// begin counts what follows under a place.
func (e *export) begin(place, what string) *exported {
	of := &exported{place: place, what: what}
	e.places = append(e.places, of)

	return of
}

func (e *export) write(of *exported, l line) error {
	l.Place = of.place
	of.count++
	if e.lines == nil {
		return nil
	}

	return e.lines.Encode(l)
}

// state writes what the model knows.
func (e *export) state(ctx context.Context, c *held, js natsjs.JetStream, progress io.Writer) {
	of := e.begin("state", "what the model knows")
	ports, err := inspectPorts(ctx, js, c.Stream.Layout())
	if err != nil {
		of.err = err

		return
	}
	reading := newReading(progress)
	report, err := inspect.Inspect(ctx, c.Processing.Pipeline(&c.Stream, &c.Churn), ports, e.customer, reading.set)
	reading.close()
	switch {
	case errors.Is(err, inspect.ErrUnknownCustomer):
	case err != nil:
		of.err = err
	default:
		of.err = e.write(of, line{Data: report})
	}
}

// streams writes what the streams hold.
func (e *export) streams(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout, progress io.Writer) {
	layout = layout.WithDefaults()
	of := e.begin(layout.Stream, "events")
	reading := newReading(progress)
	of.err = e.events(ctx, js, layout, of, reading.set)
	reading.close()

	personal := jetstream.NewPersonal(js, layout, e.customer)
	for _, stream := range []struct {
		name, what string
		read       func(context.Context, func(jetstream.StoredMessage) error) error
	}{
		{"_ROLLUPS", "late events", personal.Late},
		{"_SIGNALS", "signals", personal.Signals},
		{"_DEADLETTERS", "refused events", personal.DeadLetters},
		{"_SOURCES", "events of sources, to be imported", personal.Staged},
	} {
		of := e.begin(layout.Stream+stream.name, stream.what)
		of.err = stream.read(ctx, func(m jetstream.StoredMessage) error {
			return e.write(of, line{Sequence: m.Sequence, Subject: m.Subject, Stored: m.Stored, Header: m.Header}.with(m.Body))
		})
	}
}

// with is the line with a body: as it is, as text where it is no JSON, and in base64 where
// it is no text, so that no byte of it is lost.
func (l line) with(body []byte) line {
	switch {
	case !utf8.Valid(body):
		l.Base64 = body
	case json.Valid(body):
		l.Data = json.RawMessage(body)
	default:
		l.Data = string(body)
	}

	return l
}

// readable puts what is no text into columns of its own, in base64.
func readable(row map[string]any) map[string]any {
	for _, column := range slices.Collect(maps.Keys(row)) {
		if text, ok := row[column].(string); ok && !utf8.ValidString(text) {
			delete(row, column)
			row[column+"_base64"] = []byte(text)
		}
	}

	return row
}

// events writes those of the input stream that the customer's partition holds, and what
// says in others which anonymous customer they were. progress hears about every batch of
// records.
func (e *export) events(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout, of *exported, progress func(read, total uint64)) error {
	input, home := jetstream.NewInput(js, layout), event.PartitionOf(e.customer, layout.Partitions)
	finder, rows, seen, others := forget.NewFinder(), []event.Row(nil), uint64(0), map[int]bool{}
	batch := func(records []event.Record, left uint64) {
		seen += uint64(len(records))
		progress(seen, seen+left)
	}
	take := func(record *event.Record, row int, body []byte) error {
		read, theirs := finder.Of(body, func(id string) bool { return id == e.customer })
		if !theirs {
			return nil
		}
		if read != nil && len(read.AnonymousID) > 0 {
			others[event.PartitionOf(event.AnonymousPrefix+string(read.AnonymousID), layout.Partitions)] = true
		}

		return e.write(of, line{Sequence: record.Sequence, Row: row, Subject: record.Subject, Stored: record.Stored}.with(body))
	}
	err := input.ReadPartition(ctx, home, 0, func(records []event.Record, left uint64) error {
		batch(records, left)
		for i := range records {
			r := &records[i]
			if r.Control == event.ControlRemains {
				if err := remaining(r, take); err != nil {
					return err
				}
			}
			if r.Lane == event.LaneControl || r.Control != event.ControlNone {
				if err := e.joining(of, r, others, layout.Partitions); err != nil {
					return err
				}

				continue
			}
			rows = append(rows[:0], event.Row{Body: r.Data})
			if r.Rows != 0 {
				rows, _ = event.SplitRows(rows[:0], r.Data, r.Rows)
			}
			for n, row := range rows {
				number := 0
				if r.Rows != 0 {
					number = n + 1
				}
				if err := take(r, number, row.Body); err != nil {
					return err
				}
			}
		}

		return nil
	})
	delete(others, home)
	for _, partition := range slices.Sorted(maps.Keys(others)) {
		err = errors.Join(err, input.ReadControls(ctx, partition, func(records []event.Record, left uint64) error {
			batch(records, left)
			for i := range records {
				if err := e.joining(of, &records[i], nil, 0); err != nil {
					return err
				}
			}

			return nil
		}))
	}

	return err
}

// joining writes a control record that says that the customer has joined somebody, was
// somebody, or where they were active before or since. It notes in others where more of an
// anonymous one may stand.
func (e *export) joining(of *exported, r *event.Record, others map[int]bool, partitions int) error {
	if r.Control != event.ControlJoin && r.Control != event.ControlMove {
		return nil
	}
	var join fact.JoinMark
	names := json.Unmarshal(r.Data, &join) == nil &&
		(join.Customer == e.customer || event.AnonymousPrefix+join.Anonymous == e.customer)
	if !names {
		return nil
	}
	if others != nil && r.Control == event.ControlJoin {
		others[event.PartitionOf(join.Customer, partitions)] = true
	}

	return e.write(of, line{Sequence: r.Sequence, Subject: r.Subject, Stored: r.Stored}.with(r.Data))
}

// remaining takes the rows that are left of a record out of which others were erased.
func remaining(r *event.Record, take func(record *event.Record, row int, body []byte) error) error {
	var mark fact.RemainsMark
	if err := json.Unmarshal(r.Data, &mark); err != nil {
		return err
	}
	for _, row := range mark.Rows {
		if err := take(r, row.Row, []byte(row.Body)); err != nil {
			return err
		}
	}

	return nil
}

// tables writes the rows of ClickHouse.
func (e *export) tables(ctx context.Context, c *held, given call.Given) {
	left := ""
	if !c.ClickHouse.Enabled {
		left = "clickhouse.enabled is false"
	}
	for _, table := range clickhouse.PersonalTables() {
		of := e.begin("clickhouse."+table, "rows")
		if of.left = left; left != "" {
			continue
		}
		of.err = func() error {
			conn, err := clickhouse.Open(c.ClickHouse.Sink())
			if err != nil {
				return err
			}
			defer conn.Close()

			return clickhouse.Personal(ctx, conn, table, e.customer, func(row map[string]any) error { return e.write(of, line{Data: readable(row)}) })
		}()
		if of.err != nil {
			of.err = errors.New(given.In(of.err.Error()))
		}
	}
}

// summary tells how much there is, and which places could not be read.
func (e *export) summary(to io.Writer) error {
	rows, failed, total := [][]string{{"PLACE", "FOUND"}}, []string(nil), 0
	for _, of := range e.places {
		total += of.count
		found := fmt.Sprintf("%d %s", of.count, of.what)
		switch {
		case of.err != nil:
			failed = append(failed, fmt.Sprintf("%s: %v", of.place, of.err))
			found = "not read"
		case of.left != "":
			found = "not asked: " + of.left
		case of.place == "state":
			found = map[bool]string{true: of.what, false: "nothing"}[of.count > 0]
		}
		rows = append(rows, []string{of.place, found})
	}
	for _, text := range term.Fitted(rows, term.TerminalWidth) {
		fmt.Fprintln(to, text)
	}
	if len(failed) > 0 {
		return fmt.Errorf("the export of %s is not whole: %s", term.Printable(e.customer), strings.Join(failed, "; "))
	}
	if total == 0 {
		fmt.Fprintf(to, "Nothing is held about %s.\n", term.Printable(e.customer))
	}

	return nil
}
