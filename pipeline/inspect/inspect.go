package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// This file looks at a partition from outside. A shard is a function of its
// snapshot and its records, so a copy of it can be made by anyone who may read
// them, beside its owner or while none runs. The copy's outputs are thrown
// away: nothing is claimed, published or saved. The ports below can't.

// Ports is what Inspect reads.
type Ports struct {
	Input     own.PartitionReader
	Manifests own.ManifestReader
	Snapshots own.SnapshotReader
	Signals   SignalReader
	Configs   own.ConfigReader // nil: the configuration is the one given
}

// SignalReader reads the stream of signals.
type SignalReader interface {
	// Newest returns a customer's newest signals, at most limit, oldest first.
	Newest(ctx context.Context, partition int, token string, limit int) ([]wire.Signal, error)
}

// ErrUnknownCustomer says that a partition's state does not hold a customer.
var ErrUnknownCustomer = errors.New("unknown customer")

// ErrSettings says that a partition is run with other settings than those it
// would be looked at with: what they gave would not be what happened.
var ErrSettings = errors.New("these are not the settings of the running ebb")

// Inspect says what is known of a customer at the end of the input stream. It
// needs memory for the customer's partition, and time for the records since
// that partition's snapshot. progress hears about every batch; it may be nil.
//
// Where the partition's state can't be brought back, the report says what the
// customer's signals say, and what is missing.
//
// Errors: ErrInvalidCustomer, ErrUnknownCustomer, ErrSettings, ErrRecovery, and
// those of the ports.
func Inspect(
	ctx context.Context, config meaning.Config, ports Ports, customer string, progress func(read, total uint64),
) (*shard.CustomerReport, error) {
	if err := event.CheckCustomer(customer); err != nil {
		return nil, err
	}
	if ports.Configs != nil { // whoever asks need not know what the stream was begun with
		newest, err := ports.Configs.Newest(ctx)
		if err != nil {
			return nil, err
		}
		if newest.Version > 0 {
			config.Holdout = newest.Config.Holdout
		}
	}
	partition, token := event.PartitionOf(customer, config.Partitions), event.Token(customer)
	sh, manifest, err := copyShard(ctx, config, ports, partition)
	if lostState(err) {
		return inspectSignals(ctx, config, ports.Signals, customer, err)
	}
	if err != nil {
		return nil, err
	}
	published, replayed, err := readOn(ctx, ports.Input, sh, token, manifest.Cut, progress)
	if err != nil {
		return nil, err
	}
	report, ok := sh.View().Customer(customer)
	if !ok {
		return nil, unknownCustomer(customer, sh, config.Partitions)
	}
	// The signals come last: those that the copy has not got to are newer than
	// the report.
	stored, err := ports.Signals.Newest(ctx, partition, token, shard.HistoryLimit)
	if ctx.Err() != nil {
		return nil, err
	}
	if err != nil {
		report.Notes = append(report.Notes, fmt.Sprintf("earlier changes of level are missing: the stream of signals can't be read (%v)", err))
	}
	report.AddHistory(append(published, stored...), append(replayed, sh.View().Pending(customer)...))
	if manifest.Architecture != "" && manifest.Architecture != meaning.Architecture() {
		report.Notes = append(report.Notes, fmt.Sprintf("computed on %s, the pipeline runs on %s: last digits may differ",
			meaning.Architecture(), manifest.Architecture))
	}

	return report, nil
}

// snapshotTries bounds how often a snapshot is looked for that its owner has
// replaced since the manifest was read.
const snapshotTries = 4

// copyShard brings a copy of a partition's shard back to its snapshot.
func copyShard(ctx context.Context, config meaning.Config, ports Ports, partition int) (*shard.Shard, own.Manifest, error) {
	var failed error
	var last own.Manifest
	for range snapshotTries {
		held, _, err := ports.Manifests.Load(ctx, partition)
		if err != nil {
			return nil, held, fmt.Errorf("read the manifest of partition %d: %w", partition, err)
		}
		if held == (own.Manifest{}) { // no owner has ever taken it: read it from the beginning
			held.Partition = partition
		} else if err := checkSettings(held, config); err != nil {
			return nil, held, err
		}
		if err := own.CheckInput(ctx, ports.Input, &held); err != nil {
			return nil, held, err
		}
		sh, err := own.Restore(ctx, ports.Snapshots, ports.Configs, config, &held)
		if err == nil {
			return sh, held, own.HashWith(ctx, ports.Input, sh)
		}
		if ctx.Err() != nil {
			return nil, held, err
		}
		failed, last = err, held
		if errors.Is(err, shard.ErrSnapshot) {
			break
		}
	}

	return copyAgain(ctx, config, ports.Configs, ports.Input, last, failed)
}

// checkSettings is own.CheckManifest for one who only looks: the remedy is another,
// and another architecture is no obstacle.
func checkSettings(m own.Manifest, config meaning.Config) error {
	refuse := func(what string, held, ours any, remedy string) error {
		return fmt.Errorf("%w: partition %d is run with %s %v, and this is %v; %s", ErrSettings, m.Partition, what, held, ours, remedy)
	}
	switch {
	case m.Partitions != config.Partitions:
		return refuse("partitions", m.Partitions, config.Partitions, "set stream.partitions to that number")
	case m.LogicVersion != meaning.LogicVersion:
		return refuse("logic version", m.LogicVersion, meaning.LogicVersion, "use the same version of ebb")
	}
	if err := m.Sections.Check(shard.SnapshotVersions()); err != nil {
		return fmt.Errorf("%w: partition %d: %w", ErrSettings, m.Partition, err)
	}

	return nil
}

// readOn lets a copy read to the end of the input. Of its outputs it returns
// the signals whose subject ends with the token: those of cuts up to the
// committed one, and those that no owner has come to.
func readOn(
	ctx context.Context, input own.PartitionReader, sh *shard.Shard, token string, committed uint64, progress func(read, total uint64),
) (published, replayed []wire.Signal, err error) {
	collect := func(cut *shard.Cut) {
		for _, message := range cut.Outputs[shard.Signals] {
			if !strings.HasSuffix(message.Subject, "."+token) {
				continue
			}
			var signal wire.Signal
			if failed := json.Unmarshal(message.Data, &signal); failed != nil && err == nil {
				err = fmt.Errorf("signal %.60q: %w", message.Data, failed)
			}
			if cut.Number <= committed {
				published = append(published, signal)
			} else {
				replayed = append(replayed, signal)
			}
		}
	}
	read := uint64(0)
	failed := input.ReadPartition(ctx, sh.Partition(), sh.Sequence()+1, func(records []event.Record, left uint64) error {
		for i := range records {
			if err := sh.Process(&records[i], collect); err != nil {
				return fmt.Errorf("record %d: %w", records[i].Sequence, err)
			}
		}
		read += uint64(len(records))
		if progress != nil {
			progress(read, read+left)
		}

		return err
	})
	if failed != nil {
		return nil, nil, fmt.Errorf("read partition %d: %w", sh.Partition(), failed)
	}

	return published, replayed, nil
}

// unknownCustomer says where was looked, and what would explain it.
func unknownCustomer(customer string, sh *shard.Shard, partitions int) error {
	token, partition := event.Token(customer), sh.Partition()
	if sh.Sequence() == 0 {
		return fmt.Errorf("%w %s: its partition, %d of 0 to %d (subject token %s), has no records yet",
			ErrUnknownCustomer, event.Printable(customer, event.MaxCustomerBytes), partition, partitions-1, token)
	}
	hint := "ids are case-sensitive, and a customer known by anonymous_id alone is anonymous:ID"
	if id, err := event.ParseToken(customer); err == nil && id != customer {
		hint = "this is the subject token of customer " + event.Printable(id, event.MaxCustomerBytes) + ", look that up"
	}

	return fmt.Errorf("%w %s: no accepted event of it in partition %d of 0 to %d (subject token %s) up to record %d; "+
		"%s; events that are on their way or were refused don't count, nor late ones of long ago",
		ErrUnknownCustomer, event.Printable(customer, event.MaxCustomerBytes), partition, partitions-1, token, sh.Sequence(), hint)
}
