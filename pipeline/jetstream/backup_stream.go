package jetstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/origin"
)

// The files of one stream, named as the program nats names them: what the server
// says of the stream, and what it sends, which is in one of two forms.
const (
	backupMeta    = "backup.json"
	backupArchive = "stream.arc.s2" // of servers from 2.15 on
	backupTar     = "stream.tar.s2" // of those before
)

const (
	backupChunk     = 128 << 10        // bytes
	backupPatience  = 30 * time.Second // until the next chunk
	restorePatience = time.Hour        // until a server has made a stream of its chunks
)

// backedState is what the server says of a stream and a backup keeps.
type backedState struct {
	Messages uint64 `json:"messages"`
	Bytes    uint64 `json:"bytes"`
	Last     uint64 `json:"last_seq"`
}

// backUpStream stores a stream in a folder, without its consumers: ebb makes its own.
func backUpStream(ctx context.Context, js natsjs.JetStream, name, folder string) (BackedUp, error) {
	stream, err := js.Stream(ctx, name)
	if err != nil {
		return BackedUp{}, err
	}
	began := origin.Of(stream.CachedInfo())
	inbox := js.Conn().NewInbox()
	chunks, err := js.Conn().SubscribeSync(inbox)
	if err != nil {
		return BackedUp{}, err
	}
	defer func() { _ = chunks.Unsubscribe() }()             // the connection may be gone
	if err := chunks.SetPendingLimits(-1, -1); err != nil { // the server waits for what is acknowledged
		return BackedUp{}, err
	}
	var meta struct {
		Error  *natsjs.APIError `json:"error,omitempty"`
		Config json.RawMessage  `json:"config"`
		State  json.RawMessage  `json:"state"`
	}
	request := map[string]any{"deliver_subject": inbox, "no_consumers": true, "chunk_size": backupChunk}
	if err := call(ctx, js, "STREAM.SNAPSHOT."+name, request, &meta); err != nil {
		return BackedUp{}, err
	}
	if meta.Error != nil {
		return BackedUp{}, meta.Error
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return BackedUp{}, err
	}
	if err := receive(ctx, chunks, filepath.Join(folder, archiveOf(js.Conn()))); err != nil {
		return BackedUp{}, err
	}
	var state backedState
	if err := json.Unmarshal(meta.State, &state); err != nil {
		return BackedUp{}, err
	}
	if meta.Config, err = beganAt(meta.Config, began); err != nil {
		return BackedUp{}, err
	}
	text, err := json.MarshalIndent(meta, "", "  ")
	if err != nil {
		return BackedUp{}, err
	}

	return BackedUp{Stream: name, Messages: state.Messages, Bytes: state.Bytes, Last: state.Last, Began: began},
		os.WriteFile(filepath.Join(folder, backupMeta), text, 0o600)
}

// beganAt puts into the configuration of a stream when it began, whatever restores it.
func beganAt(config json.RawMessage, began time.Time) (json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	metadata := map[string]string{}
	err := json.Unmarshal(config, &fields)
	if err == nil && fields["metadata"] != nil {
		err = json.Unmarshal(fields["metadata"], &metadata)
	}
	if err != nil {
		return nil, err
	}
	metadata[origin.Key] = began.UTC().Format(time.RFC3339Nano)
	if fields["metadata"], err = json.Marshal(metadata); err != nil {
		return nil, err
	}

	return json.Marshal(fields)
}

// archiveOf is how the file of a stream is called by the form in which the server
// sends it.
func archiveOf(conn *nats.Conn) string {
	var major, minor int
	if _, err := fmt.Sscanf(conn.ConnectedServerVersion(), "%d.%d.", &major, &minor); err == nil && (major < 2 || major == 2 && minor < 15) {
		return backupTar
	}

	return backupArchive
}

// receive writes chunks to a file up to the empty one that ends them.
func receive(ctx context.Context, chunks *nats.Subscription, path string) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for {
		waiting, cancel := context.WithTimeout(ctx, backupPatience)
		chunk, err := chunks.NextMsgWithContext(waiting)
		cancel()
		if err != nil {
			return fmt.Errorf("wait for the next part of the stream: %w", err)
		}
		if len(chunk.Data) == 0 {
			if status := chunk.Header.Get("Status"); status != "" && status != "204" {
				return fmt.Errorf("the server broke the backup off: %s %s", status, chunk.Header.Get("Description"))
			}

			return file.Sync()
		}
		if _, err := file.Write(chunk.Data); err != nil {
			return err
		}
		if chunk.Reply != "" {
			if err := chunk.Respond(nil); err != nil {
				return err
			}
		}
	}
}

// restoreStream makes a stream of what a folder holds of it.
func restoreStream(ctx context.Context, js natsjs.JetStream, name, folder string) (backedState, error) {
	var state backedState
	request, err := os.ReadFile(filepath.Join(folder, backupMeta))
	if err != nil {
		return state, err
	}
	file, err := os.Open(filepath.Join(folder, backupArchive))
	if errors.Is(err, os.ErrNotExist) {
		file, err = os.Open(filepath.Join(folder, backupTar))
	}
	if err != nil {
		return state, err
	}
	defer file.Close()
	var to struct {
		Error   *natsjs.APIError `json:"error"`
		Deliver string           `json:"deliver_subject"`
		State   backedState      `json:"state"`
	}
	if err := call(ctx, js, "STREAM.RESTORE."+name, json.RawMessage(request), &to); err != nil {
		return state, err
	}
	if to.Error != nil {
		return state, to.Error
	}
	for chunk := make([]byte, backupChunk); ; {
		n, err := io.ReadFull(file, chunk)
		if n > 0 {
			if err := sendChunk(ctx, js.Conn(), to.Deliver, chunk[:n]); err != nil {
				return state, err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return state, err
		}
	}
	making, cancel := context.WithTimeout(ctx, restorePatience)
	defer cancel()
	made, err := js.Conn().RequestWithContext(making, to.Deliver, nil)
	if err != nil {
		return state, fmt.Errorf("wait until the server has made the stream: %w", err)
	}
	if err := json.Unmarshal(made.Data, &to); err != nil {
		return state, err
	}
	if to.Error != nil {
		return state, to.Error
	}

	return to.State, nil
}

// sendChunk hands a part over. The server answers with nothing, or with what is wrong.
func sendChunk(ctx context.Context, conn *nats.Conn, subject string, chunk []byte) error {
	ctx, cancel := context.WithTimeout(ctx, backupPatience)
	defer cancel()
	answer, err := conn.RequestWithContext(ctx, subject, chunk)
	if err != nil {
		return fmt.Errorf("send a part of the stream: %w", err)
	}
	if text := bytes.TrimSpace(answer.Data); len(text) > 0 && !bytes.HasPrefix(text, []byte("+OK")) {
		return fmt.Errorf("the server refused a part of the stream: %s", text)
	}

	return nil
}
