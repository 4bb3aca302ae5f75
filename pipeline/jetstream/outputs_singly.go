package jetstream

import "context"

// publishSingly stores a publication without a batch: each message, and the marker
// behind them, is guarded by the last marker as the batch would be. That spares the
// server a batch, which is most of the time that an import waits for an answer.
//
// A crash in between leaves messages without their marker, so they are stored once
// more: that is for what may come twice, as the reports to the coordinator do. A
// report that is known changes nothing, and no former owner can store one behind
// the marker of the next.
func (g *group) publishSingly(p *publication) (uint64, error) {
	ctx, cancel := context.WithTimeout(p.ctx, publishTimeout)
	defer cancel()
	b := newBatch(g.js, g.stream, false)
	for i := range p.messages {
		if _, err := b.alone(ctx, &p.messages[i], p.marker.subject, p.last); err != nil {
			return 0, err
		}
	}

	return b.alone(ctx, &p.marker, p.marker.subject, p.last)
}
