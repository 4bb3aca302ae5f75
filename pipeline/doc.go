// Package pipeline is the path of one event: from a record of the input stream to
// rollups, signals and dead letters, each exactly once. Its code is in the packages
// below it; here stand the tests of the whole, with scripts that a person can read in
// testdata/shard.
//
// A newcomer follows one event through these, each once:
//
//	jetstream/reader.go         a message of the input stream becomes a record
//	own/reading.go              the record goes to the owner of its partition
//	own/owner.go                the owner hands it to the shard
//	shard/shard.go              the shard takes it, step by step
//	clock/clock.go              what time it is by the record
//	format/native/decode.go     its bytes become an event, or a refusal
//	vocabulary/classify.go      the event's type becomes a meaning
//	shard/accept.go             misrouted, ahead, late, or here before: else it counts
//	shard/rollups.go            what it counts for
//	windows/touch.go            it counts in the windows that hold it
//	shard/detector.go           what it says of its customer
//	churn/observe.go            their history, as the model keeps it
//	churn/driver.go             their level, and when it changes in silence
//	shard/cut.go                is it time for outputs
//	shard/outputs.go            windows and signals become messages
//	own/commit.go               which are stored, and then committed
//	jetstream/outputs.go        in one atomic batch with the partition's marker
//	sinks/deliver               where the sink reads them like any subscriber
//	sinks/clickhouse/sink.go    and writes them as rows
//
// What shards can't know alone is decided in coordinate, from what they say in the forms
// of fact. What changes while running is in meaning. What looks from outside is in
// inspect. All times are Unix milliseconds UTC, and time is input: nothing here asks a
// wall clock what an event means.
package pipeline
