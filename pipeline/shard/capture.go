package shard

import (
	"ebb/pipeline/section"
)

// Capture is a shard's whole state at a place of its input. Taking one costs
// the feeding goroutine little: what is small is encoded at once, the timers are
// copied, and what is large is shared until another goroutine has encoded it:
// the customers, see customers/freeze.go, the identities, see
// windows.Ring.Clone, and who has left. So nothing in it may cost more than some
// bytes a customer.
type Capture struct {
	Heads     []section.Head
	bodies    []appender
	customers int
	width     int // of the customers' columns

	Sequence  uint64
	Cuts      uint64
	Partition int
	Erase     Erase // what is to be erased behind it
}

// Capture takes the state as it is. It may be called between any two records,
// and right at a cut.
func (s *Shard) Capture() *Capture { return capture(s, parts()) }

func capture(s *Shard, parts []part) *Capture {
	c := &Capture{customers: int(s.customers.Count), width: s.customers.Width(), Sequence: s.sequence, Cuts: s.cuts, Partition: s.partition, Erase: s.Erase()}
	for i := range parts {
		p := &parts[i]
		c.Heads = append(c.Heads, section.Head{Name: p.name, Version: p.version(), Since: s.lineage.since[p.name], At: s.sequence})
		c.bodies = append(c.bodies, p.write(s))
	}
	for _, kept := range s.lineage.kept {
		c.Heads = append(c.Heads, kept.Head)
		c.bodies = append(c.bodies, func(dst []byte) []byte { return append(dst, kept.Body...) })
	}

	return c
}

// Versions say what can read the snapshot.
func (c *Capture) Versions() section.Versions { return section.VersionsOf(c.Heads) }

// About what a snapshot takes.
const (
	customerBytes = 256
	otherBytes    = 64 << 10
)

// AppendBinary appends the snapshot. It is called once, by any goroutine.
func (c *Capture) AppendBinary(dst []byte) []byte {
	if dst == nil {
		dst = make([]byte, 0, c.customers*(customerBytes+c.width)+otherBytes)
	}
	dst = section.Begin(dst)
	for i, body := range c.bodies {
		dst = section.Append(dst, c.Heads[i], body)
	}

	return section.End(dst, len(c.bodies))
}
