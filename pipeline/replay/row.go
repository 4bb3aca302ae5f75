package replay

import (
	"errors"
	"fmt"
)

// Row is one row of a file as a native event with its clock.
type Row struct {
	Number    int64  // from 1, without the header and empty lines
	Time      int64  // of the event, Unix ms
	Timed     bool   // whether Time could be read
	Clock     int64  // running maximum of arrival, or of event time; Unix ms
	Customer  []byte // as in the event, "anonymous:…" included; valid until the next row
	Type      []byte // as in the event; valid until the next row
	Kind      []byte // what the mapping's field kind says; valid until the next row
	ID        []byte // as the row brought it along; valid until the next row
	OwnID     bool   // the row brought its id along
	Mapped    bool   // Body is an event; otherwise it is the row's bytes as they were
	Body      []byte // the event, or what will be a dead letter; the row's own memory
	Problem   error  // what is wrong with the row; nil for most
	HasAmount bool   // the event has a value
	Doubt     Doubt  // why its time can't be believed; Believed for most

	merged bool // it is part of another row's event

	key  int64 // clock of the row, or of the last one before that has one; Unix ms, not shifted
	line int64 // of the file, from 1
}

// RowError says what is wrong with one row, and what to do.
type RowError struct {
	Source string
	Row    int64 // from 1, without the header
	Line   int64 // of the file, from 1
	Column string
	Err    error
}

func (e *RowError) Error() string {
	column := ""
	if e.Column != "" {
		column = ", column " + e.Column
	}

	return fmt.Sprintf("%s: row %d (line %d)%s: %v", e.Source, e.Row, e.Line, column, e.Err)
}

// Unwrap returns the reason.
func (e *RowError) Unwrap() error { return e.Err }

// ErrNoRows says that a file has nothing to import.
var ErrNoRows = errors.New("no row has a readable time")
