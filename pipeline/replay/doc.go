// Package replay turns files of history into the records of an import: NDJSON
// and CSV, plain or gzipped, become native events with clocks, ticks and marks.
//
// It promises that the sequence of records depends on nothing but the file,
// the mapping and the options, so that an import that stopped at any record
// goes on where it was; that no row is lost, since a row which can't be
// understood is passed on to become a dead letter with its reason; and that
// memory does not grow with the file, except for the chaos order, which holds
// it, for rows published twice, which hold their second copies, and for anonymous
// ids, up to a bound. A Survey learns the kinds of types that the vocabulary
// lacks, before the file is read, and Joins whose the anonymous ids are.
//
// It does not talk to a server: a Writer does, and the package that implements
// it. It does not judge events either; the shards do.
//
// Read mapping.go first, then reader.go (a file as rows), survey.go (what its
// types are), joins.go (whose anonymous rows are), sequence.go (rows as records),
// packing.go (several of them in one) and run.go (records to a Writer).
package replay
