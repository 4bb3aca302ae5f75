package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
)

// backupIndex is the file that says what a backup holds. It is written last: without
// it a folder holds a part of a backup.
const backupIndex = "ebb-backup.json"

// backupTries is how often the state is stored again because an instance stored a
// newer one meanwhile.
const backupTries = 20

// BackedUp is one stream of a backup.
type BackedUp struct {
	Stream   string `json:"stream"`
	Messages uint64 `json:"messages"`
	Bytes    uint64 `json:"bytes"` // in the stream; the file is compressed
	Last     uint64 `json:"last"`  // sequence of its last message

	Began time.Time `json:"began"` // see package origin
}

// Backup is what a folder holds.
type Backup struct {
	Version int        `json:"version"`
	Time    time.Time  `json:"time"`
	Prefix  string     `json:"prefix"` // of the subjects
	Stream  string     `json:"stream"` // name of the input stream
	Streams []BackedUp `json:"streams"`
}

// BackUp stores all streams of a layout in a folder, in the form of `nats stream
// backup`, while instances may run. tell hears of each stream.
//
// The order makes it whole: first the state and what names it, in which no instance
// may have stored a newer one meanwhile; then the outputs; the input last. So the
// state is the oldest, the input the newest, as after a crash: what comes back goes
// on from the state, knows by the markers which outputs are there, and has the events
// to make the others of.
func BackUp(ctx context.Context, js natsjs.JetStream, layout Layout, folder string, tell func(BackedUp)) (Backup, error) {
	layout = layout.WithDefaults()
	b := Backup{Version: 1, Time: time.Now().UTC().Truncate(time.Second), Prefix: layout.Prefix, Stream: layout.Stream}
	if err := emptyFolder(folder); err != nil {
		return b, err
	}
	add := func(name string) error {
		stored, err := backUpStream(ctx, js, name, filepath.Join(folder, name))
		if noStream(err) {
			if name == layout.Stream {
				return fmt.Errorf("there is no stream %s to back up; name the installation with stream.prefix", name)
			}

			return nil // a bucket that nobody needed yet
		}
		if err != nil {
			return fmt.Errorf("back up stream %s: %w", name, err)
		}
		b.Streams = append(b.Streams, stored)
		tell(stored)

		return nil
	}
	streams, buckets, snapshots := layout.names()
	state := []string{snapshots, bucketStream(layout.Manifests)}
	if err := backUpState(ctx, js, layout, func() error {
		b.Streams = nil
		for _, name := range state {
			if err := errors.Join(os.RemoveAll(filepath.Join(folder, name)), add(name)); err != nil {
				return err
			}
		}

		return nil
	}); err != nil {
		return b, err
	}
	others := slices.DeleteFunc(append(slices.Clone(buckets), streams...), func(name string) bool {
		return name == bucketStream(layout.Manifests) || name == bucketStream(layout.Leases) || name == layout.Stream
	})
	for _, name := range append(others, layout.Stream) {
		if err := add(name); err != nil {
			return b, err
		}
	}
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return b, err
	}

	return b, os.WriteFile(filepath.Join(folder, backupIndex), append(text, '\n'), 0o600)
}

// backUpState stores the snapshots and the manifests that name them. A manifest that
// is written meanwhile may name a snapshot that is not in the backup, and its former
// one may be gone: then both are stored again.
func backUpState(ctx context.Context, js natsjs.JetStream, layout Layout, store func() error) error {
	for range backupTries {
		before, err := lastOf(ctx, js, bucketStream(layout.Manifests))
		if err != nil {
			return err
		}
		if err := store(); err != nil {
			return err
		}
		after, err := lastOf(ctx, js, bucketStream(layout.Manifests))
		if err != nil || after == before {
			return err
		}
	}

	return fmt.Errorf("instances stored newer states %d times while the state was backed up; "+
		"store less often (snapshot.interval), or stop them for the backup", backupTries)
}

func noStream(err error) bool { return streamMissing(err) || errors.Is(err, natsjs.ErrStreamNotFound) }

// lastOf is the last sequence of a stream, 0 where there is none.
func lastOf(ctx context.Context, js natsjs.JetStream, name string) (uint64, error) {
	stream, err := js.Stream(ctx, name)
	if noStream(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("stream %s: %w", name, err)
	}

	return stream.CachedInfo().State.LastSeq, nil
}

// emptyFolder makes the folder, or refuses one with something in it.
func emptyFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	found, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return fmt.Errorf("the folder %s is not empty: it holds %s; name another one, so that no backup is lost, or remove what is left of one that was broken off, which has no %s",
			folder, found[0].Name(), backupIndex)
	}

	return nil
}

// ReadBackup says what a folder holds.
func ReadBackup(folder string) (Backup, error) {
	var b Backup
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return b, fmt.Errorf("%s is no folder; name the one that ebb backup wrote", folder)
	}
	text, err := os.ReadFile(filepath.Join(folder, backupIndex))
	if errors.Is(err, os.ErrNotExist) {
		return b, fmt.Errorf("%s holds no whole backup: there is no %s in it; it is written when all streams are", folder, backupIndex)
	}
	if err != nil {
		return b, err
	}
	if err := json.Unmarshal(text, &b); err != nil {
		return b, fmt.Errorf("%s: %w", filepath.Join(folder, backupIndex), err)
	}
	if b.Version != 1 || len(b.Streams) == 0 {
		return b, fmt.Errorf("%s is of version %d with %d streams; this ebb reads version 1", filepath.Join(folder, backupIndex), b.Version, len(b.Streams))
	}

	return b, nil
}

// Restore makes the streams of a backup on a server that has none of them. tell hears
// of each.
func Restore(ctx context.Context, js natsjs.JetStream, layout Layout, folder string, tell func(BackedUp)) (Backup, error) {
	layout = layout.WithDefaults()
	b, err := ReadBackup(folder)
	if err != nil {
		return b, err
	}
	if b.Stream != layout.Stream || b.Prefix != layout.Prefix {
		return b, fmt.Errorf("the backup is of stream %s with subjects %s, the settings say %s and %s; "+
			"streams keep their names: set stream.prefix to that of the backup", b.Stream, b.Prefix, layout.Stream, layout.Prefix)
	}
	for _, s := range b.Streams {
		_, err := js.Stream(ctx, s.Stream)
		switch {
		case err == nil:
			return b, fmt.Errorf("the server has a stream %s; a backup goes into an empty account, before an ebb is started there: "+
				"stop ebb and delete its streams, or name another server", s.Stream)
		case !noStream(err):
			return b, fmt.Errorf("look for stream %s: %w", s.Stream, err)
		}
	}
	for _, s := range b.Streams {
		state, err := restoreStream(ctx, js, s.Stream, filepath.Join(folder, s.Stream))
		if err != nil {
			return b, fmt.Errorf("restore stream %s: %w; delete the streams that were restored before you try again", s.Stream, err)
		}
		if state.Messages != s.Messages || state.Last != s.Last {
			return b, fmt.Errorf("restore stream %s: it has %d messages up to sequence %d, the backup says %d up to %d", s.Stream, state.Messages, state.Last, s.Messages, s.Last)
		}
		tell(s)
	}

	return b, nil
}
