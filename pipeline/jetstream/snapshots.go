package jetstream

import (
	"context"
	"errors"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
)

// Snapshots stores the bytes of shards in an object store, in chunks and with a
// digest that is checked on reading. Its methods may be called from several
// goroutines.
type Snapshots struct {
	store natsjs.ObjectStore
	name  string
}

var _ pipeline.Snapshots = (*Snapshots)(nil)

// NewSnapshots opens the object store, which Provision creates.
func NewSnapshots(ctx context.Context, js natsjs.JetStream, layout Layout) (*Snapshots, error) {
	layout = layout.WithDefaults()
	store, err := js.ObjectStore(ctx, layout.Snapshots)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", layout.Snapshots, err)
	}

	return &Snapshots{store, layout.Snapshots}, nil
}

// Put stores data under name and replaces what was there, once all is stored.
func (s *Snapshots) Put(ctx context.Context, name string, data []byte) error {
	if _, err := s.store.PutBytes(ctx, name, data); err != nil {
		return fmt.Errorf("store snapshot %s in bucket %s: %w", name, s.name, err)
	}

	return nil
}

// Get returns what Put stored under name.
func (s *Snapshots) Get(ctx context.Context, name string) ([]byte, error) {
	data, err := s.store.GetBytes(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read snapshot %s from bucket %s: %w", name, s.name, err)
	}

	return data, nil
}

// Delete removes a snapshot. One that is not there is no error.
func (s *Snapshots) Delete(ctx context.Context, name string) error {
	err := s.store.Delete(ctx, name)
	if err != nil && !errors.Is(err, natsjs.ErrObjectNotFound) {
		return fmt.Errorf("delete snapshot %s from bucket %s: %w", name, s.name, err)
	}

	return nil
}

// provisionSnapshots creates the object store. Direct reads are turned off: a
// replica that is behind would not know the newest snapshot.
func provisionSnapshots(ctx context.Context, js natsjs.JetStream, layout Layout) error {
	_, err := js.ObjectStore(ctx, layout.Snapshots)
	if errors.Is(err, natsjs.ErrBucketNotFound) {
		_, err = js.CreateObjectStore(ctx, natsjs.ObjectStoreConfig{
			Bucket:      layout.Snapshots,
			Description: "Snapshots of ebb's shards",
			Replicas:    layout.Replicas,
		})
		if errors.Is(err, natsjs.ErrBucketExists) { // another instance was faster
			err = nil
		}
	}
	if err != nil {
		return err
	}

	stream, err := js.Stream(ctx, "OBJ_"+layout.Snapshots)
	if err != nil {
		return err
	}
	config := stream.CachedInfo().Config
	if !config.AllowDirect {
		return nil
	}
	config.AllowDirect = false
	_, err = js.UpdateStream(ctx, config)

	return err
}
