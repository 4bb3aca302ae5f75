package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
)

// keyConfig is the first token of the keys that hold configurations, each under
// its version: config.1, config.2 and so on. They are never changed.
const keyConfig = "config"

// Configs keeps configurations in the bucket of manifests. Its methods may be
// called from several goroutines.
type Configs struct {
	js        natsjs.JetStream
	layout    Layout
	leader    leader
	keys      *keyring
	strangers strangers
}

var _ own.Configs = (*Configs)(nil)

// NewConfigs returns the configurations of a layout. It asks the server nothing.
func NewConfigs(js natsjs.JetStream, layout Layout) *Configs {
	layout = layout.WithDefaults()

	return &Configs{js: js, layout: layout, leader: leader{js, bucketStream(layout.Manifests)}, keys: newKeyring(js, layout)}
}

// OnStranger tells of values that others wrote to the keys of configurations. It
// is called before anything else.
func (c *Configs) OnStranger(tell func(Stranger)) *Configs {
	c.strangers.tell = tell

	return c
}

func (c *Configs) subject(version string) string {
	return "$KV." + c.layout.Manifests + "." + keyConfig + "." + version
}

// Newest is the configuration of the highest version: the versions are made one
// after the other, so it is ebb's own last message on any of their keys, unless
// somebody put a copy of an earlier one behind it.
func (c *Configs) Newest(ctx context.Context) (own.KeptConfig, error) {
	newest, err := c.find(ctx, c.subject("*"), func(uint64) bool { return true })
	for err == nil && newest.Version > 0 {
		next, err := c.Version(ctx, newest.Version+1)
		if errors.Is(err, own.ErrNoConfig) {
			break
		}
		if err != nil {
			return next, err
		}
		newest = next
	}

	return newest, err
}

// Version is one of them. ErrNoConfig: it is not there.
func (c *Configs) Version(ctx context.Context, version uint64) (own.KeptConfig, error) {
	kept, err := c.find(ctx, c.subject(strconv.FormatUint(version, 10)), func(v uint64) bool { return v == version })
	if err == nil && kept.Version == 0 {
		err = fmt.Errorf("version %d: %w; `ebb config history` shows those that are", version, own.ErrNoConfig)
	}

	return kept, err
}

// find reads ebb's own last message of a subject, as the bucket's leader holds it.
func (c *Configs) find(ctx context.Context, subject string, wanted func(version uint64) bool) (own.KeptConfig, error) {
	key, err := c.keys.get(ctx)
	if err != nil {
		return own.KeptConfig{}, err
	}
	found, err := search{
		leader: c.leader, subject: subject,
		own: func(m *stored) (uint64, bool) {
			version, ok := parseNumber(strings.TrimPrefix(m.Subject, c.subject("")))

			return 0, ok && wanted(version) && !m.deleted() && key.sealed(m.Subject, m.Data)
		},
	}.last(ctx, 0)
	if err != nil {
		return own.KeptConfig{}, fmt.Errorf("read the configuration: %w", err)
	}
	if found.strange() {
		c.strangers.met(Stranger{Subject: subject, Sequence: found.fence})
	}
	if !found.own() {
		return own.KeptConfig{}, nil
	}

	return keptConfig(&found.stored)
}

func keptConfig(m *stored) (own.KeptConfig, error) {
	kept := own.KeptConfig{At: m.Time, Body: append([]byte{'{'}, m.Data[len(sealField)+2*sealBytes+2:]...)}
	if err := json.Unmarshal(kept.Body, &kept.Fact); err != nil {
		return kept, fmt.Errorf("%s: %w; it was written by another version of ebb", m.Subject, err)
	}

	return kept, nil
}

// Add keeps a configuration under a version that there is not yet. A stranger's
// value there is replaced.
func (c *Configs) Add(ctx context.Context, version uint64, body []byte) error {
	key, err := c.keys.get(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	bucket, err := c.js.KeyValue(ctx, c.layout.Manifests)
	if err != nil {
		return fmt.Errorf("bucket %s: %w", c.layout.Manifests, err)
	}
	name := strconv.FormatUint(version, 10)
	last := uint64(0)
	switch there, err := c.leader.last(ctx, c.subject(name)); {
	case errors.Is(err, errNotFound):
	case err != nil:
		return err
	case !there.deleted() && key.sealed(there.Subject, there.Data):
		return fmt.Errorf("version %d of the configuration: %w", version, own.ErrFenced)
	default:
		last = there.Sequence
	}
	_, err = bucket.Update(ctx, keyConfig+"."+name, key.sealBody(c.subject(name), body), last)
	var api *natsjs.APIError
	if errors.As(err, &api) && wrongLast(api) {
		return fmt.Errorf("version %d of the configuration: %w", version, own.ErrFenced)
	}

	return err
}

// Announce puts a configuration record into a partition's control lane.
func (c *Configs) Announce(ctx context.Context, partition int, body []byte) error {
	if err := c.layout.checkPartition(partition); err != nil {
		return fmt.Errorf("announce the configuration: %w", err)
	}

	return publishControl(ctx, c.keys, c.layout.Stream, c.layout.laneSubject(laneControl, partition), event.ControlConfig, body)
}
