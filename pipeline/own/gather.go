package own

import (
	"context"
	"fmt"
	"time"

	"ebb/pipeline/shard"
)

// This file gathers cuts. An import asks the coordinator many times a second, and
// at each question every partition has a cut. Only the statistics of these are
// urgent; all others wait for those of the next cuts, and then share a batch, which
// costs the server as much as hundreds of messages, and a save of the manifest.

// Bounds of how long the outputs of an import's cut may wait.
const (
	gatheredCuts = 16
	gatheredFor  = 4 * time.Second
)

// piece is the messages of a cut for one stream, or a chunk of them, with the marker
// that says that they are stored.
type piece struct {
	marker   Marker
	messages []shard.Message
}

// messagesOf are those of all pieces.
func messagesOf(pieces []piece) []shard.Message {
	if len(pieces) == 1 {
		return pieces[0].messages
	}
	var all []shard.Message
	for i := range pieces {
		all = append(all, pieces[i].messages...)
	}

	return all
}

// gathered are cuts whose statistics are stored, and nothing else of them.
type gathered struct {
	cuts   []*sealed
	since  time.Time // wall clock; of the first
	pieces [shard.Streams][]piece
	sizes  [shard.Streams]size
}

type size struct{ messages, bytes int }

func (s size) plus(messages []shard.Message) size {
	s.messages += len(messages)
	for i := range messages {
		s.bytes += len(messages[i].Data)
	}

	return s
}

// fits says whether a batch holds as much.
func (s size) fits() bool { return s.messages <= batchMessages && s.bytes <= batchBytes }

// gathers says whether a cut may wait for others: those that it would wait with
// need room in the same batch.
func (c *committer) gathers(s *sealed) bool {
	if s.cut == nil || !s.cut.Asks || s.cut.Part {
		return false
	}
	for stream, messages := range s.cut.Outputs {
		if s.cut.Sequence <= c.manifest.Base.Skip[stream] || !(size{}).plus(messages).fits() {
			return false
		}
	}

	return true
}

// roomFor says whether those that were gathered have room for a cut.
func (g *gathered) roomFor(cut *shard.Cut) bool {
	for stream, messages := range cut.Outputs {
		if shard.Stream(stream) != shard.Statistics && !g.sizes[stream].plus(messages).fits() {
			return false
		}
	}

	return true
}

// gather stores the statistics of a cut and keeps the rest. full says that no other
// may follow.
func (c *committer) gather(ctx context.Context, s *sealed) (full bool, err error) {
	if err := c.noteBase(ctx, s); err != nil {
		return false, err
	}
	if err := c.join(ctx, s.cut); err != nil {
		return false, err
	}
	if _, err := c.publish(ctx, shard.Statistics, s.cut); err != nil {
		return false, err
	}
	g := &c.gathered
	if len(g.cuts) == 0 {
		g.since = time.Now()
	}
	g.cuts = append(g.cuts, s)
	for stream, messages := range s.cut.Outputs {
		if shard.Stream(stream) != shard.Statistics && len(messages) > 0 {
			marker := Marker{Cut: s.cut.Number, Chunk: 1, Of: 1, Sequence: s.cut.Sequence}
			g.pieces[stream] = append(g.pieces[stream], piece{marker, messages})
			g.sizes[stream] = g.sizes[stream].plus(messages)
		}
	}

	return len(g.cuts) >= gatheredCuts, nil
}

// lingers says for how long those that were gathered may still wait; false where
// there are none.
func (c *committer) lingers() (time.Duration, bool) {
	return gatheredFor - time.Since(c.gathered.since), len(c.gathered.cuts) > 0
}

// commitGathered makes all cuts durable that were gathered, and says which is the
// last; nil where there are none.
func (c *committer) commitGathered(ctx context.Context, more bool) (*shard.Cut, error) {
	g := c.gathered
	if len(g.cuts) == 0 {
		return nil, nil
	}
	c.gathered = gathered{}
	last := g.cuts[len(g.cuts)-1]
	err := sideBySide(func(stream shard.Stream) error {
		if len(g.pieces[stream]) == 0 {
			return nil
		}

		return c.store(ctx, stream, g.pieces[stream]...)
	})
	if err != nil {
		return nil, fmt.Errorf("publish the cuts of partition %d up to %d: %w", last.cut.Partition, last.cut.Number, err)
	}
	c.unsaved += len(g.cuts) - 1
	if err := c.moveTo(ctx, last, true, more); err != nil {
		return nil, err
	}
	for _, s := range g.cuts {
		published := 0
		for _, messages := range s.cut.Outputs {
			published += len(messages)
		}
		c.observer.Committed(s.cut, published)
	}

	return last.cut, nil
}
