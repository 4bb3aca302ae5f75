package jetstream

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/own"
)

// Snapshots stores the bytes of shards in an object store, in chunks and with a
// digest that is checked on reading. Its methods may be called from several
// goroutines.
type Snapshots struct {
	js     natsjs.JetStream
	layout Layout
	store  natsjs.ObjectStore
	leader leader
	name   string
}

var _ own.Snapshots = (*Snapshots)(nil)

// NewSnapshots opens the object store, which Provision creates.
func NewSnapshots(ctx context.Context, js natsjs.JetStream, layout Layout) (*Snapshots, error) {
	layout = layout.WithDefaults()
	store, err := js.ObjectStore(ctx, layout.Snapshots)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", layout.Snapshots, err)
	}

	return &Snapshots{js, layout, store, leader{js, objectStream(layout.Snapshots)}, layout.Snapshots}, nil
}

func objectStream(bucket string) string { return "OBJ_" + bucket }

func chunkSubject(bucket, object string) string { return "$O." + bucket + ".C." + object }

// The time that moving a snapshot may take: some for the server to answer at
// all, and what its bytes need over a slow line.
const (
	transferLeast = time.Minute
	transferRate  = 256 << 10 // bytes a second
)

func transferTime(bytes int) time.Duration {
	return transferLeast + time.Duration(bytes/transferRate)*time.Second
}

// Put stores data under name and replaces what was there, once all is stored.
// A store that was deleted meanwhile is made again.
func (s *Snapshots) Put(ctx context.Context, name string, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, transferTime(len(data)))
	defer cancel()
	_, err := s.store.PutBytes(ctx, name, data)
	if gone(err) {
		if err = provisionSnapshots(ctx, s.js, s.layout); err == nil {
			_, err = s.store.PutBytes(ctx, name, data)
		}
	}
	if err != nil {
		return fmt.Errorf("store snapshot %s in bucket %s: %w", name, s.name, err)
	}

	return nil
}

// gone says whether an error is that of a stream that does not exist. Chunks
// are published without asking for it, so then nobody answers.
func gone(err error) bool {
	return errors.Is(err, natsjs.ErrStreamNotFound) || errors.Is(err, natsjs.ErrBucketNotFound) ||
		errors.Is(err, nats.ErrNoResponders) || errors.Is(err, natsjs.ErrNoStreamResponse)
}

// Delete removes a snapshot. One that is not there is no error.
func (s *Snapshots) Delete(ctx context.Context, name string) error {
	err := s.store.Delete(ctx, name)
	if errors.Is(err, natsjs.ErrObjectNotFound) {
		return nil
	}
	if err == nil {
		err = s.forget(ctx, name)
	}
	if err != nil {
		return fmt.Errorf("delete snapshot %s from bucket %s: %w", name, s.name, err)
	}

	return nil
}

// forget removes what the object store notes of a deleted object. No name is
// used twice, so these notes would become more with every snapshot.
func (s *Snapshots) forget(ctx context.Context, name string) error {
	stream, err := s.js.Stream(ctx, s.leader.stream)
	if err != nil {
		return err
	}

	return stream.Purge(ctx, natsjs.WithPurgeSubject("$O."+s.name+".M."+base64.URLEncoding.EncodeToString([]byte(name))))
}

// provisionSnapshots creates the object store, or gives one that is there the
// layout's replicas. Direct reads are turned off: a
// replica that is behind would not know the newest snapshot.
func provisionSnapshots(ctx context.Context, js natsjs.JetStream, layout Layout) error {
	_, err := js.ObjectStore(ctx, layout.Snapshots)
	if errors.Is(err, natsjs.ErrBucketNotFound) {
		_, err = js.CreateObjectStore(ctx, natsjs.ObjectStoreConfig{
			Bucket:      layout.Snapshots,
			Description: "Snapshots of ebb's shards",
			Replicas:    orDefault(layout.Replicas, 1),
		})
		if errors.Is(err, natsjs.ErrBucketExists) { // another instance was faster
			err = nil
		}
	}
	if err != nil {
		return err
	}

	return adaptBucket(ctx, js, objectStream(layout.Snapshots), layout, func(config *natsjs.StreamConfig) {
		config.AllowDirect = false
	})
}
