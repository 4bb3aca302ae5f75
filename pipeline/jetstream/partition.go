package jetstream

import (
	"context"
	"errors"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
)

var _ own.PartitionReader = (*Input)(nil)

// CheckInput makes sure that the input stream is there and has the layout's
// subjects and partitions. It changes nothing. natsjs.ErrStreamNotFound: there
// is none. ErrPartitions: it has another number of partitions.
func CheckInput(ctx context.Context, js natsjs.JetStream, layout Layout) error {
	layout = layout.WithDefaults()
	stream, err := js.Stream(ctx, layout.Stream)
	if err == nil {
		err = checkStream(stream.CachedInfo().Config, layout.streams()[0], layout.Partitions)
	}
	if err != nil {
		return fmt.Errorf("stream %s: %w", layout.Stream, err)
	}

	return nil
}

// ReadPartition hands the records of one partition to take: those from sequence
// on that the stream holds by now, and perhaps a few that come meanwhile. The
// server filters, so the other partitions cost nothing here. 0 or 1 begin with
// the first record that the stream still holds; for any other sequence it is
// ErrRemoved if the stream's limits remove records from there on.
func (i *Input) ReadPartition(
	ctx context.Context, partition int, sequence uint64, take func(records []event.Record, left uint64) error,
) error {
	if err := i.layout.checkPartition(partition); err != nil {
		return err
	}

	return i.read(ctx, i.layout.partitionSubjects(partition), sequence, take)
}

// ReadControls is ReadPartition of the control records alone, from the first one on.
func (i *Input) ReadControls(ctx context.Context, partition int, take func(records []event.Record, left uint64) error) error {
	if err := i.layout.checkPartition(partition); err != nil {
		return err
	}

	return i.read(ctx, []string{i.layout.laneSubject(laneControl, partition)}, 0, take)
}

func (i *Input) read(ctx context.Context, subjects []string, sequence uint64, take func(records []event.Record, left uint64) error) error {
	end, err := i.lastOf(ctx, subjects)
	if err != nil || end < sequence {
		return err
	}
	from, err := i.newSource(ctx, newReader(i.js, i.layout.Stream, sequence, subjects...))
	if err != nil {
		return err
	}
	defer from.Close()

	for done := end == 0; !done; {
		deliveries, err := from.reader.read(ctx)
		if err != nil {
			return err
		}
		from.records = from.records[:0]
		for d := range deliveries {
			from.add(&deliveries[d])
		}
		last := &deliveries[len(deliveries)-1]
		if err := take(from.records, last.pending); err != nil {
			return err
		}
		done = last.sequence >= end || last.pending == 0
	}

	return i.checkFront(ctx, sequence)
}

// Passing says whether an error goes away by itself when servers are back.
func (i *Input) Passing(err error) bool { return Passing(err) }

// partitionSubjects are those of a partition's records, lane by lane.
func (l Layout) partitionSubjects(partition int) []string {
	return []string{
		l.laneSubject(laneEvent, partition),
		l.laneSubject(laneControl, partition),
		l.laneSubject(laneHistory, partition),
	}
}

// Left is how many records of a partition the stream holds from a sequence on.
func (i *Input) Left(ctx context.Context, partition int, sequence uint64) (uint64, error) {
	if err := i.layout.checkPartition(partition); err != nil {
		return 0, err
	}
	counting := newReader(i.js, i.layout.Stream, sequence, i.layout.partitionSubjects(partition)...)
	defer counting.close()
	if err := counting.start(ctx); err != nil {
		return 0, err
	}

	return counting.atStart, nil
}

// lastOf is the sequence of the newest record of some subjects, 0 where there
// is none.
func (i *Input) lastOf(ctx context.Context, subjects []string) (uint64, error) {
	newest := uint64(0)
	for _, subject := range subjects {
		message, err := i.leader.last(ctx, subject)
		if errors.Is(err, errNotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		newest = max(newest, message.Sequence)
	}

	return newest, nil
}

// checkFront makes sure that the stream's front has not passed a sequence: a
// filtered reader can't tell a hole from another partition's records.
func (i *Input) checkFront(ctx context.Context, sequence uint64) error {
	if sequence <= 1 {
		return nil
	}
	state, err := i.leader.state(ctx)
	if err != nil {
		return err
	}
	if state.First > sequence {
		return fmt.Errorf("%w: stream %s holds nothing before record %d by now, and was read from %d; try again",
			ErrRemoved, i.layout.Stream, state.First, sequence)
	}

	return nil
}
