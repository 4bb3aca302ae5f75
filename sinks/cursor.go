package sinks

// Cursor says up to where a stream is written. A sink keeps it beside the rows
// that it vouches for, so that a database that is set back, moved or made again
// tells so itself.
type Cursor struct {
	Name     string // of the sink
	Stream   string
	Sequence uint64 // last message written; 0 where the sink holds nothing of the stream
	Created  int64  // Unix ns; when the stream was made

	// Safe is a sequence that was the cursor some minutes before, 0 where there
	// is none: tables that were copied one after another may lack rows behind it.
	// It is only read.
	Safe uint64
}
