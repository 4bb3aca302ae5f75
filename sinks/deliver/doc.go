// Package deliver brings the messages of the output streams to a sink.
//
// It promises that every message is written before it is acknowledged, in
// stream order and never past one that is not; that a sink which is away is
// waited for without end and without growing memory; that a row the sink
// refuses does not hold up the rest, but is set aside as a dead letter; and
// that messages which retention removed before they were read are counted and
// told. A message may be written more than once, which a sink takes.
//
// It creates no stream, and it does not order one stream against another. It
// resets its durable consumers when it starts, which nats-server can since 2.14.
//
// Read feed.go first, then loader.go, which outlines the path of a message.
package deliver
