package shard

import "ebb/windows"

// place is where in the input of its partition a shard stands: all that rows, signals
// and reports are stamped with.
type place struct {
	partition int
	era       int64  // Unix ms; when the input stream was made
	clock     int64  // Unix ms; 0 before the first record
	sequence  uint64 // of the last record
	row       int    // of the last record the last row; 0 where it was no rows
	cuts      uint64 // how many cuts there were
	imported  importState
	lateness  int64 // ms
	floor     int64 // what the watermark was at least when it last changed
}

// importState is what a shard knows of the import it is in.
type importState struct {
	open bool
	id   string
}

// BelongTo says when the input stream was made that the records come from, in
// Unix ms: the era of all that the shard publishes. It must be called before
// the first record; a restored shard needs it again, because a snapshot doesn't
// hold it. Without it rows and signals have no era.
func (p *place) BelongTo(era int64) { p.era = era }

// Partition is the shard's partition, 0 to N−1.
func (p *place) Partition() int { return p.partition }

// Sequence is the input sequence of the last record.
func (p *place) Sequence() uint64 { return p.sequence }

// Clock is the shard's clock in Unix ms.
func (p *place) Clock() int64 { return p.clock }

// Cuts is how many cuts were made.
func (p *place) Cuts() uint64 { return p.cuts }

// watermark is before what events are late. It never goes back.
func (p *place) watermark() int64 {
	return max(p.floor, windows.Watermark(p.clock, p.lateness))
}
