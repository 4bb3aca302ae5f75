// Package native reads and writes ebb's own form of events: a JSON object.
//
// It promises that a Decoder takes what encoding/json and a careful reader of the
// limits would take, and refuses the rest by name, without memory of its own for
// each event; what it returns shares memory with the input. Read decode.go first,
// then plain.go, which reads what nearly all events look like, and field.go, which
// says what each field takes.
package native
