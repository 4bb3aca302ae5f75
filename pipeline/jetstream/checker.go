package jetstream

import (
	"ebb/pipeline/event"
)

// checker tells ebb's own control and history records from a stranger's. Of
// history every record of an import carries the same token, so nearly all are
// known by comparing it with the one before.
type checker struct {
	key       *sealKey
	stream    string
	strangers *strangers
	token     string // the last one that was right
}

func (c *checker) own(lane event.Lane, d *delivery) bool {
	if c.key.before(c.stream, d.sequence) || c.carries(lane, d) {
		return true
	}
	c.strangers.met(Stranger{Subject: d.message.Subject, Sequence: d.sequence})

	return false
}

func (c *checker) carries(lane event.Lane, d *delivery) bool {
	header := d.message.Header
	if lane == event.LaneControl {
		control := header.Get(event.HeaderControl)
		return c.key.holds(header.Get(headerSeal), d.message.Subject, []byte(control), d.message.Data)
	}
	token := header.Get(headerImport)
	if token != "" && token == c.token {
		return true
	}
	if _, ok := c.key.opened(token); !ok {
		return false
	}
	c.token = token

	return true
}
