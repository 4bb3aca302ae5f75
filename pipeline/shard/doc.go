// Package shard is the state machine of one partition: records in, cuts of rollups,
// signals and dead letters out.
//
// It promises that a [Shard] is a deterministic function of the configuration that it
// began with and its partition's records, of which some change that configuration:
// replaying them gives the same bytes of state and the same outputs. It has no wall clock,
// no goroutine and no server, and bad input never stops it.
//
// Read shard.go first: it lists the steps of a record and their files. Then cut.go and
// outputs.go for what goes out, and snapshot.go for how the state outlives the process.
package shard
