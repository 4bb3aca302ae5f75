// Package imports brings a history, as package replay reads it, into the input
// stream of package jetstream.
package imports

import (
	"context"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/replay"
)

// Importer publishes one history.
type Importer struct {
	JS     natsjs.JetStream
	Layout jetstream.Layout
	Plan   *replay.Plan

	// Expired says up to when windows are expired, Unix ms by the name of
	// their length; see fact.StartMark.
	Expired map[string]int64

	PackRows int                   // rows of a record at most; 0 for the default
	Resume   bool                  // go on with what was interrupted
	Progress func(replay.Progress) // nil for nobody
	Compared func(replay.IDs)      // hears of ids that look wrong; nil for nobody
}

// Run imports the history, or what is left of it, and says how the import
// stands.
func (i Importer) Run(ctx context.Context) (jetstream.ImportStatus, error) {
	open, err := jetstream.OpenImport(ctx, i.JS, i.Layout, jetstream.ImportConfig{
		ID:      i.Plan.Import,
		Source:  i.Plan.Source.Name,
		ShiftMS: i.Plan.Shift(time.Now()),
		Expired: i.Expired,

		LatestMS: i.Plan.Options.Latest,
		PackRows: i.PackRows,
	})
	if err != nil {
		return jetstream.ImportStatus{}, err
	}
	defer open.Close()
	err = replay.Run{Plan: i.Plan, Writer: writer{open}, Resume: i.Resume, Progress: i.Progress, Compared: i.Compared}.Import(ctx)

	return open.Status(), err
}

// writer is an open import as the replay sees it.
type writer struct{ open *jetstream.Import }

func (w writer) Status() replay.Status {
	s := w.open.Status()

	return replay.Status{
		Import:  s.ID,
		Source:  s.Source,
		ShiftMS: s.ShiftMS,
		State:   replay.State(s.State),
		Rows:    uint64(s.Rows),
		Records: uint64(s.Records),
		Clock:   s.Clock,

		PackRows: s.PackRows,
	}
}

func (w writer) Append(ctx context.Context, records []event.Record) error {
	history := make([]jetstream.HistoryRecord, len(records))
	for i := range records {
		r := &records[i]
		history[i] = jetstream.HistoryRecord{Partition: r.Partition, Clock: r.Clock, Control: r.Control, Rows: r.Rows, Body: r.Data}
	}

	return w.open.Append(ctx, history)
}

func (w writer) Answers(ctx context.Context, question uint64) error {
	return w.open.Answers(ctx, question)
}

func (w writer) End(ctx context.Context) error    { return w.open.End(ctx) }
func (w writer) Freeze(ctx context.Context) error { return w.open.Freeze(ctx) }
