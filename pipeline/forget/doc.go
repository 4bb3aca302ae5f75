// Package forget says who was forgotten, without naming them.
//
// A customer who is forgotten leaves a tombstone: a keyed hash of the id, and the time
// up to which what is said of them is no longer taken. Whoever holds tombstones can tell
// whether an event is of somebody who was forgotten, and can't tell who was: the key is
// kept apart from them. In an installation it follows from the key of the seals in the
// bucket of manifests; see jetstream.
//
// Who comes back with events of a later time is a new customer.
//
// Read tombstones.go first, then finder.go (whose an event is, in whatever form it came).
package forget
