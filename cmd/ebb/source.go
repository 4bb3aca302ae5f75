package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/source"
)

// sourceCommand is `ebb source list` and `ebb source try`.
type sourceCommand struct {
	List listSources `cmd:"" help:"Show how far each source has come, and what waits."`
	Try  trySource   `cmd:"" help:"Show the first events of a source as they would be read."`
}

// listSources is `ebb source list`.
type listSources struct {
	JSON           bool `name:"json" help:"Print JSON."`
	setting.Config `embed:""`
}

// Help is shown by ebb source list --help.
func (listSources) Help() string {
	return "Asks NATS, so it works while no instance runs, and changes nothing. MESSAGE is the sequence in the stream of the source up to which " +
		"everything is in the input of ebb, BEHIND how many messages follow it, LOST how many the stream removed before they were read. " +
		"Core subjects are best effort: each message counts at most once; what is published while no ebb runs, or while its connection to that server is away, is gone and in no figure, " +
		"and LOST is what had no room here, where 8,192 messages wait while ebb's own server is away.\n\n" +
		term.Examples(
			"ebb source list --config ebb.yaml",
			"ebb source list --json | jq '.[] | select(.behind > 0)'",
		)
}

// runnerOf is what knows the sources of a configuration, and how to close it.
func runnerOf(ctx context.Context, c *setting.Config) (*source.Runner, func(), error) {
	if len(c.Sources.Sources) == 0 {
		return nil, nil, errors.New("the settings have no sources; name one: sources: [{name: orders, stream: ORDERS}]")
	}
	log := slog.New(slog.DiscardHandler)
	js, err := c.NATS.ConnectJetStream(ctx, log)
	if err != nil {
		return nil, nil, err
	}
	runner, err := c.Runner(js, log)
	if err != nil {
		js.Conn().Close()
	}

	return runner, func() { js.Conn().Close() }, err
}

// Run asks and prints.
func (c *listSources) Run(ctx context.Context, to call.Streams) error {
	runner, closeConn, err := runnerOf(ctx, &c.Config)
	if err != nil {
		return err
	}
	defer closeConn()
	found := runner.Look(ctx)
	if c.JSON {
		return json.NewEncoder(to.Out).Encode(found)
	}

	return printSources(to.Out, found)
}

func printSources(to io.Writer, found []source.Status) error {
	w := &term.Writer{To: to}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SOURCE\tSTREAM\tSTATE\tMESSAGE\tBEHIND\tEVENTS\tREFUSED\tLOST")
	for _, s := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\n", s.Name, term.Printable(s.Place), s.State, s.Sequence, s.Behind, s.Events, s.Refused, s.Lost)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, s := range found {
		if s.Core {
			w.Line("%s", term.Wrapped(s.Name+": core subjects are best effort: what is published while no ebb hears it is gone, and each message counts at most once.", "  "))
		}
		if s.Error != "" {
			w.Line("%s", term.Wrapped(s.Name+": "+term.Printable(s.Error), "  "))
		}
	}

	return w.Err
}

// trySource is `ebb source try`.
type trySource struct {
	Name           string           `arg:"" help:"Name of the source in the settings."`
	Events         int              `name:"events" default:"10" placeholder:"N" help:"At most so many, 1 to 1000."`
	Wait           setting.Duration `name:"wait" default:"10s" placeholder:"DURATION" help:"How long to wait for messages of core subjects, 1s to 10m."`
	JSON           bool             `name:"json" help:"Print a line of JSON each."`
	setting.Config `embed:""`
}

// Help is shown by ebb source try --help.
func (trySource) Help() string {
	return "Reads the first messages of the stream, stores nothing and changes nothing. Exit code 1 where none of them can be read.\n\n" +
		term.Examples(
			"ebb source try orders --config ebb.yaml",
			"ebb source try orders --events 100 --json",
		)
}

// Validate refuses what can't be tried.
func (c *trySource) Validate() error {
	return errors.Join(
		setting.RefuseOutside("--events", c.Events, 1, 1000),
		setting.RefuseOutside("--wait", c.Wait, setting.Duration(time.Second), setting.Duration(10*time.Minute)),
	)
}

// tried is an event of a source, as `ebb source try --json` prints it.
type tried struct {
	Sequence uint64          `json:"sequence,omitempty"`
	Stored   time.Time       `json:"stored"`
	Format   string          `json:"format"`
	Event    json.RawMessage `json:"event,omitempty"`
	Refused  string          `json:"refused,omitempty"`
}

// Run reads and prints.
func (c *trySource) Run(ctx context.Context, to call.Streams) error {
	runner, closeConn, err := runnerOf(ctx, &c.Config)
	if err != nil {
		return err
	}
	defer closeConn()
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.Wait))
	defer cancel()
	samples, err := runner.Try(ctx, c.Name, c.Events)
	if err != nil {
		return err
	}
	w := &term.Writer{To: to.Out}
	good, all := 0, 0
	for _, s := range samples {
		for i := range s.Events {
			read := &s.Events[i]
			all++
			if read.Refused == nil {
				good++
			}
			if err := c.print(w, &s, read); err != nil {
				return err
			}
		}
	}
	switch {
	case w.Err != nil:
		return w.Err
	case all == 0:
		return fmt.Errorf("source %s has no messages yet", c.Name)
	case good == 0:
		return fmt.Errorf("none of the %d events of source %s can be read; correct its format or mapping", all, c.Name)
	}

	return nil
}

func (c *trySource) print(w *term.Writer, s *source.Sample, read *source.Read) error {
	line := tried{Sequence: s.Sequence, Stored: time.UnixMilli(s.Stored).UTC(), Format: read.Format}
	if read.Refused != nil {
		line.Refused = read.Refused.Error()
	} else {
		line.Event = read.Body
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(line)
	}
	w.Line("message %d, stored at %s, format %s:", s.Sequence, term.TimeText(line.Stored), read.Format)
	if read.Refused != nil {
		w.Line("%s", term.Wrapped("  refused: "+term.Printable(line.Refused), "    "))

		return w.Err
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, read.Body, "  ", "  "); err != nil {
		return err
	}
	w.Line("  %s", pretty.String())

	return nil
}
