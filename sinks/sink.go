// Package sinks is the port between the streams that ebb publishes and the
// databases that keep them.
//
// A Sink stores rows; package deliver brings it the messages, in order, again
// after a failure, and acknowledges only what is stored. So a Sink has to
// promise one thing: writing the same rows again, at any age and in any order,
// leaves the same tables. The suite in package sinktest checks that for every
// sink; package memory is the reference, package clickhouse the real one.
//
// The package connects to nothing and starts no goroutine. Read this file
// first, then batch.go.
package sinks

import (
	"context"
	"errors"
	"fmt"
)

// Sink stores rows. Of two rows with the same key the one with the higher
// version stays, and of two with the same version either, because they are the
// same.
//
// A row of a series stands for the window as it was when it ended, a Rollup of the
// same key for what became of it: the Rollup stays, whatever the versions, and comes
// in any order. A window is in one series of an era at most; a sink need not tell
// which of two would be right.
//
// Versions compare within an era. Rows of several eras stay side by side, and
// readers take of each era what no newer one covers: see Batch.Beginnings.
type Sink interface {
	// Write stores all rows of the batch. An error that is ErrRefused says
	// that the sink will never take at least one of the rows, so that trying
	// again is no use. Any other error leaves the outcome unknown: some rows
	// may be stored, and the caller writes the same batch again.
	//
	// The rows of table pipeline become visible last, because readers take
	// their clock as the word that everything before it is there.
	Write(ctx context.Context, batch *Batch) error

	// Cursor returns the newest cursor that was written for a stream, with the
	// sequence 0 where there is none.
	Cursor(ctx context.Context, name, stream string) (Cursor, error)

	// Close releases what the sink holds. It does not wait for a Write.
	Close() error
}

// ErrRefused is the error of rows that a sink can't keep.
var ErrRefused = errors.New("the sink refuses a row")

// Refuse says that rows of table are refused because of cause.
func Refuse(table string, cause error) error {
	return fmt.Errorf("%w of table %s: %w", ErrRefused, table, cause)
}
