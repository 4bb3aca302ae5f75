package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// cursor is up to where a stream is written. The consumer's own acknowledgment
// floor would do for going on, but not for telling a gap: the server moves it
// when retention removes messages.
type cursor struct {
	Sequence uint64    `json:"sequence"` // last message written
	Created  time.Time `json:"created"`  // when the stream was: another one of that name counts from 1 again

	Era     int64 `json:"era,omitempty"`     // newest era among the rows written, Unix ms
	Rewound int64 `json:"rewound,omitempty"` // when reading was last put back, Unix ns: see batch.token
}

// cursors is the bucket of the cursors of one sink.
type cursors struct {
	bucket jetstream.KeyValue
	sink   string

	mu       sync.Mutex
	revision uint64 // of the cursor that was loaded or saved last; 0 where there is none
}

// errMoved says that the cursor is no longer the one that was saved.
var errMoved = errors.New("the cursor was moved, as by a rewind")

// openCursors opens the bucket, which is made where it is missing, and given as
// many replicas as it should have. 0 leaves them as they are.
func openCursors(ctx context.Context, js jetstream.JetStream, bucket, sink string, replicas int) (*cursors, error) {
	kv, err := js.KeyValue(ctx, bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket:      bucket,
			Description: "ebb: up to where each sink has written each stream",
			Replicas:    replicas,
		})
		if errors.Is(err, jetstream.ErrBucketExists) { // another loader was faster
			kv, err = js.KeyValue(ctx, bucket)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("bucket %s of the sinks' cursors: %w", bucket, err)
	}
	if err := replicate(ctx, js, bucket, replicas); err != nil {
		return nil, fmt.Errorf("bucket %s of the sinks' cursors: %w", bucket, err)
	}

	return &cursors{bucket: kv, sink: sink}, nil
}

// replicate gives an older bucket the replicas of the streams.
func replicate(ctx context.Context, js jetstream.JetStream, bucket string, replicas int) error {
	if replicas == 0 {
		return nil
	}
	stream, err := js.Stream(ctx, "KV_"+bucket)
	if err != nil {
		return err
	}
	config := stream.CachedInfo().Config
	if config.Replicas == replicas {
		return nil
	}
	config.Replicas = replicas
	_, err = js.UpdateStream(ctx, config)

	return err
}

// load returns the cursor of stream, and false where there is none.
func (c *cursors) load(ctx context.Context, stream string) (cursor, bool, error) {
	entry, err := c.bucket.Get(ctx, c.key(stream))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return cursor{}, false, nil
	}
	if err != nil {
		return cursor{}, false, fmt.Errorf("cursor of sink %s on stream %s: %w", c.sink, stream, err)
	}
	c.mu.Lock()
	c.revision = entry.Revision()
	c.mu.Unlock()
	var at cursor
	if err := json.Unmarshal(entry.Value(), &at); err != nil {
		return cursor{}, false, fmt.Errorf("cursor of sink %s on stream %s: %w: %w; rewind the sink to the beginning to read the stream from its start",
			c.sink, stream, errUnreadable, err)
	}

	return at, true, nil
}

// errUnreadable says that the key of a cursor holds something else.
var errUnreadable = errors.New("not a cursor")

// moved says whether another than this one has saved the cursor.
func (c *cursors) moved(ctx context.Context, stream string) (bool, error) {
	c.mu.Lock() // a save may be under way
	defer c.mu.Unlock()

	entry, err := c.bucket.Get(ctx, c.key(stream))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return c.revision > 0, nil // deleted by hand
	}
	if err != nil {
		return false, err
	}

	return entry.Revision() > c.revision, nil // a replica that is behind answers with an older one
}

func (c *cursors) save(ctx context.Context, stream string, at cursor) error {
	data, err := json.Marshal(at)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()

	// By compare-and-set, so that who rewinds the cursor meanwhile is heard.
	var revision uint64
	if c.revision == 0 {
		revision, err = c.bucket.Create(ctx, c.key(stream), data)
	} else {
		revision, err = c.bucket.Update(ctx, c.key(stream), data, c.revision)
	}
	var api *jetstream.APIError
	if errors.Is(err, jetstream.ErrKeyExists) || errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence {
		err = fmt.Errorf("%w: %w", errMoved, err)
	}
	if err != nil {
		return fmt.Errorf("cursor of sink %s on stream %s: %w", c.sink, stream, err)
	}
	c.revision = revision

	return nil
}

func (c *cursors) key(stream string) string { return c.sink + "." + stream }
