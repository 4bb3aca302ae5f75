package jetstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/origin"
)

// putManifest writes a value to the bucket of manifests.
func putManifest(t *testing.T, js natsjs.JetStream, layout Layout, value string) {
	t.Helper()
	bucket, err := js.KeyValue(t.Context(), layout.Manifests)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bucket.PutString(t.Context(), "0", value); err != nil {
		t.Fatal(err)
	}
}

// messagesOf are the messages of a stream as the server has them.
func messagesOf(t *testing.T, js natsjs.JetStream, name string) (all []*natsjs.RawStreamMsg) {
	t.Helper()
	stream, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	state := stream.CachedInfo().State
	for sequence := max(state.FirstSeq, 1); sequence <= state.LastSeq; sequence++ {
		message, err := stream.GetMsg(t.Context(), sequence)
		if err != nil {
			t.Fatalf("%s, message %d: %v", name, sequence, err)
		}
		all = append(all, message)
	}

	return all
}

// What is backed up comes back message by message, with its sequences, times and the
// era that it is of; what came later is not in it.
func TestBackupComesBack(t *testing.T) {
	from, layout := provisioned(t)
	publishBodies(t, from, layout, 40, func(i int) (string, []byte) {
		return fmt.Sprint("c", i), incompressible(t, byte(i), 16<<10) // several parts
	})
	publishRaw(t, from, layout.Prefix+".signals.0.risk", nil, "a signal")
	putManifest(t, from, layout, "the state")
	folder := filepath.Join(t.TempDir(), "backup")
	var told []BackedUp
	b, err := BackUp(t.Context(), from, layout, folder, func(s BackedUp) { told = append(told, s) })
	if err != nil {
		t.Fatal(err)
	}
	if last := len(told) - 1; !reflect.DeepEqual(told, b.Streams) || told[last].Stream != layout.Stream || told[last].Messages != 40 {
		t.Errorf("told of %+v, stored %+v; the input comes last, with 40 messages", told, b.Streams)
	}
	if read, err := ReadBackup(folder); err != nil || !reflect.DeepEqual(read, b) {
		t.Errorf("the folder holds %+v, %v; want %+v", read, err, b)
	}
	publishEvents(t, from, layout, 0, 3)

	to := connect(t, localtest.NATS(t))
	told = nil
	if _, err := Restore(t.Context(), to, layout, folder, func(s BackedUp) { told = append(told, s) }); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(told, b.Streams) {
		t.Errorf("told of %+v, restored %+v", told, b.Streams)
	}
	for _, s := range b.Streams {
		want := messagesOf(t, from, s.Stream)
		if s.Stream == layout.Stream {
			want = want[:40]
		}
		if got := messagesOf(t, to, s.Stream); !reflect.DeepEqual(got, want) || uint64(len(got)) != s.Messages {
			t.Errorf("%s: %d messages came back, %d were there, %d were told of", s.Stream, len(got), len(want), s.Messages)
		}
		stream, err := to.Stream(t.Context(), s.Stream)
		if err != nil {
			t.Fatal(err)
		}
		if began := origin.Of(stream.CachedInfo()); !began.Equal(s.Began) {
			t.Errorf("%s began at %s, want %s", s.Stream, began, s.Began)
		}
	}
	provision(t, to, layout) // ebb can use them

	_, err = Restore(t.Context(), to, layout, folder, nil)
	expectWords(t, err, "the server has a stream", "delete its streams")
	_, err = Restore(t.Context(), to, Layout{Prefix: "shop"}, folder, nil)
	expectWords(t, err, "set stream.prefix to that of the backup")
	_, err = BackUp(t.Context(), from, layout, folder, nil)
	expectWords(t, err, folder, "is not empty")
	_, err = BackUp(t.Context(), from, Layout{Prefix: "shop", Stream: "SHOP"}, t.TempDir(), func(BackedUp) {})
	expectWords(t, err, "there is no stream SHOP", "stream.prefix")
}

func expectWords(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("error is %v, want %q in it", err, word)
		}
	}
}

// A backup that is not whole, or was damaged, is refused with what is wrong.
func TestDamagedBackupIsRefused(t *testing.T) {
	from, layout := provisioned(t)
	publishEvents(t, from, layout, 0, 5)
	folder := t.TempDir()
	if _, err := BackUp(t.Context(), from, layout, folder, func(BackedUp) {}); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(folder, backupIndex)
	meta := filepath.Join(folder, layout.Stream, backupMeta)
	archive := filepath.Join(folder, layout.Stream, archiveOf(from.Conn()))
	for name, test := range map[string]struct {
		file   string
		change func([]byte) []byte // nil removes the file
		words  []string
	}{
		"no index":           {index, nil, []string{"holds no whole backup", backupIndex}},
		"half an index":      {index, func(b []byte) []byte { return b[:len(b)/2] }, []string{backupIndex}},
		"a later version":    {index, func(b []byte) []byte { return bytes.Replace(b, []byte(`"version": 1`), []byte(`"version": 2`), 1) }, []string{"version 2", "reads version 1"}},
		"other counts":       {index, withMessages(t, layout.Stream, 6), []string{"restore stream " + layout.Stream, "5 messages", "the backup says 6"}},
		"no configuration":   {meta, nil, []string{"restore stream " + layout.Stream, backupMeta, "delete the streams that were restored"}},
		"no archive":         {archive, nil, []string{"restore stream " + layout.Stream, backupTar}},
		"a damaged archive":  {archive, func(b []byte) []byte { return bytes.Repeat([]byte("x"), len(b)) }, []string{"restore stream " + layout.Stream}},
		"a wrong name of it": {meta, func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`"`+layout.Stream+`"`), []byte(`"OTHER"`)) }, []string{"restore stream " + layout.Stream}},
	} {
		t.Run(name, func(t *testing.T) {
			was, err := os.ReadFile(test.file)
			if err != nil {
				t.Fatal(err)
			}
			if test.change == nil {
				err = os.Remove(test.file)
			} else {
				err = os.WriteFile(test.file, test.change(bytes.Clone(was)), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, err = Restore(t.Context(), connect(t, localtest.NATS(t)), layout, folder, func(BackedUp) {})
			expectWords(t, err, test.words...)
			if err := os.WriteFile(test.file, was, 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
	if _, err := Restore(t.Context(), connect(t, localtest.NATS(t)), layout, folder, func(BackedUp) {}); err != nil {
		t.Errorf("as it was: %v", err)
	}
}

// withMessages says of a stream that it has so many messages.
func withMessages(t *testing.T, stream string, messages uint64) func([]byte) []byte {
	return func(text []byte) []byte {
		var b Backup
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatal(err)
		}
		for i := range b.Streams {
			if b.Streams[i].Stream == stream {
				b.Streams[i].Messages = messages
			}
		}
		out, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}

		return out
	}
}

// A state that is stored while it is backed up makes the backup of it begin anew, and
// one that never rests ends with what to do.
func TestStateIsBackedUpAtRest(t *testing.T) {
	js, layout := provisioned(t)
	for stores, want := range map[int]int{0: 1, 2: 3} {
		times := 0
		if err := backUpState(t.Context(), js, layout, func() error {
			if times++; times <= stores {
				putManifest(t, js, layout, fmt.Sprint(times))
			}

			return nil
		}); err != nil || times != want {
			t.Errorf("an instance stored %d times: backed up %d times, %v; want %d", stores, times, err, want)
		}
	}
	times := 0
	err := backUpState(t.Context(), js, layout, func() error {
		times++
		putManifest(t, js, layout, fmt.Sprint(times))

		return nil
	})
	expectWords(t, err, "snapshot.interval")
	if times != backupTries {
		t.Errorf("it was tried %d times, want %d", times, backupTries)
	}
}

// A backup is a folder.
func TestReadBackupOfAFileIsRefused(t *testing.T) {
	file := writeFile(t, "backup", []byte("x"))
	_, err := ReadBackup(file)
	expectWords(t, err, file, "is no folder")
}

// What was interrupted, or can't be read, is an error, and no backup.
func TestBackupThatEndsEarlyIsNone(t *testing.T) {
	js, layout := provisioned(t)
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	folder := t.TempDir()
	if _, err := BackUp(interrupted, js, layout, folder, func(BackedUp) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("the backup was interrupted, and its error is %v", err)
	}
	_, err := ReadBackup(folder)
	expectWords(t, err, "holds no whole backup")

	if _, err := BackUp(t.Context(), js, layout, folder, func(BackedUp) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(interrupted, js, layout, folder, func(BackedUp) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("the restore was interrupted, and its error is %v", err)
	}
	if _, err := BackUp(t.Context(), js, layout, filepath.Join(writeFile(t, "file", nil), "backup"), func(BackedUp) {}); err == nil {
		t.Error("a folder below a file was taken")
	}
	instead := t.TempDir()
	if err := os.Mkdir(filepath.Join(instead, backupIndex), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadBackup(instead); err == nil {
		t.Error("an index that is a folder was taken")
	}
	for _, config := range []string{"x", `{"metadata": 1}`} {
		if _, err := beganAt([]byte(config), time.Now()); err == nil {
			t.Errorf("the configuration %s was taken", config)
		}
	}
}
