package setting

import (
	"ebb/pipeline/jetstream"
	"ebb/sinks/deliver"
)

// SinkFeed names the streams and the cursors of the sink of a layout.
func SinkFeed(layout jetstream.Layout) deliver.Config {
	return deliver.Config{Prefix: layout.Prefix, StreamPrefix: layout.Stream, Replicas: layout.Replicas}
}
