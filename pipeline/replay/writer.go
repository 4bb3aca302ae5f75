package replay

import (
	"context"
	"errors"

	"ebb/pipeline"
)

// BatchRecords is the most records that a Writer is given at once: with the
// importer's mark they make an atomic batch of JetStream.
const BatchRecords = 999

// State says what became of an import.
type State string

// The states of an import.
const (
	Open    State = "open"    // records are being published, or it stopped and can be resumed
	Done    State = "done"    // every record is stored
	Aborted State = "aborted" // given up; live time goes on
)

// Mark says how far an import has come. It is stored with every batch of
// records, so that it is never ahead of them and never behind.
type Mark struct {
	Import  string `json:"import"`   // identity of file, mapping and options; "" before the first import
	Source  string `json:"source"`   // name of the file
	ShiftMS int64  `json:"shift_ms"` // added to all times and clocks
	Records uint64 `json:"records"`  // stored, of the import's sequence; marks and ticks included
	Rows    uint64 `json:"rows"`     // of these
	Clock   int64  `json:"clock"`    // of the last record, Unix ms
	State   State  `json:"state"`
}

// Writer stores the records of imports in the input stream.
type Writer interface {
	// Mark returns the last mark that is stored; the zero Mark where there is
	// none.
	Mark(ctx context.Context) (Mark, error)

	// Append stores the records, at most BatchRecords, in their order and the
	// mark behind them: all of it or nothing. It returns when they are stored.
	// ErrOtherImporter where another importer's mark has come in between. The
	// records belong to the Writer.
	Append(ctx context.Context, records []pipeline.Record, mark Mark) error

	// Wait returns when the coordinator's answer to question k of the import
	// is stored in every partition, at once if it is there already.
	Wait(ctx context.Context, importID string, k uint64) error
}

// Reasons why an import does not begin or go on.
var (
	ErrOtherImporter = errors.New("another importer has written since; let one import at a time run")
	ErrImportOpen    = errors.New("an import is open")
	ErrImported      = errors.New("the stream holds this import already")
	ErrNoImport      = errors.New("no import is open")
)
