package deliver

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"time"

	"github.com/zeebo/xxh3"

	"ebb/sinks"
)

// batch is messages in stream order without a hole that isn't one of the
// stream, and their rows.
type batch struct {
	messages   []*message
	rows       *sinks.Batch
	unreadable []refusal
	bytes      int
	weigher    sinks.Weigher
	memory     int // bytes of the rows, about
	hash       *xxh3.Hasher
}

// refusal is a message that can't be written, and why.
type refusal struct {
	message *message
	err     error
}

func newBatch() *batch {
	return &batch{rows: &sinks.Batch{}, hash: xxh3.New()}
}

func (b *batch) add(kind Stream, m *message) {
	b.messages = append(b.messages, m)
	b.bytes += len(m.Data)
	if sinks.Marker(m.Subject) {
		return
	}
	err := decode(kind, b.rows, m)
	b.memory = b.weigher.Weigh(b.rows)
	if err != nil {
		b.unreadable = append(b.unreadable, refusal{m, err})

		return
	}

	// The token has to change with the content, not only with the sequences:
	// a stream that was deleted and made again counts from 1 again.
	var sequence [8]byte
	binary.LittleEndian.PutUint64(sequence[:], m.Sequence)
	_, _ = b.hash.Write(sequence[:])
	_, _ = b.hash.WriteString(m.Subject)
	_, _ = b.hash.Write(m.Data)
}

// historyAge is how old rows are that nobody waits for.
const historyAge = time.Hour

// history says whether the last rollup added is of long ago, as in an import.
func (b *batch) history(now time.Time) bool {
	clock := b.rows.Clock()

	return clock > 0 && clock < now.Add(-historyAge).UnixMilli()
}

// token names the content of the batch, and when reading was last put back:
// who rewinds wants rows again that the sink has stored, and lost since.
func (b *batch) token(rewound int64) string {
	sum := b.hash.Sum128()

	return fmt.Sprintf("%d-%d-%d-%016x%016x", rewound, b.messages[0].Sequence, b.messages[len(b.messages)-1].Sequence, sum.Hi, sum.Lo)
}

// spareRows is from how many rollups on the memory of a batch is worth keeping: in a
// backlog, where the next is as large, and not when it is over. That of series, which
// are lists of any length, is not used again.
const spareRows = 50_000

// full says whether the batch has to be written before more is added.
func (b *batch) full(c *Config) bool {
	return b.rows.Rows() >= c.MaxRows || b.bytes >= c.MaxBytes || b.memory >= c.MaxMemory
}

// leave gives the memory of a batch that is written to the next one.
func (b *batch) leave(spares chan<- sinks.Spare) {
	rollups := 0
	for _, size := range b.rows.RollupSizes() {
		rollups += size
	}
	if rollups < spareRows {
		return
	}
	select {
	case spares <- b.rows.Spare():
	default:
	}
}

// span is the batch in a log line.
func (b *batch) span() slog.Attr {
	return slog.Group("batch",
		"first", b.messages[0].Sequence, "last", b.messages[len(b.messages)-1].Sequence, "rows", b.rows.Rows())
}
