package deliver

import (
	"fmt"
	"log/slog"
	"time"
)

// Config says what to read and how much at a time. The zero value of every
// field has the default that is named with it.
type Config struct {
	Name         string // of the durable consumers and their cursors: a subject token; default "clickhouse"
	Prefix       string // of the subjects; default "engagement"
	StreamPrefix string // of the streams; default "ENGAGEMENT"
	Bucket       string // of the cursors; default "ebb_sinks"; created where it is missing
	Replicas     int    // of the bucket; 0 leaves it as it is

	MaxRows  int           // rows a batch; default 500,000. One message may exceed it
	MaxBytes int           // message bytes a batch; default 32 MiB. One message may exceed it
	MaxWait  time.Duration // from a batch's first message to its writing; default 1 s
	Prefetch int           // message bytes read ahead; default 8 MiB

	// MaxMemory is how many bytes the rows of a batch may take in memory, about;
	// default 128 MiB. One message may exceed it. A series of thousands of windows
	// is one row, and in its message a window may be five bytes.
	MaxMemory int

	// HistoryWait is MaxWait for what nobody waits for: batches of rows of
	// an hour ago and before, as long as messages keep coming. Every insert
	// is a part that the database has to merge. Default 5 s.
	HistoryWait time.Duration

	// HistoryLag is for how long such rows are left in their stream before they are
	// read, while more of them come and nobody waits for them: so that an import has
	// the processor to itself. Default 20 s. HistoryLull is for how long nothing has to
	// come until an import is taken to be over: it publishes in bursts. Default 5 s.
	HistoryLag, HistoryLull time.Duration

	// HistoryBacklog is how many bytes of messages have to wait for that: less is a
	// small import, which is seen at once. Default 4 MiB; below 0 nothing has to.
	HistoryBacklog int

	WriteTimeout time.Duration // of one try to write a batch; default 2 min
	FirstRetry   time.Duration // wait after the first failed try; default 200 ms. It doubles
	LastRetry    time.Duration // longest wait between tries; default 30 s
	Look         time.Duration // how often to look for the lag and for a cursor that was moved; default 2 s

	Logger *slog.Logger // nil drops the lines
}

// Least and largest values of a Config.
const (
	minPrefetch = 1 << 20 // the largest message that NATS takes by default
	minWait     = time.Millisecond
)

func (c *Config) setDefaults() {
	setDefault(&c.Name, "clickhouse")
	setDefault(&c.Prefix, "engagement")
	setDefault(&c.StreamPrefix, "ENGAGEMENT")
	setDefault(&c.Bucket, "ebb_sinks")
	setDefault(&c.MaxRows, 500_000)
	setDefault(&c.MaxBytes, 32<<20)
	setDefault(&c.MaxMemory, 128<<20)
	setDefault(&c.MaxWait, time.Second)
	setDefault(&c.HistoryWait, max(5*time.Second, c.MaxWait))
	setDefault(&c.HistoryLag, 20*time.Second)
	setDefault(&c.HistoryLull, 5*time.Second)
	setDefault(&c.HistoryBacklog, 4<<20)
	setDefault(&c.Prefetch, 8<<20)
	setDefault(&c.WriteTimeout, 2*time.Minute)
	setDefault(&c.FirstRetry, 200*time.Millisecond)
	setDefault(&c.LastRetry, 30*time.Second)
	setDefault(&c.Look, 2*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

func (c *Config) check() error {
	switch {
	case c.MaxRows < 1:
		return fmt.Errorf("sink feed: MaxRows is %d; it has to be at least 1", c.MaxRows)
	case c.MaxBytes < 1:
		return fmt.Errorf("sink feed: MaxBytes is %d; it has to be at least 1", c.MaxBytes)
	case c.MaxMemory < 1:
		return fmt.Errorf("sink feed: MaxMemory is %d; it has to be at least 1", c.MaxMemory)
	case c.MaxWait < minWait:
		return fmt.Errorf("sink feed: MaxWait is %s; it has to be at least %s", c.MaxWait, minWait)
	case c.HistoryWait < c.MaxWait:
		return fmt.Errorf("sink feed: HistoryWait is %s; it has to be at least MaxWait, %s", c.HistoryWait, c.MaxWait)
	case c.HistoryLag < 0 || c.HistoryLull < minWait:
		return fmt.Errorf("sink feed: HistoryLag is %s and HistoryLull %s; the first can't be negative, and the other has to be at least %s",
			c.HistoryLag, c.HistoryLull, minWait)
	case c.Prefetch < minPrefetch:
		return fmt.Errorf("sink feed: Prefetch is %d bytes; it has to hold the largest message, %d", c.Prefetch, minPrefetch)
	case c.WriteTimeout < minWait:
		return fmt.Errorf("sink feed: WriteTimeout is %s; it has to be at least %s", c.WriteTimeout, minWait)
	case c.Look < minWait:
		return fmt.Errorf("sink feed: Look is %s; it has to be at least %s", c.Look, minWait)
	case c.FirstRetry < minWait || c.LastRetry < c.FirstRetry:
		return fmt.Errorf("sink feed: FirstRetry is %s and LastRetry %s; the first has to be at least %s and no more than the last",
			c.FirstRetry, c.LastRetry, minWait)
	}

	return nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
