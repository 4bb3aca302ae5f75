package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
)

// keyStream holds what is fixed for the life of the input stream.
const keyStream = "stream"

// Manifests is the bucket of manifests. Its methods may be called from several
// goroutines.
type Manifests struct {
	bucket natsjs.KeyValue
	leader leader
}

var _ pipeline.Manifests = (*Manifests)(nil)

// NewManifests opens the bucket, which Provision creates.
func NewManifests(ctx context.Context, js natsjs.JetStream, layout Layout) (*Manifests, error) {
	layout = layout.WithDefaults()
	bucket, err := js.KeyValue(ctx, layout.Manifests)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", layout.Manifests, err)
	}

	return &Manifests{bucket, leader{js, bucketStream(layout.Manifests)}}, nil
}

func bucketStream(bucket string) string { return "KV_" + bucket }

func manifestKey(partition int) string { return "p." + strconv.Itoa(partition) }

// Load reads a manifest and its revision from the bucket's leader; revision 0
// where there is none yet.
func (m *Manifests) Load(ctx context.Context, partition int) (pipeline.Manifest, uint64, error) {
	key := manifestKey(partition)
	message, err := m.leader.last(ctx, "$KV."+m.bucket.Bucket()+"."+key)
	if errors.Is(err, errNotFound) {
		return pipeline.Manifest{}, 0, nil
	}
	if err != nil {
		return pipeline.Manifest{}, 0, fmt.Errorf("manifest %s: %w", key, err)
	}

	header, err := message.header()
	if err != nil {
		return pipeline.Manifest{}, 0, fmt.Errorf("manifest %s: %w", key, err)
	}
	if header.Get("KV-Operation") != "" { // deleted: nothing there, at a revision
		return pipeline.Manifest{}, message.Sequence, nil
	}
	var manifest pipeline.Manifest
	if err := json.Unmarshal(message.Data, &manifest); err != nil {
		return pipeline.Manifest{}, 0, fmt.Errorf("manifest %s at revision %d: %w; "+
			"restore an earlier one, or delete the key to begin again", key, message.Sequence, err)
	}

	return manifest, message.Sequence, nil
}

// Save replaces revision by manifest and returns the new revision. ErrFenced:
// the bucket holds another revision. ErrUnknownOutcome: no answer came; Load
// and compare generation and nonce to know whether it was saved.
func (m *Manifests) Save(ctx context.Context, manifest pipeline.Manifest, revision uint64) (uint64, error) {
	key := manifestKey(manifest.Partition)
	data, err := json.Marshal(manifest)
	if err != nil {
		return 0, fmt.Errorf("manifest %s: %w", key, err)
	}

	ctx, cancel := bounded(ctx)
	defer cancel()
	saved, err := m.bucket.Update(ctx, key, data, revision)
	if err == nil {
		return saved, nil
	}

	var api *natsjs.APIError
	switch {
	case errors.As(err, &api) && wrongLast(api):
		return 0, fmt.Errorf("manifest %s is no longer at revision %d: %w", key, revision, pipeline.ErrFenced)
	case errors.As(err, &api):
		return 0, fmt.Errorf("manifest %s: %w", key, err)
	}

	return 0, fmt.Errorf("manifest %s: %w: %w", key, ErrUnknownOutcome, err)
}

// provisionManifests creates the bucket and notes the number of partitions.
func provisionManifests(ctx context.Context, js natsjs.JetStream, layout Layout) error {
	bucket, err := js.KeyValue(ctx, layout.Manifests)
	if errors.Is(err, natsjs.ErrBucketNotFound) {
		bucket, err = js.CreateKeyValue(ctx, natsjs.KeyValueConfig{
			Bucket:      layout.Manifests,
			Description: "How far each partition of ebb has come",
			Replicas:    layout.Replicas,
		})
		if errors.Is(err, natsjs.ErrBucketExists) { // another instance was faster
			bucket, err = js.KeyValue(ctx, layout.Manifests)
		}
	}
	if err != nil {
		return err
	}

	return noteStream(ctx, bucket, layout)
}

// noteStream writes what is fixed, or compares it with what was written. It
// catches a stream that was deleted and made anew beside old manifests.
func noteStream(ctx context.Context, bucket natsjs.KeyValue, layout Layout) error {
	type note struct {
		Stream     string `json:"stream"`
		Partitions int    `json:"partitions"`
	}
	want := note{layout.Stream, layout.Partitions}
	data, err := json.Marshal(want)
	if err != nil {
		return err
	}

	_, err = bucket.Create(ctx, keyStream, data)
	if !errors.Is(err, natsjs.ErrKeyExists) {
		return err
	}
	entry, err := bucket.Get(ctx, keyStream)
	if err != nil {
		return err
	}
	var have note
	if err := json.Unmarshal(entry.Value(), &have); err != nil {
		return fmt.Errorf("key %s: %w", keyStream, err)
	}
	if have != want {
		return fmt.Errorf("%w: the manifests belong to stream %s with %d partitions, the configuration says %s with %d; "+
			"go back to those, or choose another bucket", ErrPartitions,
			have.Stream, have.Partitions, want.Stream, want.Partitions)
	}

	return nil
}
