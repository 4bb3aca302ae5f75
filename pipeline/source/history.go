package source

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"ebb/pipeline/imports"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/replay"
)

// leastAge is the least age at which messages can be history.
const leastAge = 2 * time.Second

// stale is the age from which on messages are history, if they can be: what is younger
// is in time when it goes live.
func (c *Config) stale() time.Duration { return max(c.Lateness/2, leastAge) }

// isOld says whether a message, or the first event in it, would be late if it went live
// after a while. Event times are 0 where there are none.
func (c *Config) isOld(stored, event int64) bool {
	return time.Since(time.UnixMilli(stored)) > c.stale() || event != 0 && time.Since(time.UnixMilli(event)) > max(c.Lateness, leastAge)
}

// round goes on with the round that is open, else begins one if there is history. done:
// there is none.
func (r *Runner) round(ctx context.Context) (done bool, err error) {
	stage, err := r.openStage(ctx)
	if err != nil {
		return false, err
	}
	if stage != nil {
		open, found, err := stage.Round(ctx)
		if err != nil {
			return false, err
		}
		if found && !open.Done {
			return false, r.finish(ctx, stage, &open)
		}
	}
	var begun []*begin
	for _, f := range r.feeds {
		b, err := f.begin(ctx, stage)
		if err != nil {
			switch {
			case ctx.Err() != nil:
				return false, ctx.Err()
			case errors.Is(err, errBlocked):
				continue
			case f.js == r.config.JS && jetstream.Passing(err): // ebb's own server: nothing goes on without it
				return false, err
			}
			f.failed(err) // the others go on without it
			r.config.Log.Warn("a source can't be read, and is tried again", "source", f.spec.Name, "error", err)

			continue
		}
		if b != nil && b.history {
			begun = append(begun, b)
		}
	}
	if len(begun) == 0 {
		return true, nil
	}
	if stage == nil {
		if stage, err = jetstream.OpenStage(ctx, r.config.JS, r.config.Layout); err != nil {
			return false, err
		}
	}
	open := &jetstream.StageRound{Cursors: map[string]jetstream.SourceCursor{}}
	for _, b := range begun {
		if err := b.stage(ctx, stage); err != nil {
			return false, err
		}
		open.Cursors[b.feed.spec.Name] = b.cursor
	}
	if err := r.closeRound(ctx, stage, open); err != nil {
		return false, err
	}

	return false, r.finish(ctx, stage, open)
}

// openStage opens the stage where there is one.
func (r *Runner) openStage(ctx context.Context) (*jetstream.Stage, error) {
	there, err := jetstream.HasStage(ctx, r.config.JS, r.config.Layout)
	if err != nil || !there {
		return nil, err
	}

	return jetstream.OpenStage(ctx, r.config.JS, r.config.Layout)
}

// begin is where a source goes on.
type begin struct {
	feed    *feed
	cursor  jetstream.SourceCursor
	history bool // what follows is history
	last    uint64
}

// begin looks where a source goes on, and whether what follows is history. nil: the
// source is blocked, or has no past.
func (f *feed) begin(ctx context.Context, stage *jetstream.Stage) (*begin, error) {
	if f.spec.Core {
		return nil, nil
	}
	if err := f.connect(ctx); err != nil {
		return nil, err
	}
	state, err := f.foreign(ctx)
	if errors.Is(err, jetstream.ErrForeign) {
		f.blocked(err)

		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b := &begin{feed: f, last: state.Last}
	cursor, known, err := f.writer.Cursor(ctx)
	if err != nil {
		return nil, err
	}
	staged := false
	if stage != nil {
		var at jetstream.SourceCursor
		if at, staged, err = stage.Cursor(ctx, f.spec.Name); err != nil {
			return nil, err
		}
		if staged = staged && at.Reads(f.spec.Stream, state.Created) && (!known || at.Sequence >= cursor.Sequence); staged {
			cursor, known = at, true
		}
	}
	switch {
	case known && !cursor.Reads(f.spec.Stream, state.Created):
		f.blocked(fmt.Errorf("source %s has read stream %s, made at %s, up to message %d, and stream %s was made at %s; "+
			"give the source another name to read it from its beginning",
			f.spec.Name, cursor.Stream, when(cursor.Created), cursor.Sequence, f.spec.Stream, when(state.Created)))

		return nil, nil
	case !known:
		b.cursor = jetstream.SourceCursor{Stream: f.spec.Stream, Created: state.Created}
		if b.cursor.Sequence, err = f.first(ctx, &state); err != nil {
			return nil, err
		}
	default:
		b.cursor = cursor
		f.lose(&b.cursor, &state)
	}

	return b, f.judge(ctx, b, known, staged)
}

// first is the sequence in front of the first message to read.
func (f *feed) first(ctx context.Context, state *jetstream.ForeignState) (uint64, error) {
	switch from := f.spec.From; {
	case from.New:
		return state.Last, nil
	case from.At.IsZero():
		return max(state.First, 1) - 1, nil
	default:
		since, err := jetstream.ForeignSince(ctx, f.js, f.spec.Stream, from.At)

		return max(since, 1) - 1, err
	}
}

// lose counts what the stream removed before it was read.
func (f *feed) lose(cursor *jetstream.SourceCursor, state *jetstream.ForeignState) {
	if state.First <= cursor.Sequence+1 {
		return
	}
	lost := state.First - 1 - cursor.Sequence
	cursor.Lost += lost
	cursor.Sequence, cursor.Items = state.First-1, 0
	f.config.Log.Warn("the stream has removed messages before they were read; keep them for longer (max_age, max_bytes)",
		"source", f.spec.Name, "stream", f.spec.Stream, "messages", lost)
}

// judge says whether what follows the cursor is history.
func (f *feed) judge(ctx context.Context, b *begin, known, staged bool) error {
	follow := jetstream.OpenForeign(f.js, f.spec.Stream, b.cursor.Sequence+1, f.spec.Subjects...)
	defer follow.Close()
	waiting, err := follow.Waiting(ctx)
	if err != nil {
		return err
	}
	f.at(&b.cursor, waiting, 0)
	if staged {
		b.history = true // what was begun has to be ended

		return nil
	}
	if waiting == 0 {
		if known {
			return nil
		}
		// From here on it is known where the source began.
		b.cursor.Sequence = max(b.cursor.Sequence, b.last)

		return f.writer.Store(ctx, nil, b.cursor)
	}
	messages, err := follow.Next(ctx)
	if err != nil {
		return err
	}
	f.at(&b.cursor, waiting, messages[0].Stored)
	first := f.earliest(messages)
	begun := known || f.spec.From.New // else all that is there is the past, however young
	if f.timeless || begun && !f.config.isOld(messages[0].Stored, first) {
		return nil
	}
	live, err := jetstream.LastLive(ctx, f.config.JS, f.config.Layout)
	if err != nil {
		return err
	}
	switch {
	case live == 0 || first == 0 || first+f.config.Lateness.Milliseconds() >= live:
		b.history = true
	case !known && f.spec.From.At.IsZero():
		f.blocked(fmt.Errorf("source %s has events from %s on, and ebb has processed live ones up to %s, so its history would all be late; "+
			"set from: new (or a time), or build beside: another stream.prefix and clickhouse.database with this source and stream %s as another "+
			"(subjects %s.p.*, format native), and switch when both are live",
			f.spec.Name, when(first), when(live), f.config.Layout.Stream, f.config.Layout.Prefix))

		return errBlocked
	case !f.latest:
		f.latest = true
		f.config.Log.Warn("events of a source are older than live ones by more than the lateness, and count as late",
			"source", f.spec.Name, "since", when(first), "live", when(live))
	}

	return nil
}

// errBlocked says that a source is blocked, which Status says already.
var errBlocked = errors.New("the source is blocked")

// earliest is the earliest time of the events in messages; 0 where none has one.
func (f *feed) earliest(messages []jetstream.ForeignMessage) int64 {
	first := int64(0)
	for i := range messages {
		for _, read := range f.reader.Read(message(&messages[i])) {
			if read.Refused == nil && (first == 0 || read.Time < first) {
				first = read.Time
			}
		}
	}

	return first
}

func message(m *jetstream.ForeignMessage) *Message {
	return &Message{Sequence: m.Sequence, Stored: m.Stored, Header: m.Header, Data: m.Data}
}

// stage copies what follows the cursor, up to the end of the stream by now.
func (b *begin) stage(ctx context.Context, stage *jetstream.Stage) error {
	f := b.feed
	f.is(History)
	follow := jetstream.OpenForeign(f.js, f.spec.Stream, b.cursor.Sequence+1, f.spec.Subjects...)
	defer follow.Close()
	waiting, err := follow.Waiting(ctx)
	if err != nil || waiting == 0 {
		return err
	}
	var lines []byte
	put := func() error {
		err := stage.Chunk(ctx, f.spec.Name, lines, b.cursor)
		lines = lines[:0]

		return err
	}
	for {
		messages, err := follow.Next(ctx)
		if err != nil {
			return err
		}
		for i := range messages {
			m := &messages[i]
			skip := b.cursor.Items
			for item, read := range f.reader.Read(message(m)) {
				if item < skip {
					continue
				}
				if len(lines) > 0 && len(lines)+len(read.Body) >= jetstream.MaxStageBytes {
					if err := put(); err != nil {
						return err
					}
				}
				lines = append(append(lines, read.Body...), '\n')
				count(&b.cursor, &read)
				b.cursor.Items, b.cursor.History = item+1, b.cursor.History+1
			}
			b.cursor.Sequence, b.cursor.Items, b.cursor.Stored = m.Sequence, 0, m.Stored
			f.at(&b.cursor, m.Pending, m.Stored)
			if m.Pending == 0 || m.Sequence >= b.last {
				return put()
			}
		}
	}
}

func count(cursor *jetstream.SourceCursor, read *Read) {
	cursor.Events++
	if read.Refused != nil {
		cursor.Refused++
	}
}

// importOptions are kept with a round, so that an import which goes on is the same
// whatever has become of the settings.
type importOptions struct {
	replay.Options
	Latest int64 // is not in those
	Merged bool  // of several sources, in the order of time
}

func (r *Runner) closeRound(ctx context.Context, stage *jetstream.Stage, open *jetstream.StageRound) error {
	first, err := stage.First(ctx)
	if err != nil {
		return err
	}
	open.From, open.To = first, stage.Last()
	open.Options, err = json.Marshal(importOptions{
		Options: replay.Options{
			Partitions: r.config.Layout.Partitions, LiveFollows: true, Lateness: r.config.Lateness, Skew: r.config.Skew,
		},
		Latest: time.Now().Add(r.config.Skew).UnixMilli(),
		Merged: len(open.Cursors) > 1,
	})
	if err != nil {
		return err
	}

	return stage.Put(ctx, open)
}

// finish imports a round that is closed, moves the cursors of its sources behind it, and
// empties the stage.
func (r *Runner) finish(ctx context.Context, stage *jetstream.Stage, open *jetstream.StageRound) error {
	for _, f := range r.feeds {
		if _, in := open.Cursors[f.spec.Name]; in {
			f.is(History)
		}
	}
	imported, err := r.importRound(ctx, stage, open)
	if err != nil {
		return err
	}
	for name, cursor := range open.Cursors {
		writer := jetstream.NewSourceWriter(r.config.JS, r.config.Layout, name)
		at, known, err := writer.Cursor(ctx)
		if err != nil {
			return err
		}
		if known && at.Reads(cursor.Stream, cursor.Created) && at.Sequence >= cursor.Sequence {
			continue
		}
		if !imported {
			r.goesLive(name)

			continue
		}
		if err := writer.Store(ctx, nil, cursor); err != nil {
			return err
		}
	}
	if err := stage.Empty(ctx); err != nil {
		return err
	}
	open.Done = true

	return stage.Put(ctx, open)
}

// goesLive lets what a source has of the past go live, as the dead letters that it is:
// none of it has a time that can be believed.
func (r *Runner) goesLive(name string) {
	for _, f := range r.feeds {
		f.timeless = f.timeless || f.spec.Name == name
	}
}

// importRound imports the lines of a round. It reports false where there is nothing to
// import.
func (r *Runner) importRound(ctx context.Context, stage *jetstream.Stage, open *jetstream.StageRound) (bool, error) {
	var options importOptions
	if err := json.Unmarshal(open.Options, &options); err != nil {
		return false, fmt.Errorf("options of the round of history: %w", err)
	}
	options.Options.Latest = options.Latest
	mapping := replay.FormatMapping(replay.Native)
	if options.Merged {
		mapping.Time.Order = replay.TimeOrder
	}
	names := slices.Sorted(maps.Keys(open.Cursors))
	plan, err := replay.NewPlan(replay.Source{
		Name: cmp.Or(strings.Join(names, "+"), "sources"),
		Open: func() (io.ReadCloser, error) { return stage.Lines(ctx, open.From, open.To), nil },
	}, mapping, options.Options)
	if errors.Is(err, replay.ErrNoRows) || errors.Is(err, replay.ErrWrongUnit) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	importer := imports.Importer{JS: r.config.JS, Layout: r.config.Layout, Plan: plan, Resume: true}
	if r.config.Expired != nil {
		importer.Expired = r.config.Expired(time.Now())
	}
	status, err := importer.Run(ctx)
	if errors.Is(err, replay.ErrImported) {
		r.config.Log.Warn("the import of the history of sources was given up; its other rows are not imported", "sources", names, "rows", status.Rows)

		return true, nil
	}
	if err == nil {
		r.config.Log.Info("a round of the history of sources is imported", "sources", names, "events", status.Rows, "up to", when(status.Clock))
	}

	return true, err
}

// when is a time for people.
func when(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }
