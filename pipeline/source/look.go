package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/jetstream"
	"ebb/pipeline/preflight"
)

// NotBegun is the state of a source of which nothing is in the input.
const NotBegun State = "not begun"

// Look says from outside how the sources stand, also while nothing runs: up to where
// their events are in the input, and what waits. It changes nothing.
func (r *Runner) Look(ctx context.Context) []Status {
	var all []Status
	for _, f := range r.feeds {
		if err := f.look(ctx); err != nil {
			f.failed(err)
		}
		f.disconnect()
	}
	all = append(all, r.Status()...)

	return all
}

// lookTimeout bounds what one source may take.
const lookTimeout = 5 * time.Second

func (f *feed) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	f.is(NotBegun)
	cursor, known, err := f.stands(ctx)
	if err != nil {
		return err
	}
	if known {
		f.is(Live)
		f.at(&cursor, 0, cursor.Stored)
	}
	if f.spec.Core {
		return nil
	}
	if err := f.connect(ctx); err != nil {
		return err
	}
	state, err := f.foreign(ctx)
	if err != nil {
		return err
	}
	switch {
	case known && !cursor.Reads(f.spec.Stream, state.Created):
		return fmt.Errorf("it has read another stream, %s, made at %s", cursor.Stream, when(cursor.Created))
	case !known:
		if cursor.Sequence, err = f.first(ctx, &state); err != nil {
			return err
		}
	}
	follow := jetstream.OpenForeign(f.js, f.spec.Stream, cursor.Sequence+1, f.spec.Subjects...)
	defer follow.Close()
	waiting, err := follow.Waiting(ctx)
	if err != nil {
		return err
	}
	f.at(&cursor, waiting, cursor.Stored)
	if there, err := jetstream.HasStage(ctx, f.config.JS, f.config.Layout); err != nil || !there {
		return err
	}
	stage, err := jetstream.OpenStage(ctx, f.config.JS, f.config.Layout)
	if err != nil {
		return err
	}
	if _, staged, err := stage.Cursor(ctx, f.spec.Name); err != nil || !staged {
		return err
	}
	f.is(History)

	return nil
}

// stands is the cursor, false also where there is no input stream yet.
func (f *feed) stands(ctx context.Context) (jetstream.SourceCursor, bool, error) {
	err := jetstream.CheckInput(ctx, f.config.JS, f.config.Layout)
	if errors.Is(err, natsjs.ErrStreamNotFound) {
		return jetstream.SourceCursor{}, false, nil
	}
	if err != nil {
		return jetstream.SourceCursor{}, false, err
	}

	return f.writer.Cursor(ctx)
}

// Sample is a message of a source, and what would become of it.
type Sample struct {
	Sequence uint64
	Stored   int64 // Unix ms
	Events   []Read
}

// ErrNoSource says that the settings have no source of a name.
var ErrNoSource = errors.New("there is no such source")

// Try reads the first messages of a source as they would be read: at most so many
// events. It changes nothing. Of core subjects it waits for messages until ctx ends.
func (r *Runner) Try(ctx context.Context, name string, most int) ([]Sample, error) {
	i := slices.IndexFunc(r.feeds, func(f *feed) bool { return f.spec.Name == name })
	if i < 0 {
		var names []string
		for _, f := range r.feeds {
			names = append(names, f.spec.Name)
		}

		return nil, fmt.Errorf("%w: %q; the settings have %q", ErrNoSource, name, names)
	}
	f := r.feeds[i]
	defer f.disconnect()
	if err := f.connect(ctx); err != nil {
		return nil, err
	}
	if f.spec.Core {
		return f.tryCore(ctx, most)
	}

	return f.try(ctx, most)
}

func (f *feed) try(ctx context.Context, most int) ([]Sample, error) {
	state, err := f.foreign(ctx)
	if err != nil {
		return nil, err
	}
	from := f.spec.From
	if from.New { // what is there shows best what will come
		f.spec.From = From{}
		defer func() { f.spec.From = from }()
	}
	before, err := f.first(ctx, &state)
	if err != nil {
		return nil, err
	}
	follow := jetstream.OpenForeign(f.js, f.spec.Stream, before+1, f.spec.Subjects...)
	defer follow.Close()
	waiting, err := follow.Waiting(ctx)
	if err != nil || waiting == 0 {
		return nil, err
	}
	var samples []Sample
	for events := 0; ; {
		messages, err := follow.Next(ctx)
		if err != nil {
			return samples, err
		}
		for i := range messages {
			s := f.sample(message(&messages[i]), most-events)
			samples = append(samples, s)
			events += len(s.Events)
			if events >= most || messages[i].Pending == 0 {
				return samples, nil
			}
		}
	}
}

func (f *feed) tryCore(ctx context.Context, most int) ([]Sample, error) {
	core, err := jetstream.HearCore(ctx, f.js, f.spec.Subjects, most)
	if err != nil {
		return nil, err
	}
	defer core.Close()
	var samples []Sample
	for events := 0; events < most; {
		select {
		case m := <-core.Messages:
			s := f.sample(&Message{ID: "sample", Stored: time.Now().UnixMilli(), Header: m.Header, Data: m.Data}, most-events)
			samples = append(samples, s)
			events += len(s.Events)
		case <-ctx.Done():
			return samples, nil // what has come by then
		}
	}

	return samples, nil
}

func (f *feed) sample(m *Message, most int) Sample {
	events := f.reader.Read(m)

	return Sample{Sequence: m.Sequence, Stored: m.Stored, Events: events[:min(len(events), most)]}
}

// sampled is how many events a check reads.
const sampled = 10

// Preflight tries each source: that its stream is there, that it may be read, and what
// its first events are. It changes nothing.
func (r *Runner) Preflight(ctx context.Context) []preflight.Finding {
	var found []preflight.Finding
	for _, f := range r.feeds {
		found = append(found, f.preflight(ctx))
		f.disconnect()
	}

	return found
}

func (f *feed) preflight(ctx context.Context) preflight.Finding {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	name := "source " + f.spec.Name
	if err := f.connect(ctx); err != nil {
		return preflight.Fail(name, err.Error(), "start that server, or correct url and credentials of the source")
	}
	if f.spec.Core {
		return preflight.Warn(name, "core subjects "+f.spec.Place()+" are best effort: what is published while no ebb runs is gone",
			"if no event may be lost, keep them in a stream: nats stream add NAME --subjects '"+f.spec.Subjects[0]+"'")
	}
	samples, err := f.try(ctx, sampled)
	switch {
	case errors.Is(err, jetstream.ErrForeign):
		return preflight.Fail(name, err.Error(), "read a mirror of it")
	case errors.Is(err, natsjs.ErrStreamNotFound):
		return preflight.Fail(name, "there is no stream "+f.spec.Stream+" in this account", "correct stream of the source, or its account (url, credentials, domain)")
	case err != nil:
		return preflight.Fail(name, "stream "+f.spec.Stream+" can't be read: "+err.Error(),
			"allow the user to publish to "+strings.Join(jetstream.ForeignPermissions(f.spec.Stream, f.spec.Account.Domain), ", "))
	}
	events, refused, first := 0, "", ""
	for _, s := range samples {
		for i := range s.Events {
			read := &s.Events[i]
			switch {
			case read.Refused != nil && refused == "":
				refused = fmt.Sprintf("message %d: format %s: %v", s.Sequence, read.Format, read.Refused)
			case read.Refused == nil:
				events++
				if first == "" {
					first = fmt.Sprintf("message %d is read as %s, an event of %s", s.Sequence, read.Format, when(read.Time))
				}
			}
		}
	}
	switch {
	case len(samples) == 0:
		return preflight.Found(name, "stream "+f.spec.Stream+" is there, may be read, and is empty")
	case events == 0:
		return preflight.Fail(name, "none of the first events of stream "+f.spec.Stream+" can be read: "+refused,
			"ebb source try "+f.spec.Name+" shows them; correct format or mapping of the source")
	case refused != "":
		return preflight.Warn(name, "of the first events of stream "+f.spec.Stream+" some can't be read: "+refused,
			"ebb source try "+f.spec.Name+" shows them; the others count")
	}

	return preflight.Found(name, "stream "+f.spec.Stream+": "+first)
}
