package replay

import (
	"bytes"
	"errors"
	"io"

	"ebb/pipeline/event"
)

// Bounds of the rows that wait to be packed: of one record, and of those of all
// partitions together.
const (
	packBytes    = 64 << 10
	waitingBytes = 8 << 20
)

// packing puts the rows of a sequence into records that hold several each. Rows
// of one partition keep their order, and none passes a tick or a mark: so every
// shard gets the same rows at the same places as without it.
//
// Where records begin and end follows from the rows before them alone, so that
// an import which goes on where it stopped has the same ones.
type packing struct {
	steps   func() (Step, error) // rows and ticks; io.EOF ends them
	most    int                  // rows of a record; with 1 each has its own
	begun   bool                 // the first row has a record of its own: the start marks have its clock
	packs   []pack               // by partition
	bytes   int                  // of all packs
	typical int                  // how many bytes a full record has; 0 before the first
	ready   []Step
	failed  error // what came behind those that are ready
}

// pack is rows of a partition that wait for others.
type pack struct {
	rows  int
	clock int64
	data  []byte
}

func newPacking(partitions, most int, steps func() (Step, error)) *packing {
	return &packing{steps: steps, most: most, packs: make([]pack, partitions)}
}

// next is the next record. io.EOF ends them.
func (p *packing) next() (Step, error) {
	for len(p.ready) == 0 {
		if p.failed != nil {
			return Step{}, p.failed
		}
		step, err := p.steps()
		if errors.Is(err, io.EOF) {
			p.closeAll()
			p.failed = err

			continue
		}
		if err != nil {
			return Step{}, err
		}
		p.take(step)
	}
	step := p.ready[0]
	p.ready = p.ready[1:]

	return step, nil
}

func (p *packing) take(step Step) {
	p.ready = p.ready[:0]
	record := &step.Record
	if !step.Row {
		p.closeAll()
		p.ready = append(p.ready, step)

		return
	}
	if !p.begun || p.most <= 1 || len(record.Data) > packBytes || !event.FitsRow(record.Data) {
		p.begun = true
		p.close(record.Partition)
		p.ready = append(p.ready, step)

		return
	}
	if len(p.packs[record.Partition].data)+len(record.Data) > packBytes {
		p.close(record.Partition)
	}
	open := &p.packs[record.Partition]
	if open.rows == 0 {
		open.data = make([]byte, 0, min(p.typical, waitingBytes/len(p.packs)))
	}
	before := len(open.data)
	open.data = event.AppendRow(open.data, record.Clock, record.Data)
	open.rows, open.clock = open.rows+1, record.Clock
	p.bytes += len(open.data) - before
	switch {
	case p.bytes > waitingBytes:
		p.closeAll()
	case open.rows == p.most:
		p.close(record.Partition)
	}
}

func (p *packing) closeAll() {
	for partition := range p.packs {
		p.close(partition)
	}
}

// close makes a record of the rows of a partition. One row is a record as it is.
func (p *packing) close(partition int) {
	done := p.packs[partition]
	if done.rows == 0 {
		return
	}
	p.packs[partition] = pack{}
	p.bytes -= len(done.data)
	if done.rows == p.most {
		p.typical = len(done.data) + len(done.data)/16
	}
	record := event.Record{Clock: done.clock, Partition: partition, Lane: event.LaneHistory, Rows: done.rows, Data: done.data}
	if done.rows == 1 {
		_, body, _ := bytes.Cut(done.data, []byte{' '})
		record.Rows, record.Data = 0, body
	}
	p.ready = append(p.ready, Step{Record: record, Row: true})
}
