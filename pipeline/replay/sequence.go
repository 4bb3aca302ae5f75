package replay

import (
	"encoding/json"
	"errors"
	"io"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
)

// Step is one record of an import.
type Step struct {
	Record event.Record
	Row    bool // a row, not a mark or a tick

	// Await is not 0 where the coordinator's answers to this question have to
	// stand before this record.
	Await uint64
}

// Sequence yields all records of an import, in this order: a start mark in
// every partition; the rows, with a tick in every partition behind each
// TickRows of them; at each CoordinateRows, and behind the last row, the ticks
// ask the coordinator; then a last tick in every partition, so that the last
// answer is used and the last outputs are made; and, if times are shifted to
// now, an end mark in every partition.
//
// The answers to a question stand before the ticks of the next one: so the rows
// between them are published and processed while the coordinator fits, and what
// comes out does not depend on how long it takes.
//
// Where ticks and marks stand follows from the number of rows before them, so
// the sequence is the same however often it is begun anew.
type Sequence struct {
	plan   *Plan
	rows   rows
	file   io.Closer // nil for items
	order  *fileOrder
	people *alike // of a file, once compareIDs is called; else nil
	queue  []Step // marks and ticks that come before the next row
	rowsUp uint64 // rows so far
	asked  uint64 // the last question
	asking bool   // rows have come since
	clock  int64
	ended  bool
}

// mostCompared bounds the ids that an import compares, to some 40 MB.
const mostCompared = 1 << 20

// compareIDs lets the sequence compare the ids of the customers of a file.
func (s *Sequence) compareIDs() {
	if s.order != nil {
		s.people = newAlike()
		s.people.most, s.order.people = mostCompared, s.people
	}
}

// Next returns the next record. io.EOF ends the sequence.
func (s *Sequence) Next() (Step, error) {
	if len(s.queue) == 0 && !s.ended {
		step, err := s.row()
		if !errors.Is(err, io.EOF) {
			return step, err
		}
		s.finish()
	}
	if len(s.queue) == 0 {
		return Step{}, io.EOF
	}
	step := s.queue[0]
	s.queue = s.queue[1:]

	return step, nil
}

// row yields the next row and queues the ticks that follow it.
func (s *Sequence) row() (Step, error) {
	it, err := s.rows.next()
	if err != nil {
		return Step{}, err
	}
	s.rowsUp++
	s.clock = it.clock
	s.asking = true
	switch {
	case s.rowsUp%uint64(s.plan.Options.CoordinateRows) == 0:
		s.ask()
	case s.rowsUp%uint64(s.plan.Options.TickRows) == 0:
		s.all(event.ControlTick, fact.TickMark{}, 0)
	}
	record := event.Record{Clock: it.clock, Partition: it.partition, Lane: event.LaneHistory, Data: it.body}

	return Step{Record: record, Row: true}, nil
}

func (s *Sequence) ask() {
	s.asked++
	s.asking = false
	s.all(event.ControlTick, fact.TickMark{Coordinate: s.asked}, s.asked-1)
}

// finish queues what stands behind the last row.
func (s *Sequence) finish() {
	s.ended = true
	if s.asking {
		s.ask()
	}
	s.all(event.ControlTick, fact.TickMark{Last: true}, s.asked)
	if s.plan.Options.ShiftToNow {
		s.all(event.ControlEnd, fact.EndMark{Import: s.plan.Import}, 0)
	}
}

// all queues a control record for every partition, with the running clock,
// behind the answers to the question await, 0 for none.
func (s *Sequence) all(control event.Control, mark any, await uint64) {
	first := len(s.queue)
	s.queue = append(s.queue, controls(s.plan.Options.Partitions, s.clock, control, mark)...)
	s.queue[first].Await = await
}

func controls(partitions int, clock int64, control event.Control, mark any) []Step {
	body, _ := json.Marshal(mark) // structs of strings and numbers always marshal
	steps := make([]Step, partitions)
	for partition := range steps {
		steps[partition].Record = event.Record{
			Clock: clock, Partition: partition, Lane: event.LaneHistory, Control: control, Data: body,
		}
	}

	return steps
}

// begin queues the start marks.
func (s *Sequence) begin(shiftMS int64) {
	s.all(event.ControlStart, fact.StartMark{Import: s.plan.Import, Source: s.plan.Source.Name, ShiftMS: shiftMS}, 0)
}

// Close closes the file.
func (s *Sequence) Close() error {
	if s.file == nil {
		return nil
	}

	return s.file.Close()
}
