package own

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"ebb/pipeline/shard"
)

// The rule of this file: write, then commit. A cut is committed in this order:
//
//  1. its messages go out, in atomic batches that each end with the partition's
//     marker and are refused if the marker is not the one that this owner saw
//     last: the statistics first, then those of the other streams side by side,
//     in an import together with those of the next cuts, see gather.go;
//  2. then the manifest moves the cursor to the cut, by compare-and-set.
//
// Who joined, see commit_joins.go, comes before both.
//
// A crash between the two repeats the cut: its batches are found to be stored
// by their markers and are not sent again. So the cursor never passes what is
// not durable, and nothing durable is published twice.

// Bounds of an atomic batch. The server takes 1,000 messages with the marker;
// the bytes keep a batch well below what it holds in memory for one.
const (
	batchMessages = 900
	batchBytes    = 4 << 20
)

// sealed is a cut with what the manifest needs beside it.
type sealed struct {
	cut    *shard.Cut // nil where only the state is to be stored
	stored int64      // store time of the cut's last record
	hash   string     // of its bytes
	saving *saving    // the state of the shard right after the cut, nil for most
	first  base       // the first record that the shard ever took
	at     uint64     // without a cut: the last record taken
	readTo uint64     // without a cut: after it the input stream held none of the partition up to here
}

// committer publishes and commits the cuts of one partition, in order. Its
// owner's commit goroutine alone uses it.
type committer struct {
	ports     Ports
	manifest  Manifest
	revision  uint64
	markers   [shard.Streams]Marker // the last that are known to be stored
	retries   *pauses               // of what is stored or claimed: they begin anew once it is
	unsaved   int                   // cuts since the manifest was saved
	savedAt   time.Time             // wall clock; says only when to save, never what
	marked    time.Time             // wall clock; when all markers were last made young
	markerAge time.Duration
	observer  Observer
	newest    uint64  // version of the configuration that a new base begins with
	stored    *saving // a snapshot that is in the store, and that the manifest does not name yet
	idle      idleSpan
	gathered  gathered
	erase     *shard.Erase // of the snapshot that the manifest names; nil where that is not known
}

// Bounds of how far a manifest may lag behind the published cuts. What lies
// between is found by the markers.
const (
	unsavedCuts     = 8
	unsavedDuration = 5 * time.Second
)

// commit makes one cut durable. more says that another cut is waiting, so that
// the manifest may be saved with that one.
func (c *committer) commit(ctx context.Context, s *sealed, more bool) error {
	if err := c.noteBase(ctx, s); err != nil {
		return err
	}
	if err := c.join(ctx, s.cut); err != nil {
		return err
	}
	published, err := c.publishAll(ctx, s.cut)
	if err != nil {
		return err
	}
	if s.cut.Part {
		c.manifest.Cut = s.cut.Number // published, but the cursor stays
		c.observer.Committed(s.cut, published)

		return nil
	}
	if err := c.moveTo(ctx, s, published > 0, more); err != nil {
		return err
	}
	c.observer.Committed(s.cut, published)

	return nil
}

// moveTo moves the cursor to a cut whose messages are stored.
func (c *committer) moveTo(ctx context.Context, s *sealed, published, more bool) error {
	if time.Since(c.marked) >= c.markerAge {
		if err := c.markAgain(ctx, s.cut); err != nil {
			return fmt.Errorf("renew the markers of partition %d: %w", s.cut.Partition, err)
		}
	}
	c.manifest.Cursor = s.cut.Sequence
	c.manifest.CursorClock = s.stored
	c.manifest.CursorHash = s.hash
	c.manifest.Cut = s.cut.Number
	c.manifest.Feed, c.manifest.Leap, c.manifest.Clock = s.cut.Feed, s.cut.Leap, s.cut.Clock
	c.manifest.Config = s.cut.Config
	if s.cut.Loss.Events > 0 { // else a restart would take the last word away
		c.manifest.Loss = s.cut.Loss
	}
	c.manifest.Gone = shard.Gone{Left: s.cut.Counts.Left, RoomMade: s.cut.Counts.RoomMade}
	for stream, marker := range c.markers {
		c.manifest.Markers[stream] = marker.Stored
	}
	c.unsaved++
	if published && (!more || c.unsaved >= unsavedCuts) || time.Since(c.savedAt) > unsavedDuration {
		return c.save(ctx)
	}

	return nil
}

// publishAll stores a cut's messages and says how many there were: the statistics
// first, because an import waits for what the coordinator makes of them; then those
// of the other streams side by side, which have nothing to do with each other.
func (c *committer) publishAll(ctx context.Context, cut *shard.Cut) (int, error) {
	published, err := c.publish(ctx, shard.Statistics, cut)
	if err != nil {
		return 0, err
	}
	var others [shard.Streams]int
	err = sideBySide(func(stream shard.Stream) (err error) {
		if len(cut.Outputs[stream]) > 0 {
			others[stream], err = c.publish(ctx, stream, cut)
		}

		return err
	})
	if err != nil {
		return 0, err
	}
	for _, n := range others {
		published += n
	}

	return published, nil
}

// sideBySide publishes to all streams but that of the statistics.
func sideBySide(publish func(shard.Stream) error) error {
	var group errgroup.Group
	for stream := range shard.Statistics {
		group.Go(func() error { return publish(stream) })
	}

	return group.Wait()
}

// publish stores a cut's messages of one stream and says how many there were.
func (c *committer) publish(ctx context.Context, stream shard.Stream, cut *shard.Cut) (int, error) {
	if skip := c.manifest.Base.Skip[stream]; skip > 0 && cut.Sequence <= skip {
		return 0, nil // published by an owner of before, see Base
	}
	chunks := split(cut.Outputs[stream])
	for i, chunk := range chunks {
		marker := Marker{Cut: cut.Number, Chunk: i + 1, Of: len(chunks), Sequence: cut.Sequence}
		if err := c.store(ctx, stream, piece{marker, chunk}); err != nil {
			return 0, fmt.Errorf("publish cut %d of partition %d to %s: %w", cut.Number, cut.Partition, stream, err)
		}
	}

	return len(cut.Outputs[stream]), nil
}

// markAgain puts the markers of streams without outputs at this cut forward to
// it. A partition may publish to some streams once in months, and retention
// must not remove the marker that the next owner looks for.
func (c *committer) markAgain(ctx context.Context, cut *shard.Cut) error {
	for stream := range shard.Stream(shard.Streams) {
		last := c.markers[stream]
		if last.Cut == 0 || last.Cut >= cut.Number || last.Sequence > cut.Sequence {
			continue
		}
		if err := c.store(ctx, stream, piece{marker: Marker{Cut: cut.Number, Sequence: cut.Sequence}}); err != nil {
			return err
		}
	}
	c.marked = time.Now()

	return nil
}

// store stores pieces in one batch, but for those which the stream's marker says
// are stored: a former owner may have stored some of them.
func (c *committer) store(ctx context.Context, stream shard.Stream, pieces ...piece) error {
	marker := pieces[len(pieces)-1].marker
	for {
		last := c.markers[stream]
		for len(pieces) > 0 {
			done, err := covered(last, pieces[0].marker)
			if err != nil {
				return err
			}
			if !done {
				break
			}
			pieces = pieces[1:]
		}
		if len(pieces) == 0 {
			return nil
		}
		stored, err := c.ports.Outputs.Publish(ctx, stream, c.manifest.Partition, last.Fence, messagesOf(pieces), marker)
		if err == nil {
			marker.Stored, marker.Fence = stored, stored
			c.markers[stream] = marker
			c.retries.Reset()

			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		c.observer.Retried(err)
		if err := c.learnOutcome(ctx, stream, errors.Is(err, ErrFenced)); err != nil {
			return err
		}
	}
}

// learnOutcome reads what the stream holds after a publish that was refused or
// whose answer was lost. Another's marker is no reason to stop as long as the
// manifest is ours: a former owner's last batch holds the same bytes as ours.
// Nor is a stranger's message: the fence moves behind it, and the batch goes out
// again at once, before the next one comes.
func (c *committer) learnOutcome(ctx context.Context, stream shard.Stream, fenced bool) error {
	if fenced {
		if err := c.stillOurs(ctx); err != nil {
			return err
		}
	}
	before := c.markers[stream].Fence
	if !fenced {
		if err := c.retries.wait(ctx); err != nil {
			return err
		}
	}
	err := c.retry(ctx, func() error {
		marker, err := c.ports.Outputs.Marker(ctx, stream, c.manifest.Partition, c.markers[stream].Stored)
		if err != nil {
			return err
		}
		// Without a marker the messages before were removed after they were
		// stored. With an older one they were lost.
		if known := c.markers[stream].Stored; marker.Cut > 0 && marker.Stored < known && stream != shard.Statistics {
			return fmt.Errorf("%w %d: the marker on %s has sequence %d, but %d was stored; "+
				"the stream lost its end; restart ebb, which publishes it again or says why it can't",
				ErrRecovery, c.manifest.Partition, stream, marker.Stored, known)
		}
		c.markers[stream] = marker

		return nil
	})
	if err == nil && fenced && c.markers[stream].Fence == before {
		return c.retries.wait(ctx)
	}

	return err
}

// covered says whether last includes marker. A replay makes the same cuts at
// the same places: any other order of the two, or the same cut with another
// sequence or number of chunks, means that it went another way.
func covered(last, marker Marker) (bool, error) {
	same := last.Cut == marker.Cut && last.Sequence == marker.Sequence && last.Of == marker.Of
	before := last.Cut < marker.Cut && last.Sequence <= marker.Sequence
	after := last.Cut > marker.Cut && last.Sequence >= marker.Sequence
	if !same && !before && !after {
		return false, fmt.Errorf("%w: cut %d was published for sequence %d in %d chunks, and cut %d is now for %d in %d",
			ErrDiverged, last.Cut, last.Sequence, last.Of, marker.Cut, marker.Sequence, marker.Of)
	}

	return last.Cut > marker.Cut || last.Cut == marker.Cut && last.Chunk >= marker.Chunk, nil
}

// save writes the manifest. On an unknown outcome it reads the bucket: the
// nonce there says whose manifest it is.
func (c *committer) save(ctx context.Context) error {
	err := c.retry(ctx, func() error {
		revision, err := c.ports.Manifests.Save(ctx, c.manifest, c.revision)
		if err == nil {
			c.revision = revision

			return nil
		}
		held, revision, loadErr := c.ports.Manifests.Load(ctx, c.manifest.Partition)
		if loadErr != nil {
			return errors.Join(err, loadErr)
		}
		if held.Nonce != c.manifest.Nonce {
			return fmt.Errorf("manifest of partition %d: %w", c.manifest.Partition, ErrFenced)
		}
		c.revision = revision
		if held == c.manifest {
			return nil
		}

		return fmt.Errorf("the manifest is still ours, at another revision: %v", err) //nolint:errorlint // so that the retry does not take it for a fence
	})
	if err != nil {
		return fmt.Errorf("commit cut %d of partition %d: %w", c.manifest.Cut, c.manifest.Partition, err)
	}
	c.unsaved, c.savedAt = 0, time.Now()

	return nil
}

func (c *committer) stillOurs(ctx context.Context) error {
	return c.retry(ctx, func() error {
		held, _, err := c.ports.Manifests.Load(ctx, c.manifest.Partition)
		if err == nil && held.Nonce != c.manifest.Nonce {
			err = ErrFenced
		}

		return err
	})
}

// retry repeats what failed for a passing reason until it works, the context
// ends, or another owner has taken over. Meanwhile the shard waits, the
// pulling stops, and the backlog stays in the stream.
func (c *committer) retry(ctx context.Context, operation func() error) error {
	return newPauses().repeat(ctx, func() error {
		err := operation()
		if errors.Is(err, ErrFenced) || errors.Is(err, ErrRecovery) {
			return forGood(err)
		}

		return err
	}, c.observer.Retried)
}

// split cuts messages into batches. It depends on the messages alone, so that
// a replay makes the same batches.
func split(messages []shard.Message) [][]shard.Message {
	var chunks [][]shard.Message
	for len(messages) > 0 {
		n, bytes := 0, 0
		for n < len(messages) && n < batchMessages && (n == 0 || bytes+len(messages[n].Data) <= batchBytes) {
			bytes += len(messages[n].Data)
			n++
		}
		chunks = append(chunks, messages[:n])
		messages = messages[n:]
	}

	return chunks
}
