package pipeline

import (
	"ebb/pipeline/section"
)

// capture is a shard's whole state at a place of its input. Taking one costs
// the feeding goroutine little: what is small is encoded at once, the timers are
// copied, and what is large is shared until another goroutine has encoded it:
// the customers, see customers_freeze.go, the identities, see
// windows.Ring.Clone, and who has left. So nothing in it may cost more than some
// bytes a customer.
type capture struct {
	heads     []section.Head
	bodies    []appender
	customers int

	sequence  uint64
	cuts      uint64
	partition int
}

// capture takes the state as it is. It may be called between any two records,
// and right at a cut.
func (s *Shard) capture() *capture { return s.captureParts(parts()) }

func (s *Shard) captureParts(parts []part) *capture {
	c := &capture{customers: int(s.customers.count), sequence: s.sequence, cuts: s.cuts, partition: s.partition}
	for i := range parts {
		p := &parts[i]
		c.heads = append(c.heads, section.Head{Name: p.name, Version: p.version(), Since: s.lineage.since[p.name], At: s.sequence})
		c.bodies = append(c.bodies, p.write(s))
	}
	for _, kept := range s.lineage.kept {
		c.heads = append(c.heads, kept.Head)
		c.bodies = append(c.bodies, func(dst []byte) []byte { return append(dst, kept.Body...) })
	}

	return c
}

// versions say what can read the snapshot.
func (c *capture) versions() section.Versions { return section.VersionsOf(c.heads) }

// About what a snapshot takes.
const (
	customerBytes = 256
	otherBytes    = 64 << 10
)

// appendBinary appends the snapshot. It is called once, by any goroutine.
func (c *capture) appendBinary(dst []byte) []byte {
	if dst == nil {
		dst = make([]byte, 0, c.customers*customerBytes+otherBytes)
	}
	dst = section.Begin(dst)
	for i, body := range c.bodies {
		dst = section.Append(dst, c.heads[i], body)
	}

	return section.End(dst, len(c.bodies))
}
