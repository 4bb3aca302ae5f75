// Package source takes events from where people have them already, a JetStream stream
// or core NATS subjects, in this account or another, and brings them into the input
// stream, those of the past included.
//
// It promises:
//
//   - every message of a stream gets into the input once, whatever is killed: events
//     and the cursor behind them are stored in one atomic batch, only if the cursor is
//     the one that the writer knows, so that of two instances one is fenced. Where a
//     server that dies keeps a part of a batch, its events come again with the same
//     ids and times, and count once;
//   - the stream is never changed: it is read by a consumer without acknowledgments,
//     which the server forgets;
//   - what can't be read becomes a dead letter that names source, stream, sequence and
//     format, and the rest counts.
//
// # The past
//
// What a stream holds when ebb first meets it is history: it counts with its own times,
// as if ebb replay had imported it, in the order of time, and live events follow. It is
// kept in a stage (jetstream.Stage) until it is imported, because an import reads its
// rows more than once, and must find the same ones after a crash, though the stream
// may have removed them by then. In rounds: what comes to the stream during the import
// is the next round, until so little is left that it can go live. All sources have
// their rounds together, since their events have to be in one order. Until then no
// ticks move the clocks, so that nothing of the next round is late.
//
// A start after a pause that was longer than half the lateness is the same again: what
// came to the stream meanwhile is a round, and so nothing of it is late.
//
// # Beside live input
//
// A clock does not go back. History that is older than live events which ebb has
// processed already, by more than the lateness, can't be put in front of them, and
// windows that are final stay as they were published. Two ways are left, and the
// simplest that keeps all promises is to build beside and to switch, of parts that are
// there: another stream.prefix and another clickhouse.database, with two sources, the
// stream with the history and ebb's own input stream (stream ENGAGEMENT, subjects
// engagement.p.*, format native). Both histories are merged by time, live events
// follow from the same two sources, and when `ebb source list` says that they are live,
// Grafana is pointed at the new database and the old ebb is stopped. Producers
// notice nothing.
//
// Its limits: it holds what both streams still hold (stream.max_age); while it is
// built, input, state and tables are there twice; times of dead letters are those of
// the new input. So a source whose history is older than live input is not begun, and
// says this instead (Blocked). What is no older than the lateness is merged where it
// is: its windows are open.
//
// In a round, live events of producers that publish to ebb's input themselves are dead
// letters (import_open), as in any import, and can be requeued. Who has both starts
// such producers when the sources are live, or makes them sources.
//
// Core subjects are best effort, see core.go: what is published while no ebb hears it is
// gone.
//
// Read spec.go first (what a source is), then read.go (a message as events), runner.go,
// history.go (the past), live.go and core.go.
package source
