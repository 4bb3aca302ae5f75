package own

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
)

// This file brings a configuration into force. Every one that was ever to be in
// force is kept under its version; who makes the next version has won, whoever
// else tries. Only then its record goes into every partition's input. A crash in
// between leaves partitions behind, which an instance notices, and publishes the
// record again: a version that is in force already changes nothing.

// Configs keeps every configuration by its version, from 1 on, and publishes
// configuration records.
type Configs interface {
	ConfigReader

	// Add keeps a configuration as the version behind the newest. ErrFenced: there
	// is one of that version. Any other error leaves the outcome unknown.
	Add(ctx context.Context, version uint64, body []byte) error

	// Announce puts a configuration record into a partition's input.
	Announce(ctx context.Context, partition int, body []byte) error
}

// ConfigReader reads what Configs keeps.
type ConfigReader interface {
	// Newest is that of the highest version; the zero KeptConfig where there is
	// none yet.
	Newest(ctx context.Context) (KeptConfig, error)

	// Version is one of them. ErrNoConfig: it is not there.
	Version(ctx context.Context, version uint64) (KeptConfig, error)
}

// KeptConfig is a configuration that was made a version.
type KeptConfig struct {
	meaning.Fact

	At   time.Time // when it was
	Body []byte    // of its record
}

// ErrNoConfig says that a version is not kept.
var ErrNoConfig = errors.New("no such version of the configuration")

// ErrIdentity says that a configuration is one of another stream.
var ErrIdentity = errors.New("fixed for the life of a stream")

// CheckIdentity says what of a configuration can't follow what the stream was
// begun with.
func CheckIdentity(begun, config *meaning.Config) error {
	if begun.Partitions != config.Partitions {
		return fmt.Errorf("stream.partitions is %d, and the stream was begun with %d; it is %w: set it back, or begin another stream with another stream.prefix",
			config.Partitions, begun.Partitions, ErrIdentity)
	}
	if begun.Holdout != config.Holdout {
		return fmt.Errorf("churn.holdout is %v, and the stream was begun with %v; it is %w, so that who is left out stays so: set it back, or begin another stream with another stream.prefix",
			config.Holdout, begun.Holdout, ErrIdentity)
	}

	return nil
}

// Adopted is what bringing a configuration into force found.
type Adopted struct {
	KeptConfig

	From    KeptConfig           // what was the newest before; version 0: nothing was
	Changes []meaning.Difference // none where From is as it should be
}

// Adopt makes a configuration the newest, unless it is. It does not announce it.
func Adopt(ctx context.Context, configs Configs, config meaning.Config) (Adopted, error) {
	if _, err := shard.EncodeConfig(0, config); err != nil {
		return Adopted{}, err
	}
	for range claimTries {
		newest, err := configs.Newest(ctx)
		if err != nil {
			return Adopted{}, err
		}
		adopted := Adopted{KeptConfig: newest, From: newest}
		if newest.Version > 0 {
			if err := CheckIdentity(&newest.Config, &config); err != nil {
				return adopted, err
			}
			if adopted.Changes = meaning.Differences(&newest.Config, &config); len(adopted.Changes) == 0 {
				return adopted, nil
			}
		}
		version := newest.Version + 1
		body, err := shard.EncodeConfig(version, config)
		if err != nil {
			return adopted, err
		}
		if err := checkDictionary(ctx, configs, &newest, &config); err != nil {
			return adopted, err
		}
		err = configs.Add(ctx, version, body)
		if errors.Is(err, ErrFenced) {
			continue // another was faster: compare with that
		}
		if err != nil {
			kept, readErr := configs.Version(ctx, version)
			if readErr != nil || !bytes.Equal(kept.Body, body) {
				return adopted, errors.Join(fmt.Errorf("keep version %d of the configuration: %w", version, err), readErr)
			}
		}
		adopted.KeptConfig = KeptConfig{meaning.Fact{Version: version, Config: config}, time.Now(), body}

		return adopted, nil
	}

	return Adopted{}, errors.New("others change the configuration all the time; look who does with ebb config history")
}

// checkDictionary makes sure that every partition will take the vocabulary: the
// names of all versions together must have room.
func checkDictionary(ctx context.Context, configs Configs, newest *KeptConfig, config *meaning.Config) error {
	var names vocabulary.Dictionary
	for version := newest.Version; version > 0; version-- {
		kept, err := configs.Version(ctx, version)
		if errors.Is(err, ErrNoConfig) {
			continue
		}
		if err != nil {
			return err
		}
		v, err := vocabulary.Grow(kept.Config.Vocabulary, names)
		if err != nil {
			return fmt.Errorf("version %d: %w", version, err)
		}
		names = v.Dictionary()
	}
	_, err := vocabulary.Grow(config.Vocabulary, names)

	return err
}

// adopt brings the instance's configuration into force before it claims anything:
// partitions that are new begin with it.
func (i *Instance) adopt(ctx context.Context) error {
	if i.ports.Configs == nil {
		return nil
	}
	adopted, err := Adopt(ctx, i.ports.Configs, i.config)
	if err != nil {
		return err
	}
	i.newest = adopted.KeptConfig
	i.version.Store(i.newest.Version)
	if i.options.Adopted != nil {
		i.options.Adopted(adopted)
	}

	return nil
}

// announce publishes the newest configuration to the partitions in which another
// is in force.
func (i *Instance) announce(ctx context.Context, behind func(*owner) bool) error {
	for _, o := range i.owners.here() {
		if i.newest.Version == 0 || !behind(o) {
			continue
		}
		publish := func() error { return i.ports.Configs.Announce(ctx, o.partition, i.newest.Body) }
		if err := UntilStored(ctx, publish, i.options.Observer); err != nil {
			return err
		}
	}

	return nil
}

// configEvery is how often an instance looks whether another made a newer version.
const configEvery = 5 * time.Second

// followConfig sees to it that every partition gets the newest configuration, also
// where who made it did not get to all of them. One that is behind twice in a row
// is told.
func (i *Instance) followConfig(ctx context.Context) error {
	if i.ports.Configs == nil {
		return nil
	}
	return repeat(ctx, always(cmp.Or(i.options.ConfigEvery, configEvery)), func() error {
		newest, err := i.ports.Configs.Newest(ctx)
		if err != nil {
			if ctx.Err() == nil {
				i.options.Observer.Retried(fmt.Errorf("look for a newer configuration: %w", err))
			}

			return nil
		}
		if i.options.Adopted != nil && newest.Version > i.newest.Version { // by somebody's hand
			i.options.Adopted(Adopted{KeptConfig: newest, From: i.newest, Changes: meaning.Differences(&i.newest.Config, &newest.Config)})
		}
		i.newest = newest
		i.version.Store(newest.Version)
		i.cutInterval.Store(int64(newest.Config.CutInterval))

		return Ended(ctx, i.announce(ctx, func(o *owner) bool { return o.isBehindAgain(newest.Version) }))
	})
}

// isBehindAgain says whether a partition lacks a version of the configuration that it
// lacked at the last look, too.
func (o *owner) isBehindAgain(version uint64) bool {
	before := o.lacks
	o.lacks = 0
	if o.progress.force.Load().Version < version {
		o.lacks = version
	}

	return o.lacks != 0 && o.lacks == before
}
