// Package pipeline is the path of one event: from a record of the input stream
// to rollups, signals and dead letters, each exactly once.
//
// It promises that a [Shard] is a deterministic function of the configuration
// that it began with and its partition's records, of which some change that
// configuration: replaying them gives the same bytes of state and the same
// outputs. It promises that an [Instance] commits a cut only
// after the cut's outputs are stored, that it publishes nothing twice whatever
// crashes or answers get lost, and that only one owner of a partition can
// publish and commit. Bad input never stops it.
//
// It does not talk to a server: the ports in ports.go do, and package
// jetstream implements them. It does not know ClickHouse at all; whoever reads
// the output streams is a subscriber like any other.
//
// Read shard.go first: it lists the steps of an event and their files. Then cut.go
// and commit.go for how outputs become durable, recover.go for how an owner begins,
// reading.go and path.go for how records come to it, partitions.go and serve.go for
// how partitions start, stop and are lost one by one, coordinate.go for what one
// shard can't know alone, and configure.go and adopt.go for how the configuration
// changes.
// inspect.go looks at a customer from outside.
//
// State outlives the program that wrote it: a snapshot is sections with a name and
// a version each, of which every later program reads those that it knows, and keeps
// the others. snapshot_parts.go declares them and says how to add a field or a
// section; snapshot_example_test.go is a worked example of both. Package section is
// the container, windows/codec reads and writes what stands in it, and
// testdata/corpus has snapshots of every format, for ever.
//
// All times are Unix milliseconds UTC. Time is input: a shard never asks a
// wall clock.
package pipeline
