package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/own"
)

// keyStream holds what is fixed for the life of the input stream.
const keyStream = "stream"

// Manifests is the bucket of manifests. Its methods may be called from several
// goroutines.
type Manifests struct {
	bucket    natsjs.KeyValue
	leader    leader
	keys      *keyring
	strangers strangers
}

var _ own.Manifests = (*Manifests)(nil)

// NewManifests opens the bucket, which Provision creates.
func NewManifests(ctx context.Context, js natsjs.JetStream, layout Layout) (*Manifests, error) {
	layout = layout.WithDefaults()
	bucket, err := js.KeyValue(ctx, layout.Manifests)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", layout.Manifests, err)
	}

	return &Manifests{
		bucket: bucket,
		leader: leader{js, bucketStream(layout.Manifests)},
		keys:   newKeyring(js, layout),
	}, nil
}

// OnStranger tells of values that others wrote to the keys of manifests. It is
// called before anything else.
func (m *Manifests) OnStranger(tell func(Stranger)) *Manifests {
	m.strangers.tell = tell
	return m
}

func bucketStream(bucket string) string { return "KV_" + bucket }

func manifestKey(partition int) string { return "p." + strconv.Itoa(partition) }

// Load reads ebb's own last manifest from the bucket's leader, and the key's
// revision, whoever wrote it; revision 0 where there is none yet. What others
// wrote is passed over and told: the bucket keeps a few earlier values.
func (m *Manifests) Load(ctx context.Context, partition int) (own.Manifest, uint64, error) {
	key := manifestKey(partition)
	seal, err := m.keys.get(ctx)
	if err != nil {
		return own.Manifest{}, 0, fmt.Errorf("manifest %s: %w", key, err)
	}
	subject := m.subject(key)
	found, err := search{
		leader: m.leader, subject: subject,
		own: func(message *stored) (uint64, bool) {
			return 0, message.deleted() || seal.sealed(subject, message.Data) ||
				seal.before(m.leader.stream, message.Sequence) && plausible(message.Data, partition)
		},
	}.last(ctx, 0)
	if streamMissing(err) {
		return own.Manifest{}, 0, fmt.Errorf("%w %d: the bucket of manifests was deleted; start ebb again: "+
			"it makes the bucket anew and begins with the first record of the stream, and the markers keep it from publishing anything twice",
			own.ErrRecovery, partition)
	}
	if err != nil {
		return own.Manifest{}, 0, fmt.Errorf("manifest %s: %w", key, err)
	}
	if found.strange() {
		m.strangers.met(Stranger{Subject: subject, Sequence: found.fence})
	}
	if !found.own() || found.deleted() { // nothing there, at a revision
		return own.Manifest{}, found.fence, nil
	}
	var manifest own.Manifest
	if err := json.Unmarshal(found.Data, &manifest); err != nil {
		return own.Manifest{}, 0, fmt.Errorf("manifest %s at revision %d: %w; "+
			"restore an earlier one, or delete the key to begin again", key, found.Sequence, err)
	}

	return manifest, found.fence, nil
}

func (m *Manifests) subject(key string) string { return "$KV." + m.bucket.Bucket() + "." + key }

// plausible recognises a manifest without its seal.
func plausible(data []byte, partition int) bool {
	var manifest own.Manifest
	err := json.Unmarshal(data, &manifest)

	return err == nil && manifest.Partition == partition && manifest.Nonce != "" && manifest.Generation > 0
}

// Save replaces revision by manifest and returns the new revision. ErrFenced:
// the bucket holds another revision. ErrUnknownOutcome: no answer came; Load
// and compare generation and nonce to know whether it was saved.
func (m *Manifests) Save(ctx context.Context, manifest own.Manifest, revision uint64) (uint64, error) {
	key := manifestKey(manifest.Partition)
	data, err := json.Marshal(manifest)
	if err != nil {
		return 0, fmt.Errorf("manifest %s: %w", key, err)
	}
	seal, err := m.keys.get(ctx)
	if err != nil {
		return 0, fmt.Errorf("manifest %s: %w", key, err)
	}
	data = seal.sealBody(m.subject(key), data)

	ctx, cancel := bounded(ctx)
	defer cancel()
	saved, err := m.bucket.Update(ctx, key, data, revision)
	if err == nil {
		return saved, nil
	}

	var api *natsjs.APIError
	switch {
	case errors.As(err, &api) && wrongLast(api):
		return 0, fmt.Errorf("manifest %s is no longer at revision %d: %w", key, revision, own.ErrFenced)
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
			Replicas:    orDefault(layout.Replicas, 1),
			History:     manifestHistory,
		})
		if errors.Is(err, natsjs.ErrBucketExists) { // another instance was faster
			bucket, err = js.KeyValue(ctx, layout.Manifests)
		}
	}
	if err != nil {
		return err
	}
	if err := adaptManifests(ctx, js, layout); err != nil {
		return err
	}
	if err := provisionKey(ctx, js, bucket, layout); err != nil {
		return fmt.Errorf("key %s: %w", keySeal, err)
	}

	return noteStream(ctx, bucket, layout)
}

// manifestHistory is how many values of a key the bucket keeps, so that one
// that a stranger wrote does not take ebb's own away: as many as a bucket can.
const manifestHistory = 64

// adaptManifests gives a bucket that is there the layout's replicas, and raises
// how many values it keeps.
func adaptManifests(ctx context.Context, js natsjs.JetStream, layout Layout) error {
	return adaptBucket(ctx, js, bucketStream(layout.Manifests), layout, func(config *natsjs.StreamConfig) {
		config.MaxMsgsPerSubject = max(config.MaxMsgsPerSubject, manifestHistory)
	})
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
	if json.Unmarshal(entry.Value(), &have) != nil || have.Stream == "" {
		_, err := bucket.Update(ctx, keyStream, data, entry.Revision()) // not ebb's
		return err
	}
	if have != want {
		return fmt.Errorf("%w: the manifests belong to stream %s with %d partitions, the configuration says %s with %d; "+
			"go back to those, or choose another bucket", ErrPartitions,
			have.Stream, have.Partitions, want.Stream, want.Partitions)
	}

	return nil
}
