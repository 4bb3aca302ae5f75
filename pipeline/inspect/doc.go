// Package inspect looks at one customer from outside: it copies the partition from its
// snapshot and the records since, and asks the copy. It changes nothing, and needs no
// instance that runs.
//
// Read inspect.go first; lost.go says what it can still tell where state is missing.
package inspect
