package status

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/term"
	"ebb/pipeline/jetstream"
)

// sourceStatus is how far a source of events has come.
type sourceStatus struct {
	Name     string    `json:"name"`
	Stream   string    `json:"stream"`
	Sequence uint64    `json:"sequence"` // in that stream: all messages up to it are in the input
	At       time.Time `json:"at"`       // when that message was stored
	Behind   *uint64   `json:"behind"`   // messages that follow it, at most; null where the stream can't be asked from here
	Events   uint64    `json:"events"`
	Refused  uint64    `json:"refused"`
	Lost     uint64    `json:"lost"`
}

// readSources reads the cursors, and asks streams that this account has.
func readSources(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) ([]sourceStatus, error) {
	cursors, err := jetstream.SourceCursors(ctx, js, layout)
	if err != nil {
		return nil, err
	}
	var all []sourceStatus
	for _, name := range slices.Sorted(maps.Keys(cursors)) {
		cursor := cursors[name]
		s := sourceStatus{
			Name: name, Stream: cursor.Stream, Sequence: cursor.Sequence, At: term.TimeOf(cursor.Stored),
			Events: cursor.Events, Refused: cursor.Refused, Lost: cursor.Lost,
		}
		state, err := jetstream.LookForeign(ctx, js, cursor.Stream)
		if err == nil && cursor.Reads(cursor.Stream, state.Created) { // else it is of another account, or core
			behind := max(state.Last, cursor.Sequence) - cursor.Sequence
			s.Behind = &behind
		}
		all = append(all, s)
	}

	return all, nil
}

// printSources says how far sources have come, if there are any.
func (s *Status) printSources(to io.Writer) {
	if len(s.Sources) == 0 {
		return
	}
	fmt.Fprintln(to, "\nSOURCE\tSTREAM\tMESSAGE\tBEHIND\tAT\tEVENTS\tREFUSED\tLOST")
	for _, source := range s.Sources {
		behind := "ebb source list"
		if source.Behind != nil {
			behind = fmt.Sprint(*source.Behind)
		}
		fmt.Fprintf(to, "%s\t%s\t%d\t%s\t%s\t%d\t%d\t%d\n", source.Name, term.Printable(source.Stream), source.Sequence, behind,
			term.TimeText(source.At), source.Events, source.Refused, source.Lost)
	}
}
