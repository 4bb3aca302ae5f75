// Package event is what producers send, before anything is made of it: the event
// with its fields and limits, the record that carries it in a partition's input,
// the token that a customer has in subjects, and the reasons for which something is
// refused.
//
// It promises that a refusal names the field, the value and the remedy in printable
// ASCII, whatever the input holds. It imports nothing of this module but amounts.
// Read event.go first, then record.go, rows.go and refusal.go.
package event
