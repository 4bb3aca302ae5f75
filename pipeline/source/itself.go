package source

import (
	"context"
	"fmt"
	"slices"

	"ebb/pipeline/jetstream"
)

// A source that reads what ebb writes would bring every event again, and again: the
// input would fill with repetitions for ever.

// itself refuses the settings of such a source.
func (c *Config) itself(s *Spec) error {
	if !s.Core {
		if s.Account == (Account{}) && c.Layout.Owns(s.Stream) {
			return &SettingError{Source: s.Name, Key: "stream", Value: s.Stream, Err: fmt.Errorf(
				"it is a stream of this ebb, which would read for ever what it writes; name the stream that your producers write to")}
		}

		return nil
	}
	for _, subject := range s.Subjects {
		if jetstream.Overlap(subject, c.Layout.Prefix+".>") {
			return &SettingError{Source: s.Name, Key: "core", Value: subject, Err: fmt.Errorf(
				"it hears %s.>, where ebb itself publishes; name the subjects that your producers use", c.Layout.Prefix)}
		}
	}

	return nil
}

// foreign looks at the source's stream. jetstream.ErrForeign also where it turns out to
// be one of this ebb, by another way to the same account, or a copy of one.
func (f *feed) foreign(ctx context.Context) (jetstream.ForeignState, error) {
	state, err := jetstream.LookForeign(ctx, f.js, f.spec.Stream)
	if err != nil {
		return state, err
	}
	layout := f.config.Layout
	copied := slices.IndexFunc(state.Copies, layout.Owns)
	switch {
	case copied >= 0 && f.js == f.config.JS:
		return state, fmt.Errorf("%w: stream %s is a copy of %s, a stream of this ebb, which would read for ever what it writes; "+
			"name the stream that your producers write to", jetstream.ErrForeign, f.spec.Stream, state.Copies[copied])
	case !layout.Owns(f.spec.Stream):
		return state, nil
	}
	if own, err := jetstream.LookForeign(ctx, f.config.JS, f.spec.Stream); err == nil && own.Created == state.Created {
		return state, fmt.Errorf("%w: stream %s is of this ebb, which would read for ever what it writes; "+
			"name the stream that your producers write to", jetstream.ErrForeign, f.spec.Stream)
	}

	return state, nil // of the same name, in another account
}
