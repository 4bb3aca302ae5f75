package jetstream

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/forget"
	"ebb/pipeline/shard"
)

// ErrStaged says that the history of sources that waits for its import names somebody
// who was forgotten. It is not touched before it is imported, since what is imported has
// to be what was read; the import takes nothing of them, and the stage is emptied.
var ErrStaged = errors.New("the history of sources names somebody who was forgotten; what is of them goes once it is imported")

// Eraser erases what the streams hold of customers who were forgotten, once no snapshot
// needs it any more. Whatever it is interrupted at, the next try goes on: what asks for
// it is erased last.
type Eraser struct {
	js    natsjs.JetStream
	input *Input
}

// NewEraser asks the server nothing.
func NewEraser(js natsjs.JetStream, layout Layout) *Eraser {
	return &Eraser{js: js, input: NewInput(js, layout)}
}

// Erasing is how an erasure goes on.
type Erasing struct {
	// Settle waits for who reads the streams of outputs and may have read what is to be
	// erased; nil: nobody does.
	Settle func(ctx context.Context) error

	// Rows erases what stands outside of NATS about customers. It is called when the
	// streams of outputs hold nothing of them any more; nil: there is nothing.
	Rows func(ctx context.Context, customers []string) error

	// Progress hears of every place that is done; it may be nil.
	Progress func(place string, erased int)
}

func (e *Erasing) done(place string, erased int) {
	if e.Progress != nil {
		e.Progress(place, erased)
	}
}

// Erase erases what is to be of a partition, in this order:
//
//  1. read which records are concerned, and which ask for it;
//  2. put records without a name in place of those that ask, so that who makes the
//     state again from what is left takes nothing of them either;
//  3. erase signals, late events and dead letters, then what is outside of NATS;
//  4. erase the records, and then those that ask;
//  5. note that it is done.
func (e *Eraser) Erase(ctx context.Context, partition int, erase shard.Erase, how Erasing) error {
	concerned, err := e.read(ctx, partition, &erase)
	if err != nil {
		return err
	}
	if err := e.replace(ctx, partition, &erase, concerned.asked); err != nil {
		return err
	}
	customers, named := concerned.customers(), concerned.named()
	if how.Settle != nil && len(customers)+len(named) > 0 {
		if err := how.Settle(ctx); err != nil {
			return err
		}
	}
	for _, customer := range named {
		if _, err := e.all(ctx, NewPersonal(e.js, e.input.layout, customer).joined); err != nil {
			return err
		}
	}
	if err := e.outputs(ctx, partition, customers, concerned.others, &erase, how); err != nil {
		return err
	}
	if of := append(named, customers...); how.Rows != nil && len(of) > 0 {
		if err := how.Rows(ctx, of); err != nil {
			return err
		}
	}
	erased, err := e.records(ctx, partition, &erase, concerned)
	if err != nil {
		return err
	}
	how.done(e.input.layout.Stream, erased)
	if err := e.staged(ctx, customers); err != nil {
		return err
	}
	for sequence := range concerned.asked {
		if _, err := e.remove(ctx, e.input.layout.Stream, sequence); err != nil {
			return err
		}
	}
	_, err = e.input.tell(ctx, partition, event.ControlErased, fact.ErasedMark{To: erase.To})

	return err
}

// replace publishes for each record that asks what takes its place.
func (e *Eraser) replace(ctx context.Context, partition int, erase *shard.Erase, asked map[uint64]asking) error {
	for _, sequence := range slices.Sorted(maps.Keys(asked)) {
		who := asked[sequence].hash
		until, ok := erase.Hashes.Until(who)
		if !ok {
			continue // it was refused
		}
		if _, err := e.input.tell(ctx, partition, event.ControlForgotten, fact.ForgottenMark{Customer: who, Until: until}); err != nil {
			return err
		}
	}

	return nil
}

// outputs erases what was published about customers, and the dead letters that name
// anybody who was forgotten. others are partitions whose records may name them.
func (e *Eraser) outputs(ctx context.Context, partition int, customers []string, others map[int]refusedIn, erase *shard.Erase, how Erasing) error {
	signals, late := 0, 0
	for _, customer := range customers {
		personal := NewPersonal(e.js, e.input.layout, customer)
		for _, place := range []struct {
			read  func(context.Context, func(StoredMessage) error) error
			count *int
		}{{personal.Signals, &signals}, {personal.Late, &late}} {
			n, err := e.all(ctx, place.read)
			if err != nil {
				return err
			}
			*place.count += n
		}
	}
	how.done(e.input.layout.StreamName(shard.Signals), signals)
	how.done(e.input.layout.StreamName(shard.Rollups), late)
	if len(customers) == 0 {
		return nil // what is withheld leaves no dead letters
	}
	key, err := e.input.HashKey(ctx)
	if err != nil {
		return err
	}
	hasher := forget.NewHasher(key)
	refused := others
	read := func(ctx context.Context, each func(StoredMessage) error) error {
		var named forget.Hash
		is := func(id string) bool {
			named = hasher.Of([]byte(id))
			_, ok := erase.Hashes.Until(named)

			return ok
		}

		return NewPersonal(e.js, e.input.layout, customers[0]).letters(ctx, is, func(m StoredMessage) error {
			noteRefused(refused, named, m.Header)

			return each(m)
		})
	}
	if err := read(ctx, func(StoredMessage) error { return nil }); err != nil {
		return err
	}
	if err := e.tellOthers(ctx, partition, erase, refused); err != nil {
		return err
	}
	letters, err := e.all(ctx, read)
	how.done(e.input.layout.StreamName(shard.DeadLetters), letters)

	return err
}

// refusedIn is where a partition refused events that name somebody who was forgotten.
type refusedIn struct {
	from uint64
	who  map[forget.Hash]bool
}

// noteRefused notes where the record of a dead letter stands.
func noteRefused(refused map[int]refusedIn, who forget.Hash, header nats.Header) {
	sequence, ok := parseNumber(header.Get(event.HeaderSequence))
	partition, err := strconv.Atoi(header.Get(event.HeaderPartition))
	if !ok || err != nil {
		return
	}
	in, there := refused[partition]
	if !there {
		in = refusedIn{from: sequence, who: make(map[forget.Hash]bool)}
	}
	in.from, in.who[who] = min(in.from, sequence), true
	refused[partition] = in
}

// tellOthers has other partitions erase the records that they refused. It comes before
// the dead letters go, by which they are found.
func (e *Eraser) tellOthers(ctx context.Context, partition int, erase *shard.Erase, refused map[int]refusedIn) error {
	delete(refused, partition)
	for _, other := range slices.Sorted(maps.Keys(refused)) {
		if other < 0 || other >= e.input.layout.Partitions {
			continue
		}
		for who := range refused[other].who {
			until, _ := erase.Hashes.Until(who)
			mark := fact.ForgottenMark{Customer: who, Until: until, From: max(refused[other].from, 1)}
			if _, err := e.input.tell(ctx, other, event.ControlForgotten, mark); err != nil {
				return err
			}
		}
	}

	return nil
}

// all erases the messages that read hands over.
func (e *Eraser) all(ctx context.Context, read func(context.Context, func(StoredMessage) error) error) (erased int, _ error) {
	var found []StoredMessage
	if err := read(ctx, func(m StoredMessage) error {
		m.Body, m.Header = nil, nil
		found = append(found, m)

		return nil
	}); err != nil {
		return 0, err
	}
	for _, m := range found {
		was, err := e.remove(ctx, m.Stream, m.Sequence)
		if err != nil {
			return erased, err
		}
		erased += was
	}

	return erased, nil
}

// staged says whether the stage of sources still names customers.
func (e *Eraser) staged(ctx context.Context, customers []string) error {
	for _, customer := range customers {
		if err := NewPersonal(e.js, e.input.layout, customer).Staged(ctx, func(StoredMessage) error { return ErrStaged }); err != nil {
			return err
		}
	}

	return nil
}

// remove overwrites a message of a stream and takes it out, and says how many that
// were: none, where it is gone.
func (e *Eraser) remove(ctx context.Context, stream string, sequence uint64) (int, error) {
	var answer struct {
		Error   *natsjs.APIError `json:"error"`
		Success bool             `json:"success"`
	}
	request := struct {
		Sequence uint64 `json:"seq"` // without no_erase: its bytes are overwritten
	}{sequence}
	if err := call(ctx, e.js, "STREAM.MSG.DELETE."+stream, request, &answer); err != nil {
		return 0, fmt.Errorf("erase message %d of stream %s: %w", sequence, stream, err)
	}
	switch {
	case answer.Success:
		return 1, nil
	case answer.Error == nil:
		return 0, fmt.Errorf("erase message %d of stream %s: the server did not say whether it did", sequence, stream)
	}
	left, err := e.js.Stream(ctx, stream)
	if err != nil {
		return 0, fmt.Errorf("erase message %d of stream %s: %w", sequence, stream, err)
	}
	if _, err := (leader{e.js, stream}).at(ctx, sequence); errors.Is(err, errNotFound) {
		return 0, nil
	}
	if left.CachedInfo().Config.DenyDelete {
		return 0, fmt.Errorf("erase message %d of stream %s: the stream denies it for ever (deny_delete); make it anew without", sequence, stream)
	}

	return 0, fmt.Errorf("erase message %d of stream %s: %w", sequence, stream, answer.Error)
}
