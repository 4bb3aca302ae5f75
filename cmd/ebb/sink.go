package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/sinks/deliver"
)

// sinkCommand is `ebb sink rewind`.
type sinkCommand struct {
	Rewind rewindCommand `cmd:"" help:"Write again to ClickHouse what the streams hold, from a point on."`
}

// rewindCommand is `ebb sink rewind`.
type rewindCommand struct {
	To     rewindTarget         `name:"to" required:"" placeholder:"POINT" help:"From where to read again: beginning, a time (RFC 3339) or a span before now (2h) by when messages were stored, or with --stream a sequence."`
	Stream string               `name:"stream" enum:",rollups,signals,deadletters" default:"" placeholder:"rollups|signals|deadletters" help:"Only this stream; all if left out."`
	DryRun bool                 `name:"dry-run" help:"Only say what would be read again."`
	JSON   bool                 `name:"json" help:"Print JSON."`
	NATS   setting.NATSConfig   `embed:"" prefix:"nats." group:"NATS"`
	Layout setting.StreamConfig `embed:"" prefix:"stream." group:"Stream"`
	Log    setting.LogConfig    `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb sink rewind --help.
func (rewindCommand) Help() string {
	return "For rows that ClickHouse has lost: a table that was emptied, a partition dropped, messages it refused for a " +
		"cause that is gone. Rows that are there are written again as they are, so going back too far does no harm. " +
		"An ebb that runs begins within seconds, else the next ebb run does. What the streams no longer hold " +
		"(stream.max_age) can't be written again.\n\n" +
		term.Examples(
			"ebb sink rewind --to beginning --dry-run",
			"ebb sink rewind --to 2h",
			"ebb sink rewind --to 2026-03-01T12:00:00Z --stream signals",
			"ebb sink rewind --to 1234 --stream rollups",
		)
}

// rewindTarget is a point to read from.
type rewindTarget struct {
	target deliver.Target
	span   time.Duration // before now, where the point is one
}

// UnmarshalText reads "beginning", a sequence, a time or a span.
func (t *rewindTarget) UnmarshalText(data []byte) error {
	text := string(data)
	if text == "beginning" {
		return nil
	}
	if sequence, err := strconv.ParseUint(text, 10, 64); err == nil && sequence > 0 {
		t.target.Sequence = sequence

		return nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		t.target.Time = at

		return nil
	}
	if span, err := setting.ParseDuration(text); err == nil && span > 0 {
		t.span = span

		return nil
	}

	return fmt.Errorf("%q is no point to read from; use beginning, a time such as 2026-03-01T12:00:00Z, a span such as 2h or 3d, or a sequence from 1 on", text)
}

func (t rewindTarget) at(now time.Time) deliver.Target {
	if t.span > 0 {
		return deliver.Target{Time: now.Add(-t.span)}
	}

	return t.target
}

// Validate refuses what does not go together.
func (c *rewindCommand) Validate() error {
	return setting.Refuse(c.To.target.Sequence > 0 && c.Stream == "", "--to", strconv.FormatUint(c.To.target.Sequence, 10),
		"every stream counts for itself; name one with --stream")
}

// streams are those to put back.
func (c *rewindCommand) streams() []deliver.Stream {
	for _, s := range deliver.Streams() {
		if strings.EqualFold(s.String(), c.Stream) {
			return []deliver.Stream{s}
		}
	}

	return deliver.Streams()
}

// rewound is the result, as --json prints it.
type rewound struct {
	DryRun  bool              `json:"dry_run"`
	Streams []deliver.Rewound `json:"streams"`
}

// Run puts the cursors back.
func (c *rewindCommand) Run(ctx context.Context, to call.Streams) error {
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()

	layout, target := c.Layout.Layout(), c.To.at(time.Now())
	result := rewound{DryRun: c.DryRun}
	var failed error
	for _, s := range c.streams() {
		r, err := deliver.Rewind(ctx, js, setting.SinkFeed(layout), s, target, c.DryRun)
		if err != nil {
			failed = errors.Join(failed, err) // the others can be put back all the same

			continue
		}
		result.Streams = append(result.Streams, r)
	}
	if len(result.Streams) == 0 {
		return failed
	}
	if c.JSON {
		return errors.Join(json.NewEncoder(to.Out).Encode(result), failed)
	}

	return errors.Join(result.print(to), failed)
}

// print shows the result to a person.
func (r *rewound) print(to call.Streams) error {
	table := tabwriter.NewWriter(to.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STREAM\tWRITTEN\tFROM\tSTORED\tAGAIN")
	messages := uint64(0)
	for _, s := range r.Streams {
		messages += s.Messages
		if s.From == 0 {
			fmt.Fprintf(table, "%s\t%d\t\t\tnothing\n", s.Stream, s.Written)

			continue
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%d\n", s.Stream, s.Written, s.From, term.TimeText(*s.Stored), s.Messages)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, s := range r.Streams {
		if s.Gone > 0 {
			fmt.Fprintf(to.Out, "%s no longer holds messages 1 to %d:\n  rows of theirs that are lost can't be written again.\n", s.Stream, s.Gone)
		}
		if s.Note != "" {
			fmt.Fprintf(to.Out, "%s: %s.\n", s.Stream, s.Note)
		}
	}
	text := "%d messages are read again. An ebb that runs begins within seconds,\nelse the next ebb run does.\n"
	if r.DryRun {
		text = "%d messages would be read again.\n"
	}
	_, err := fmt.Fprintf(to.Out, text, messages)

	return err
}
