package inspect

import (
	"context"
	"errors"
	"fmt"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// This file looks at a customer whose partition has lost its state, as when the
// store of snapshots was deleted.

// copyAgain is the copy of a shard whose snapshot is lost: it begins with the
// first record of its partition, if the input stream holds everything from there
// on.
func copyAgain(ctx context.Context, config meaning.Config, configs own.ConfigReader, input own.RecordReader, m own.Manifest, lost error) (*shard.Shard, own.Manifest, error) {
	if !errors.Is(lost, own.ErrNoSnapshot) && !errors.Is(lost, shard.ErrSnapshot) {
		return nil, m, lost
	}
	_, whole, err := own.HoldsBase(ctx, input, &m)
	if err != nil {
		return nil, m, err
	}
	if !whole {
		return nil, m, lost
	}
	m.DropSnapshot()
	shard, err := own.NewShardAt(ctx, configs, config, &m)
	if err == nil {
		err = own.HashWith(ctx, input, shard)
	}

	return shard, m, err
}

// lostState says whether an error means that a partition's state can't be
// brought back.
func lostState(err error) bool {
	return errors.Is(err, own.ErrNoSnapshot) || errors.Is(err, shard.ErrSnapshot) || errors.Is(err, own.ErrRecovery)
}

// inspectSignals says of a customer what their signals say.
func inspectSignals(ctx context.Context, config meaning.Config, signals SignalReader, customer string, lost error) (*shard.CustomerReport, error) {
	partition, token := event.PartitionOf(customer, config.Partitions), event.Token(customer)
	stored, err := signals.Newest(ctx, partition, token, shard.HistoryLimit)
	if err != nil {
		return nil, errors.Join(lost, fmt.Errorf("read the signals of partition %d: %w", partition, err))
	}
	var newest *wire.Signal
	for i := range stored {
		if stored[i].Customer == customer && stored[i].Signal != wire.Alert {
			newest = &stored[i]
		}
	}
	if newest == nil {
		return nil, fmt.Errorf("%w %s: the stream holds no signal of theirs, and the state of partition %d can't be read: %w",
			ErrUnknownCustomer, event.Printable(customer, event.MaxCustomerBytes), partition, lost)
	}
	report := &shard.CustomerReport{
		Customer: customer, Partition: partition, Token: token,
		Sequence: newest.Sequence, Clock: newest.At,
		Engaged: true, Level: newest.Level, Holdout: newest.Holdout, Returned: newest.Returned,
		Risk: newest.Risk, HorizonMS: newest.HorizonMS, Episode: newest.Episode, Reasons: newest.Reasons,
		Value: newest.Value, ValueAtRisk: newest.ValueAtRisk, Currency: newest.Currency,
		Rhythm:  shard.Rhythm{Last: newest.LastEvent, LastAny: newest.LastEvent, Silent: max(0, newest.SilentMS)},
		Scores:  []shard.ScorePoint{},
		History: []shard.LevelChange{},
		Missing: missingState(lost),
	}
	report.AddHistory(stored, nil)

	return report, nil
}

// missingState is the sentence that says what a report lacks, and why.
func missingState(lost error) string {
	why := lost.Error()
	switch {
	case errors.Is(lost, own.ErrRecovery):
	case errors.Is(lost, shard.ErrSnapshot):
		why = "its snapshot is damaged; an ebb that runs stores the next one, and one that starts says what to do"
	case errors.Is(lost, own.ErrNoSnapshot):
		why = "its snapshot or manifest is gone; an ebb that runs stores the next one, and one that starts says what to do"
	}

	return "what came since, the rhythm and what comes next: the state of their partition can't be read (" + why + ")"
}
