// Package silence says when it is the input that went silent and not the
// customers.
//
// A Watch counts the events of one partition, as a whole and by channel, in
// steps of five minutes. It learns the rhythm of the week, and reports a
// silence once the counts speak clearly for a rate far below what the rhythm
// leads to expect, and that the feed is back once they speak for the opposite.
//
// It promises: no alarm for what recurs (nights, weekends, batches at the
// same time), for growth, and for the bursts that the input usually has,
// because it measures them and asks for as much more evidence; and that every
// silence ends, with the feed or after Config.HoldAtMost. A full stop is found
// once the partition has missed about 30·φ expected events, where φ is that
// measure of burstiness, 1 for independent events. It watches nothing in its
// first week, and it is no alarm for a feed that merely shrinks.
//
// It is pure: no I/O, no wall clock, no random number, no goroutine, and it
// imports nothing of this module but windows/codec. The same calls in the same order give the
// same bytes on one architecture. It holds no signal back itself; the shard
// does.
//
// Read watch.go first, then meter.go (the two tests for one count), rhythm.go
// (what is expected) and dispersion.go (how much evidence a count is). All
// times are Unix milliseconds UTC.
package silence
