// Package churn says how likely a customer is gone, when that will have
// become so likely that somebody should act, and why.
//
// It promises: a score that is the probability of no qualifying event in the
// next horizon H, given the customer's history; levels that follow from it
// with hysteresis; the exact millisecond at which a level will change if
// nothing more comes, so that silence needs no scan; and reasons whose
// contributions add up. One customer costs a State of 64 bytes without
// pointers, and one event some tens of nanoseconds.
//
// It is pure: no I/O, no wall clock, no random number, no goroutine, and it
// imports nothing of this module. The same calls in the same order give the
// same bytes on one architecture. It does not store states, publish signals or
// decide when to ask; the shard does.
//
// All times are Unix milliseconds UTC. Probabilities are quantized (Score)
// before they decide anything.
//
// Read model.go first (how a history becomes a State), then risk.go (the
// formula and its sources), levels.go and crossing.go.
package churn
