package main

import (
	"context"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/replay"
)

// importer publishes one file of history.
type importer struct {
	js       natsjs.JetStream
	layout   jetstream.Layout
	plan     *replay.Plan
	resume   bool
	progress func(replay.Progress)
}

// run imports the file, or what is left of it, and says how the import stands.
func (i importer) run(ctx context.Context) (jetstream.ImportStatus, error) {
	open, err := jetstream.OpenImport(ctx, i.js, i.layout, jetstream.ImportConfig{
		ID:      i.plan.Import,
		Source:  i.plan.Source.Name,
		ShiftMS: i.plan.Shift(time.Now()),
	})
	if err != nil {
		return jetstream.ImportStatus{}, err
	}
	defer open.Close()
	err = replay.Run{Plan: i.plan, Writer: importWriter{open}, Resume: i.resume, Progress: i.progress}.Import(ctx)

	return open.Status(), err
}

// importWriter is an open import as the replay sees it.
type importWriter struct{ open *jetstream.Import }

func (w importWriter) Status() replay.Status {
	s := w.open.Status()

	return replay.Status{
		Import:  s.ID,
		Source:  s.Source,
		ShiftMS: s.ShiftMS,
		State:   replay.State(s.State),
		Rows:    uint64(s.Rows),
		Records: uint64(s.Records),
		Clock:   s.Clock,
	}
}

func (w importWriter) Append(ctx context.Context, records []pipeline.Record) error {
	history := make([]jetstream.HistoryRecord, len(records))
	for i := range records {
		r := &records[i]
		history[i] = jetstream.HistoryRecord{Partition: r.Partition, Clock: r.Clock, Control: r.Control, Body: r.Data}
	}

	return w.open.Append(ctx, history)
}

func (w importWriter) Wait(ctx context.Context, question uint64) error {
	return w.open.WaitModel(ctx, question)
}

func (w importWriter) End(ctx context.Context) error    { return w.open.End(ctx) }
func (w importWriter) Freeze(ctx context.Context) error { return w.open.Freeze(ctx) }
