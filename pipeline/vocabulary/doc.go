// Package vocabulary says what events mean: the types with their kinds, channels,
// stages, scores and money, under all their names.
//
// It promises that an index of a type or channel, once given, is never given to
// another: a Dictionary keeps them, and grows only. Read vocabulary.go first, then
// classify.go for the meaning of an event and config.go for how entries become
// types.
package vocabulary
