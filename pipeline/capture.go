package pipeline

import (
	"encoding/binary"
	"slices"

	"ebb/pipeline/churn"
	"ebb/windows"

	"github.com/zeebo/xxh3"
)

// capture is a shard's whole state at a place of its input. Taking one costs
// the feeding goroutine little: what is small is encoded at once, the timers are
// copied, and what is large is shared until another goroutine has encoded it:
// the customers, see customers_freeze.go, the identities, see
// windows.Ring.Clone, and who has left. So nothing in it may cost more than some
// bytes a customer.
type capture struct {
	before    [][]byte // sections in front of the customers
	customers *frozen
	timers    *churn.Timers
	middle    [][]byte // sections behind them
	departed  [2][]uint64
	windows   []byte
	ring      *windows.Ring
	former    []byte // section of what is told by the other way
	pending   []byte // the last section

	sequence  uint64
	cuts      uint64
	partition int
}

// capture takes the state as it is. It may be called between any two records,
// and right at a cut.
func (s *Shard) capture() *capture {
	encode := func(write func([]byte) []byte) []byte { return section(nil, write) }

	return &capture{
		before:    [][]byte{encode(s.appendConfig), encode(s.appendFigures), encode(s.appendStored), encode(s.appendKeys)},
		customers: s.customers.freeze(),
		timers:    s.timers.Clone(),
		middle: [][]byte{
			encode(s.sampler.AppendBinary),
			encode(s.feed.AppendBinary),
			encode(s.held.appendBinary),
			encode(s.appendAlerts),
			encode(s.expired.appendBinary),
			encode(s.losses.appendBinary),
		},
		departed:  s.departed.orders(),
		windows:   encode(func(dst []byte) []byte { return must(s.windows.AppendBinary(dst)) }),
		ring:      s.ring.Clone(),
		former:    encode(s.appendFormer),
		pending:   encode(s.out.appendPending),
		sequence:  s.sequence,
		cuts:      s.cuts,
		partition: s.partition,
	}
}

// customerBytes is about what a customer takes in a snapshot.
const customerBytes = 256

// appendBinary appends the snapshot. It is called once, by any goroutine.
//
// Layout: magic, sections that each begin with their length, and the XXH3
// checksum of all before it.
func (c *capture) appendBinary(dst []byte) []byte {
	size := len(snapshotMagic) + int(c.customers.count)*customerBytes + len(c.windows) + len(c.pending) + 16
	for _, part := range slices.Concat(c.before, c.middle) {
		size += len(part)
	}
	dst = slices.Grow(dst, size)
	start := len(dst)
	dst = append(dst, snapshotMagic...)
	for _, part := range c.before {
		dst = append(dst, part...)
	}
	dst = section(dst, c.customers.appendBinary)
	dst = section(dst, c.timers.AppendBinary)
	for _, part := range c.middle {
		dst = append(dst, part...)
	}
	dst = section(dst, func(dst []byte) []byte { return appendOrders(dst, c.departed) })
	dst = append(dst, c.windows...)
	dst = section(dst, func(dst []byte) []byte { return must(c.ring.AppendBinary(dst)) })
	dst = append(append(dst, c.former...), c.pending...)

	return binary.LittleEndian.AppendUint64(dst, xxh3.Hash(dst[start:]))
}

func (f *frozen) appendBinary(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(f.count))
	f.each(func(id []byte, who *customer) {
		dst = append(binary.AppendUvarint(dst, uint64(len(id))), id...)
		if len(id) == 0 {
			return // nobody has the index
		}
		dst = who.churn.AppendBinary(dst)
		for i := range who.activity {
			dst = must(who.activity[i].AppendBinary(dst))
		}
	})

	return dst
}
