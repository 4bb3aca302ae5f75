// Package bgnbd is the BG/NBD model of how often customers come back (Fader,
// Hardie and Lee 2005, "Counting your customers the easy way: an alternative
// to the Pareto/NBD model", Marketing Science 24), with a maximum-likelihood
// fit of our own.
//
// It is here to be compared with: the detector does not use it. It promises
// parameters at a maximum of the likelihood, the same for the same histories
// in any order, and the probability of no event in a span to come. That is not
// one less the probability of being alive, by which every customer with a
// single event would be alive for certain.
//
// It is pure: no I/O, no clock, no random number. Times are in a unit that the
// caller chooses, the same for histories, parameters and spans.
//
// Read model.go first, then fit.go.
package bgnbd
