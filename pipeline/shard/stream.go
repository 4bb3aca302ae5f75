package shard

// Stream is one of the output streams. Each has its own marker per partition.
type Stream uint8

// The output streams. A cut publishes to the last one first, and then to the others
// side by side.
const (
	Rollups Stream = iota
	Signals
	DeadLetters
	Statistics
	Streams = 4 // how many there are
)

// String is the middle of the stream's subjects: engagement.<name>.…
func (s Stream) String() string {
	return [...]string{"rollups", "signals", "deadletters", "s"}[s]
}

// Message is one message to publish. Subject is without the prefix:
// "rollups.rollups_kind.3".
type Message struct {
	Subject string
	Header  map[string]string // nil for most
	Data    []byte
}
