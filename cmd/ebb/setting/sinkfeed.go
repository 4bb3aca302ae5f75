package setting

import (
	"ebb/pipeline/jetstream"
	"ebb/sinks/feed"
)

// SinkFeed names the streams and the cursors of the sink of a layout.
func SinkFeed(layout jetstream.Layout) feed.Config {
	return feed.Config{Prefix: layout.Prefix, StreamPrefix: layout.Stream, Replicas: layout.Replicas}
}
