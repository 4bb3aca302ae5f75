package replay

import (
	"context"
	"errors"

	"ebb/pipeline/event"
)

// BatchRecords is the most records that a Writer is given at once: with the
// importer's marker they make an atomic batch of JetStream.
const BatchRecords = 999

// State says how an import stands.
type State string

// The states of an import.
const (
	Open    State = "open"    // records may follow
	Frozen  State = "frozen"  // all are stored, and the clocks stay at the last one
	Ended   State = "ended"   // live time follows
	Aborted State = "aborted" // given up
)

// Status says how far an import has come.
type Status struct {
	Import  string // identity of file, mapping and options
	Source  string // name of the file
	ShiftMS int64  // added to all times and clocks; of an import that was begun before, what it began with
	State   State
	Rows    uint64 // stored
	Records uint64 // rows and ticks stored, in the order in which they were appended: go on behind so many
	Clock   int64  // of the latest record stored, Unix ms

	// PackRows is how many rows a record of the import may hold: with 0 and 1
	// each has its own.
	PackRows int
}

// Writer stores one import in the input stream. It writes the start and end
// marks by itself, and knows from the stream how far the import has come.
type Writer interface {
	Status() Status

	// Append stores rows, one or several in a record, and ticks in their order,
	// and before the first of them a start mark in every partition. It may return before they are stored: an
	// error is that of these or of earlier ones, and Status says what is stored.
	// The records are the Writer's from then on.
	Append(ctx context.Context, records []event.Record) error

	// Answers waits for the coordinator's answers to question k of this import
	// in every partition, and stores them behind what was appended.
	Answers(ctx context.Context, k uint64) error

	// End stores an end mark in every partition: live time follows. Freeze
	// says that all rows are stored and leaves the clocks at the last one.
	End(ctx context.Context) error
	Freeze(ctx context.Context) error
}

// Reasons why an import does not begin or go on.
var (
	ErrImportOpen = errors.New("the import is open already")
	ErrImported   = errors.New("the stream holds this import already")
	ErrOtherFile  = errors.New("the stream holds another import than this")
)
