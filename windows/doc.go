// Package windows keeps sliding windows over accepted events: how many, how
// much, and how many distinct customers, per key and window end.
//
// It promises that every figure is exact; that for the same accepted events
// the final value of a row depends neither on their order nor on how often
// [Set.Advance] is called; that rows come out in one fixed order; and that the
// same operations give the same bytes of state. Keys that are one row of several
// figures are declared with [Set.Group], and their rows come together; keys to which
// events of some kind add the same are bundled with [Set.Bundle]. It is
// pure: no I/O, no clock, no goroutine, no lock. One goroutine owns a [Set] or a
// [Ring].
//
// It does not decide whether an event is accepted. The caller judges the future
// with [TooFarAhead], lateness with [Late] and then repetition with a [Ring], by
// its own clock, which never goes backwards.
//
// All times are int64 Unix milliseconds, UTC, between [MinTime] and [MaxTime].
//
// Read span.go for the terms, then set.go and touch.go for what happens to one
// event, then advance.go and correct.go for how rows come out of it, group.go for
// rows of several figures, and move.go for who turns out to be somebody whom another
// set knows. The scripts in testdata/script show the
// semantics case by case.
package windows
