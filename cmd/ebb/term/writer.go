// Package term writes for people at a terminal: lines of 80 columns, tables, bars
// that say how far long work has come, times and spans in words. What steers a
// terminal is replaced, wherever it comes from.
package term

import (
	"fmt"
	"io"
)

// Writer keeps the first error, so that printing reads as printing, and
// writes nothing that would steer a terminal.
type Writer struct {
	To  io.Writer
	Err error
}

func (w *Writer) Write(p []byte) (int, error) {
	if w.Err == nil {
		_, w.Err = io.WriteString(w.To, Plain(string(p)))
	}

	return len(p), w.Err
}

// Folded is line for a sentence, which goes on in the next line of a terminal.
func (w *Writer) Folded(format string, args ...any) {
	w.Line("%s", Wrapped(fmt.Sprintf(format, args...), "  "))
}

// Line writes a line.
func (w *Writer) Line(format string, args ...any) {
	fmt.Fprintf(w, format+"\n", args...)
}
