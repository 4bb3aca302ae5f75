// Package schema describes what ebb takes and publishes, for programs of other
// languages: a JSON Schema (2020-12) of every message, and an AsyncAPI 3 document
// of the subjects on which they travel.
//
// It promises that each document follows from the code that writes the messages:
// fields and their descriptions from package wire, columns from the metric registry,
// the input from the table of fields. `go generate` writes them to deploy/schemas,
// from where `ebb schema` prints them. Nothing here runs in the pipeline.
//
// How messages change:
//
//   - A version may add fields, and columns of metrics. Readers pass over those that
//     they don't know, and take columns by their names.
//   - Whatever else changes - a field that goes, another type, unit or meaning, one
//     more value of a list - gets the next schema number, which every message says in
//     its field "schema". ebb's own sink reads all numbers that were ever published.
//   - testdata/published.txt lists every field that was published. The test fails when
//     one of them is missing or is another.
//
// Read documents.go first.
package schema
