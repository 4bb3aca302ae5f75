// Package customers is the table of a shard's customers: slabs without pointers, found
// by a seeded hash of the id, numbered densely, and beside each customer the bytes of
// registered columns.
//
// It promises that a customer keeps their number until they are removed, that what is
// Frozen for a snapshot does not change while the table goes on, and that ids which
// somebody chose don't slow it down. Read customers.go first, then free.go,
// freeze.go and columns.go; approach.go says how the way to memory is hidden.
package customers
