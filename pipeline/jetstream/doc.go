// Package jetstream connects the pipeline to NATS JetStream. It implements the
// ports of package own: Input and Source, Outputs, Manifests, Snapshots.
//
// It promises:
//
//   - records come in stream order, none twice and none left out, over
//     restarts of the server and losses of the connection; a record that
//     retention removed before it was read is an error, never a silent hole;
//   - a batch of outputs is stored as a whole or not at all, and only if the
//     marker before it is the one its publisher knows; statistics, which may
//     come twice, are stored one by one under the same condition;
//   - what decides about ownership (markers, manifests) is read from the
//     leader of its stream, never from a replica;
//   - memory is bounded: what is not yet asked for stays in JetStream.
//
// It decides nothing about events: it does not decode them, and it has no
// opinion on clocks beyond handing over what a message carries. Consumers for
// the sinks live with the sinks.
//
// Read layout.go first for the streams and subjects, then reader.go, which
// outlines how records are pulled, and batch.go, which outlines how they are
// published.
package jetstream
