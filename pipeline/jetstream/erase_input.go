package jetstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/forget"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
)

// concerned are the records of a partition that an erasure concerns.
type concerned struct {
	events map[uint64][]theirs // by sequence
	asked  map[uint64]asking
	last   map[forget.Hash]uint64 // the last record that has somebody forgotten
	others map[int]refusedIn      // other partitions whose records may name somebody, because an anonymous customer of theirs joined them
}

// theirs is what is of somebody who was forgotten in a record.
type theirs struct {
	row   int // of the record, from 1; 0: all of it
	hash  forget.Hash
	time  int64
	known bool   // the time is
	named string // of a record of a join: the known customer, if it is they
}

// asking is a record that has somebody forgotten.
type asking struct {
	hash     forget.Hash
	customer string
}

// customers are those whom the records name that ask.
func (c *concerned) customers() []string {
	names := make(map[string]bool)
	for _, a := range c.asked {
		names[a.customer] = true
	}

	return slices.Sorted(maps.Keys(names))
}

// named are those whom records of joins name: signals about the anonymous ones do, too.
func (c *concerned) named() []string {
	names := make(map[string]bool)
	for _, rows := range c.events {
		if rows[0].named != "" {
			names[rows[0].named] = true
		}
	}

	return slices.Sorted(maps.Keys(names))
}

// finder looks into records.
type finder struct {
	events *forget.Finder
	rows   []event.Row
	hasher *forget.Hasher
	erase  *shard.Erase
	found  concerned

	partitions int
}

// read looks through the records of a partition.
func (e *Eraser) read(ctx context.Context, partition int, erase *shard.Erase) (*concerned, error) {
	key, err := e.input.HashKey(ctx)
	if err != nil {
		return nil, err
	}
	f := &finder{
		events: forget.NewFinder(), hasher: forget.NewHasher(key), erase: erase,
		found:      concerned{make(map[uint64][]theirs), make(map[uint64]asking), make(map[forget.Hash]uint64), make(map[int]refusedIn)},
		partitions: e.input.layout.Partitions,
	}
	first, err := e.input.First(ctx)
	if err != nil {
		return nil, err
	}
	err = e.input.ReadPartition(ctx, partition, max(erase.From, first), func(records []event.Record, _ uint64) error {
		for i := range records {
			if records[i].Sequence > erase.To {
				return errRead
			}
			f.look(&records[i])
		}

		return nil
	})
	if err != nil && !errors.Is(err, errRead) {
		return nil, err
	}
	f.found.settle(erase)

	return &f.found, nil
}

// errRead ends a reading that has come to its end.
var errRead = errors.New("read to the end")

// look notes what is in a record.
func (f *finder) look(r *event.Record) {
	switch {
	case r.Lane == event.LaneControl:
		f.inControl(r)
	case r.Control != event.ControlNone:
	case r.Rows == 0:
		f.inRow(r.Sequence, 0, r.Data)
	default:
		f.rows, _ = event.SplitRows(f.rows[:0], r.Data, r.Rows)
		for i, row := range f.rows {
			f.inRow(r.Sequence, i+1, row.Body)
		}
	}
}

// inControl notes what is in a control record. One that can't be read names nobody.
func (f *finder) inControl(r *event.Record) {
	switch r.Control {
	case event.ControlForget:
		if mark, ok := read[fact.ForgetMark](r); ok {
			f.found.asks(r.Sequence, asking{f.hasher.Of([]byte(mark.Customer)), mark.Customer})
		}
	case event.ControlForgotten:
		if mark, ok := read[fact.ForgottenMark](r); ok && mark.From > 0 {
			f.found.last[mark.Customer] = r.Sequence
		}
	case event.ControlRemains:
		if mark, ok := read[fact.RemainsMark](r); ok {
			for _, row := range mark.Rows {
				f.inRow(r.Sequence, row.Row, []byte(row.Body))
			}
		}
	case event.ControlJoin:
		if mark, ok := read[fact.JoinMark](r); ok {
			f.inJoin(r.Sequence, mark.Time, mark.Customer, event.AnonymousPrefix+mark.Anonymous)
		}
	case event.ControlMove:
		if mark, ok := read[fact.MoveMark](r); ok {
			f.inJoin(r.Sequence, mark.Time, mark.Customer, event.AnonymousPrefix+mark.Anonymous)
		}
	default:
	}
}

// read reads the body of a control record.
func read[T any](r *event.Record) (mark T, ok bool) {
	return mark, json.Unmarshal(r.Data, &mark) == nil
}

// inRow notes whether a row, or a record of one event, is of somebody who was forgotten.
func (f *finder) inRow(sequence uint64, row int, body []byte) {
	of := theirs{row: row}
	read, found := f.events.Of(body, func(id string) bool {
		of.hash = f.hasher.Of([]byte(id))
		_, ok := f.erase.Hashes.Until(of.hash)

		return ok
	})
	if !found {
		return
	}
	if read != nil {
		of.time, of.known = read.Time, true
		if len(read.AnonymousID) > 0 {
			f.found.elsewhere(sequence, of.hash, event.PartitionOf(event.AnonymousPrefix+string(read.AnonymousID), f.partitions))
		}
		if f.erase.Joined && bytes.HasPrefix(read.Customer, []byte(event.AnonymousPrefix)) {
			for partition := range f.partitions { // of whoever it follows; see fact.MoveMark
				f.found.elsewhere(sequence, of.hash, partition)
			}
		}
	}
	f.found.events[sequence] = append(f.found.events[sequence], of)
	if read != nil && row == 0 && string(read.Type) == vocabulary.ForgottenType {
		f.found.asks(sequence, asking{of.hash, string(read.Customer)})
	}
}

// inJoin notes whether a record of a join, or of what moved with it, names somebody who
// was forgotten: the customer, or whom they were before.
func (f *finder) inJoin(sequence uint64, time int64, customer string, before ...string) {
	for _, id := range append(before, customer) {
		of := theirs{hash: f.hasher.Of([]byte(id)), time: time, known: true}
		if _, ok := f.erase.Hashes.Until(of.hash); !ok {
			continue
		}
		if id == customer {
			of.named = id
		}
		f.found.events[sequence] = append(f.found.events[sequence], of)
	}
}

// elsewhere notes that a record of a join or a move may follow from an event in a partition.
func (c *concerned) elsewhere(sequence uint64, who forget.Hash, partition int) {
	in, there := c.others[partition]
	if !there {
		in = refusedIn{from: sequence, who: make(map[forget.Hash]bool)}
	}
	in.from, in.who[who] = min(in.from, sequence), true
	c.others[partition] = in
}

func (c *concerned) asks(sequence uint64, who asking) {
	c.asked[sequence], c.last[who.hash] = who, sequence
}

// settle leaves out what is of a new customer: of a time behind the forgetting, and
// stored behind the last record that asked for it.
func (c *concerned) settle(erase *shard.Erase) {
	for sequence, rows := range c.events {
		rows = slices.DeleteFunc(rows, func(t theirs) bool {
			until, _ := erase.Hashes.Until(t.hash)

			return sequence > c.last[t.hash] && (!t.known || t.time > until)
		})
		if _, asks := c.asked[sequence]; len(rows) == 0 || asks { // what asks is erased last
			delete(c.events, sequence)
		} else {
			c.events[sequence] = rows
		}
	}
}

// records erases what is concerned in the order of the stream. Of a record with rows of
// others, these go on in one that takes its place.
func (e *Eraser) records(ctx context.Context, partition int, _ *shard.Erase, of *concerned) (erased int, _ error) {
	for _, sequence := range slices.Sorted(maps.Keys(of.events)) {
		rows := of.events[sequence]
		if rows[0].row > 0 {
			if err := e.keepOthers(ctx, partition, sequence, rows); err != nil {
				return erased, err
			}
		}
		n, err := e.remove(ctx, e.input.layout.Stream, sequence)
		if err != nil {
			return erased, err
		}
		erased += n * len(rows)
	}

	return erased, nil
}

// keepOthers publishes the rows of others.
func (e *Eraser) keepOthers(ctx context.Context, partition int, sequence uint64, gone []theirs) error {
	message, err := e.input.leader.at(ctx, sequence)
	if errors.Is(err, errNotFound) {
		return nil // an eraser of before has done it
	}
	if err != nil {
		return err
	}
	header, err := message.header()
	if err != nil {
		return err
	}
	mark := fact.RemainsMark{Sequence: sequence}
	if header.Get(event.HeaderControl) == event.ControlRemains.String() {
		if err := json.Unmarshal(message.Data, &mark); err != nil {
			return err
		}
	} else {
		rows, _ := event.SplitRows(nil, message.Data, parseRows(header.Get(event.HeaderRows)))
		for i, row := range rows {
			mark.Rows = append(mark.Rows, fact.RemainingRow{Row: i + 1, Clock: row.Clock, Body: string(row.Body)})
		}
	}
	mark.Rows = slices.DeleteFunc(mark.Rows, func(row fact.RemainingRow) bool {
		return slices.ContainsFunc(gone, func(t theirs) bool { return t.row == row.Row })
	})
	if len(mark.Rows) == 0 {
		return nil
	}
	// A crash before the record is erased repeats this, soon after it.
	_, err = e.input.tell(ctx, partition, event.ControlRemains, mark, natsjs.WithMsgID("remains-"+strconv.FormatUint(sequence, 10)))

	return err
}
