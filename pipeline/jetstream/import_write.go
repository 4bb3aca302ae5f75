package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
)

// attempts is how often write looks again before it gives up. The pauses
// between them add up to a minute, enough for a server to restart.
const attempts = 60

// flight is a batch whose marker was sent, and whose answer is awaited. The
// messages of the next batch go out meanwhile: the server keeps them apart
// until their own marker comes, which names the sequence of this one's.
type flight struct {
	records int
	next    importMarker
	done    chan struct{} // closed when the answer is there
	err     error         // read after done
	stored  uint64        // sequence of the marker; read after done
}

// write takes records, and the state to be stored with the last of them. It
// returns when all are stored or, unless all is set, when no more than the last
// batch is on its way.
func (i *Import) write(ctx context.Context, records []HistoryRecord, state ImportState, all bool) error {
	i.unstored = append(i.unstored, records...)
	i.target = state
	for failures := 0; ; {
		stored := i.marker.stands()
		err := i.advance(ctx, all)
		if err == nil {
			return nil
		}
		if i.marker.stands() > stored {
			failures = 0
		}
		known := i.marker.stands()
		if failures++; failures > attempts || refused(err) {
			return i.giveUp(err)
		}
		if err := i.lookAgain(ctx, err); err != nil {
			return i.giveUp(err)
		}
		i.unstored = passed(i.unstored, i.marker.stands()-known)
	}
}

// passed leaves out the records that hold the first so many, each row one.
func passed(records []HistoryRecord, stored int) []HistoryRecord {
	for len(records) > 0 && stored > 0 {
		stored -= max(records[0].Rows, 1)
		records = records[1:]
	}

	return records
}

// giveUp forgets what is not stored: whoever goes on does so where Status says.
func (i *Import) giveUp(err error) error {
	i.unstored, i.target = nil, i.marker.State

	return fmt.Errorf("import %s after %d rows: %w", i.marker.ID, i.marker.Rows, err)
}

// advance sends batches. After an error nothing is on its way that could still
// be stored but what lookAgain finds or fences.
func (i *Import) advance(ctx context.Context, all bool) error {
	for {
		sent, next := 0, i.marker
		if i.flying != nil {
			sent, next = i.flying.records, i.flying.next
		}
		chunk := batchOf(i.unstored[sent:])
		var staged *batch
		if len(chunk) > 0 || next.State != i.target {
			for n := range chunk {
				next.count(&chunk[n])
			}
			if sent+len(chunk) == len(i.unstored) {
				next.State = i.target
			}
			var err error
			if staged, err = i.stage(ctx, chunk); err != nil {
				return errors.Join(err, i.land())
			}
		}
		if staged != nil || all {
			if err := i.land(); err != nil {
				return err
			}
		}
		if staged == nil {
			return nil
		}
		i.send(ctx, staged, chunk, next)
	}
}

// importBytes is how many bytes of records a batch holds, but for one record that
// is longer: the server keeps it in memory until the marker comes.
const importBytes = 4 << 20

// batchOf is as many of the records as a batch may hold.
func batchOf(records []HistoryRecord) []HistoryRecord {
	bytes := 0
	for n := range records[:min(len(records), MaxBatch-1)] {
		if bytes += len(records[n].Body); n > 0 && bytes > importBytes {
			return records[:n]
		}
	}

	return records[:min(len(records), MaxBatch-1)]
}

// stage sends the messages of a batch but its marker: nothing of it is stored
// yet.
func (i *Import) stage(ctx context.Context, records []HistoryRecord) (*batch, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	key, err := i.keys.get(ctx)
	if err != nil {
		return nil, err
	}
	b := newBatch(i.js, i.layout.Stream, false)
	header := map[string]string{headerImport: key.token(i.marker.firstMarker())}
	for n := range records {
		record := &records[n]
		delete(header, event.HeaderClock)
		delete(header, event.HeaderRows)
		delete(header, event.HeaderControl)
		if record.Rows > 0 {
			header[event.HeaderRows] = strconv.Itoa(record.Rows)
		} else {
			header[event.HeaderClock] = strconv.FormatInt(record.Clock, 10)
		}
		if record.Control != event.ControlNone {
			header[event.HeaderControl] = record.Control.String()
		}
		if err := b.add(ctx, i.layout.laneSubject(laneHistory, record.Partition), header, record.Body); err != nil {
			return nil, err
		}
	}

	return b, nil
}

// send sends the marker of a staged batch, on the condition that the last known
// one is still the last. No other batch may be on its way.
func (i *Import) send(ctx context.Context, b *batch, records []HistoryRecord, marker importMarker) {
	if marker.Opened == 0 && i.marker.stored > marker.Before { // this import has a marker already
		marker.Opened = i.marker.stored
	}
	f := &flight{records: len(records), next: marker, done: make(chan struct{})}
	i.flying = f
	last := i.marker.fence
	f.next.After = last
	go func() { // ends with the answer or its timeout; land and Close wait for it
		defer close(f.done)
		key, err := i.keys.get(ctx)
		if err != nil {
			f.err = err

			return
		}
		body, err := json.Marshal(&f.next)
		if err != nil {
			f.err = err

			return
		}
		body = key.sealBody(i.layout.importSubject(), body)
		// The messages are sent, so the answer comes soon, also to one who stops.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTimeout)
		defer cancel()
		f.stored, f.err = b.commit(ctx, i.layout.importSubject(), body, last)
	}()
}

// land waits for the answer to the batch on its way, if there is one.
func (i *Import) land() error {
	f := i.flying
	if f == nil {
		return nil
	}
	<-f.done
	i.flying = nil
	if f.err != nil {
		return f.err
	}
	i.marker = f.next
	i.marker.stored, i.marker.fence = f.stored, f.stored
	i.unstored = i.unstored[f.records:]
	if len(i.unstored) == 0 {
		i.unstored = nil // gives the memory back
	}

	return nil
}

// refused tells an answer that another attempt would only get again.
func refused(err error) bool {
	if errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrConnectionClosed) {
		return true
	}
	var api *natsjs.APIError
	return errors.As(err, &api) && !wrongLast(api) && !incomplete(err)
}

// lookAgain reads how far the import has come after a failed batch. The marker
// must still be this importer's.
func (i *Import) lookAgain(ctx context.Context, cause error) error {
	for failures := 0; ; failures++ {
		if err := rest(ctx); err != nil {
			return fmt.Errorf("%w (after: %w)", err, cause)
		}
		last, err := lastImport(ctx, i.keys)
		if err != nil {
			if failures < attempts && ctx.Err() == nil {
				continue
			}
			return err
		}
		if last.Writer != i.marker.Writer {
			return fmt.Errorf("another importer has taken it over: %w", own.ErrFenced)
		}
		i.marker = last
		return nil
	}
}

// rest waits a moment for a server that is busy or restarts.
func rest(ctx context.Context) error {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()

	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
