package replay

import (
	"bytes"

	"ebb/pipeline/event"

	"github.com/zeebo/xxh3"
)

// placed is a row at its place in the stream.
type placed struct {
	payload
	clock int64 // of the place
}

// payload is what moves when rows change their order; clocks stay.
type payload struct {
	row       int64
	time      int64
	timed     bool
	partition int
	identity  uint64 // hash of customer and id where the row brought its id along, else 0
	body      []byte
}

// rows yields rows in the order in which they are published. io.EOF ends them.
type rows interface {
	next() (placed, error)
}

// fileOrder yields the rows of a file as they stand.
type fileOrder struct {
	reader     *Reader
	partitions int
	row        Row
	people     *alike // nil where nobody asks
}

func (f *fileOrder) next() (placed, error) {
	if err := f.reader.Next(&f.row); err != nil {
		return placed{}, err
	}
	row := &f.row
	if f.people != nil && row.Mapped && len(row.Customer) > 0 {
		f.people.add(row.Customer)
	}
	p := placed{clock: row.Clock, payload: payload{
		row: row.Number, time: row.Time, timed: row.Timed, body: row.Body,
		partition: event.PartitionOf(row.Customer, f.partitions),
	}}
	if row.OwnID {
		p.identity = xxh3.Hash(bytes.Join([][]byte{row.Customer, row.ID}, []byte{0})) | 1
	}

	return p, nil
}

// judge tells what a shard would say of a row at a place. Marks and rows of
// all partitions carry the running clock of the whole file, so the verdict
// depends on the clock of the place alone.
type judge struct{ lateness, skew int64 }

type verdict uint8

const (
	inTime verdict = iota
	late
	tooFarAhead
	refused // whatever the clock
)

func (j judge) of(p payload, clock int64) verdict {
	switch {
	case !p.timed:
		return refused
	case p.time > clock+j.skew:
		return tooFarAhead
	case p.time < clock-j.lateness:
		return late
	}

	return inTime
}
