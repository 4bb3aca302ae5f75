package pipeline

import (
	"context"
	"errors"
	"fmt"

	"ebb/pipeline/wire"
)

// This file looks at a customer whose partition has lost its state, as when the
// store of snapshots was deleted.

// copyAgain is the copy of a shard whose snapshot is lost: it begins with the
// first record of its partition, if the input stream holds everything from there
// on.
func copyAgain(ctx context.Context, config Config, configs ConfigReader, input RecordReader, m Manifest, lost error) (*Shard, Manifest, error) {
	if !errors.Is(lost, ErrNoSnapshot) && !errors.Is(lost, ErrSnapshot) {
		return nil, m, lost
	}
	_, whole, err := holdsBase(ctx, input, &m)
	if err != nil {
		return nil, m, err
	}
	if !whole {
		return nil, m, lost
	}
	m.dropSnapshot()
	shard, err := newShardAt(ctx, configs, config, &m)

	return shard, m, err
}

// lostState says whether an error means that a partition's state can't be
// brought back.
func lostState(err error) bool {
	return errors.Is(err, ErrNoSnapshot) || errors.Is(err, ErrSnapshot) || errors.Is(err, ErrRecovery)
}

// inspectSignals says of a customer what their signals say.
func inspectSignals(ctx context.Context, config Config, signals SignalReader, customer string, lost error) (*CustomerReport, error) {
	partition, token := PartitionOf(customer, config.Partitions), Token(customer)
	stored, err := signals.Newest(ctx, partition, token, historyLimit)
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
			ErrUnknownCustomer, printable(customer, MaxCustomerBytes), partition, lost)
	}
	report := &CustomerReport{
		Customer: customer, Partition: partition, Token: token,
		Sequence: newest.Sequence, Clock: newest.At,
		Engaged: true, Level: newest.Level, Holdout: newest.Holdout, Returned: newest.Returned,
		Risk: newest.Risk, HorizonMS: newest.HorizonMS, Episode: newest.Episode, Reasons: newest.Reasons,
		Value: newest.Value, ValueAtRisk: newest.ValueAtRisk, Currency: newest.Currency,
		Rhythm:  Rhythm{Last: newest.LastEvent, LastAny: newest.LastEvent, Silent: max(0, newest.SilentMS)},
		Scores:  []ScorePoint{},
		History: []LevelChange{},
		Missing: missingState(lost),
	}
	report.addHistory(stored, nil)

	return report, nil
}

// missingState is the sentence that says what a report lacks, and why.
func missingState(lost error) string {
	why := lost.Error()
	switch {
	case errors.Is(lost, ErrRecovery):
	case errors.Is(lost, ErrSnapshot):
		why = "its snapshot is damaged; an ebb that runs stores the next one, and one that starts says what to do"
	case errors.Is(lost, ErrNoSnapshot):
		why = "its snapshot or manifest is gone; an ebb that runs stores the next one, and one that starts says what to do"
	}

	return "what came since, the rhythm and what comes next: the state of their partition can't be read (" + why + ")"
}
