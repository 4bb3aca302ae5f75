package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
)

// ErrRemoved says that the stream's limits removed records before they were
// read. ErrRewound says that the stream holds less than it once did, as after
// a power loss or when it was made anew.
var (
	ErrRemoved = errors.New("the stream removed records before they were read")
	ErrRewound = errors.New("the stream has been rewound")
)

// The reader's bounds: how many messages and bytes are on their way or wait in
// the channel, and how many messages and about how many bytes one read hands
// over: who reads keeps some of these. Half the messages are asked for again as
// soon as half have come.
const (
	readAhead      = 8192
	readAheadBytes = 16 << 20
	readBatch      = 1024
	readBatchBytes = 1 << 20

	// statusRoom is for heartbeats and notices, which use the same channel.
	statusRoom = 128
)

const (
	pullExpires   = 30 * time.Second
	pullHeartbeat = 2 * time.Second
	pullSilence   = 5 * time.Second // two heartbeats and a little

	// consumerIdle is when the server forgets a consumer that asks no more.
	consumerIdle = 5 * time.Minute

	retryFirst = 100 * time.Millisecond
	retryMost  = 5 * time.Second
)

// delivery is one message with what its reply subject says about it.
type delivery struct {
	message  *nats.Msg
	sequence uint64
	stored   int64  // Unix ms
	pending  uint64 // how many matching messages follow it by now
}

// reader reads a stream in order.
//
// It keeps one ephemeral consumer without acknowledgements and asks it for
// messages ahead of time. The server numbers what a consumer delivers; a number
// left out means a lost message. Then, and when the connection came back, the
// consumer was deleted, or heartbeats stay away, the reader drops the consumer
// and makes a new one that starts after the last message handed over. So it
// repeats nothing and leaves out nothing.
//
// There is no goroutine: whoever calls read does the work. If nobody calls it,
// nothing is asked for and the backlog stays on the server.
type reader struct {
	js     natsjs.JetStream
	stream string

	filters []string // none: all subjects
	next    uint64   // sequence to go on from
	strict  bool     // a hole in front of next is an error
	newest  int64    // store time of the last message read, Unix ns; 0 before the first

	consumer  string
	pullTo    string
	inbox     string
	sub       *nats.Subscription
	messages  chan *nats.Msg
	status    chan nats.Status
	delivered uint64 // the consumer's number of the last message
	asked     int    // messages asked for that have not come
	room      int    // bytes of those
	limit     int    // most bytes asked for
	atStart   uint64 // matching messages when the consumer was made
	retries   backoff.ExponentialBackOff
	heard     atomic.Int64 // when the server last said anything, Unix ms

	front  *front        // what a reader with filters knows of the stream's front; nil: whoever reads looks itself
	looked atomic.Uint64 // up to where the server has looked, by a sign that nothing more is there; 0 before the first

	batch []delivery
	held  int // bytes of the batch
}

// newReader reads from a sequence on; from 0 and 1, from the first message that
// the stream still holds.
func newReader(js natsjs.JetStream, stream string, start uint64, filters ...string) *reader {
	return &reader{
		js:      js,
		stream:  stream,
		filters: filters,
		next:    max(start, 1),
		strict:  start > 1 && len(filters) == 0,
		// Four of the largest messages, so that each request has room for one.
		limit: max(readAheadBytes, 4*int(js.Conn().MaxPayload())),
		batch: make([]delivery, 0, readBatch),
		// Between half and all of a pause, so that many readers don't come back at once.
		retries: backoff.ExponentialBackOff{
			InitialInterval: retryFirst * 3 / 4, MaxInterval: retryMost * 3 / 4, Multiplier: 2, RandomizationFactor: 1. / 3,
		},
	}
}

// read returns the next messages, at least one. The slice is the caller's until
// the next call.
func (r *reader) read(ctx context.Context) ([]delivery, error) {
	r.batch, r.held = r.batch[:0], 0
	for {
		if r.sub == nil {
			if err := r.start(ctx); err != nil {
				return nil, err
			}
		}
		r.ask()

		healthy, err := r.drain(ctx)
		if !healthy {
			r.drop()
		}
		if len(r.batch) > 0 {
			if err := r.checkFront(ctx); err != nil {
				return nil, err
			}
			r.retries.Reset()
			return r.batch, nil // an error comes again: it stands before next
		}
		if err != nil {
			return nil, err
		}
		if !healthy {
			if err := r.pause(ctx); err != nil {
				return nil, err
			}
			continue
		}
		r.ask() // what was taken may have been word that a request is used up
		if err := r.wait(ctx); err != nil {
			return nil, err
		}
		if len(r.batch) == 0 {
			if err := r.settleFront(ctx); err != nil {
				return nil, err
			}
		}
	}
}

// drain takes what has come. It reports false where the consumer is of no more
// use.
func (r *reader) drain(ctx context.Context) (bool, error) {
	for n := len(r.messages); n > 0 && len(r.batch) < readBatch && r.held < readBatchBytes; n-- {
		healthy, err := r.take(ctx, <-r.messages)
		if !healthy || err != nil {
			return false, err
		}
	}

	return true, nil
}

func (r *reader) take(ctx context.Context, message *nats.Msg) (bool, error) {
	if message == nil {
		return false, nil // the subscription was closed
	}
	r.heard.Store(time.Now().UnixMilli())
	if len(message.Data) == 0 && message.Reply == "" {
		return r.notice(message), nil
	}

	reply, ok := parseReply(message.Reply)
	if !ok {
		return false, fmt.Errorf("stream %s: message with the unknown reply subject %q; "+
			"is this server newer than this program?", r.stream, message.Reply)
	}
	if reply.delivered != r.delivered+1 {
		return false, nil
	}
	r.delivered++
	r.asked--
	r.room -= message.Size()

	if reply.sequence != r.next {
		if known, err := r.checkHole(ctx, reply.sequence); !known || err != nil {
			return false, err
		}
	}
	r.next, r.strict, r.newest = reply.sequence+1, len(r.filters) == 0, reply.nanoseconds
	r.held += len(message.Data)
	r.batch = append(r.batch, delivery{message, reply.sequence, reply.nanoseconds / int64(time.Millisecond), reply.pending})

	return true, nil
}

// checkHole tells why a sequence is not the next one. Filters and messages that
// were erased leave harmless holes; those that retention left are losses. It
// reports false where the server could not be asked.
func (r *reader) checkHole(ctx context.Context, sequence uint64) (bool, error) {
	if sequence < r.next {
		return true, fmt.Errorf("%w: stream %s delivers record %d where %d was to follow; "+
			"restore its data, or start again from a snapshot of before", ErrRewound, r.stream, sequence, r.next)
	}
	if !r.strict {
		return true, nil
	}

	state, err := leader{r.js, r.stream}.state(ctx)
	if err != nil {
		return false, ctx.Err()
	}
	if state.First > r.next {
		return true, fmt.Errorf("%w: stream %s holds nothing before record %d, and %d was to follow; "+
			"raise its max_age or max_bytes, and read from record %d on knowing what is lost",
			ErrRemoved, r.stream, state.First, r.next, state.First)
	}

	return true, nil
}

// notice handles a message of the server about the consumer or a request.
func (r *reader) notice(message *nats.Msg) bool {
	switch message.Header.Get("Status") {
	case "100":
		last := message.Header.Get("Nats-Last-Consumer")
		if last != "" && last != strconv.FormatUint(r.delivered, 10) {
			return false
		}
		if last != "" {
			r.look(message.Header.Get("Nats-Last-Stream"))
		}
		return true
	case "404", "408":
		r.finished(message.Header)
		return true
	case "409":
		switch message.Header.Get("Description") {
		case "Batch Completed", "Message Size Exceeds MaxBytes":
			r.finished(message.Header)
			return true
		}
	}

	return false
}

// finished gives back what a request did not use.
func (r *reader) finished(header nats.Header) {
	messages, _ := strconv.Atoi(header.Get("Nats-Pending-Messages"))
	bytes, _ := strconv.Atoi(header.Get("Nats-Pending-Bytes"))
	r.asked -= messages
	r.room -= bytes
}

// ask keeps requests ahead of what has come.
func (r *reader) ask() {
	r.asked, r.room = max(r.asked, 0), max(r.room, 0)
	if r.asked == 0 {
		r.room = 0 // the server counts bytes a little differently
	}
	messages, bytes := readAhead-r.asked, r.limit-r.room
	if r.asked > readAhead/2 || bytes <= 0 {
		return
	}

	request, err := json.Marshal(struct {
		Batch     int           `json:"batch"`
		MaxBytes  int           `json:"max_bytes"`
		Expires   time.Duration `json:"expires"`
		Heartbeat time.Duration `json:"idle_heartbeat"`
	}{messages, bytes, pullExpires, pullHeartbeat})
	if err != nil {
		panic(err) // four numbers
	}
	// A request that cannot be sent shows as silence or as a change of the
	// connection's status, and those are handled in one place.
	if r.js.Conn().PublishRequest(r.pullTo, r.inbox, request) == nil {
		r.asked += messages
		r.room += bytes
	}
}

// wait returns when there is something to take, or when the consumer was
// dropped.
func (r *reader) wait(ctx context.Context) error {
	silence := time.NewTimer(pullSilence)
	defer silence.Stop()

	select {
	case message := <-r.messages:
		healthy, err := r.take(ctx, message)
		if healthy || err != nil {
			return err
		}
		r.drop()
		if len(r.batch) > 0 {
			return nil
		}
		return r.pause(ctx)
	case status := <-r.status:
		if status == nats.CLOSED {
			return fmt.Errorf("read stream %s: %w", r.stream, nats.ErrConnectionClosed)
		}
		if status == nats.CONNECTED {
			r.drop() // requests made over the old connection are gone
		}
		return nil
	case <-silence.C:
		r.drop()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pause waits a little longer each time before the next attempt.
func (r *reader) pause(ctx context.Context) error {
	timer := time.NewTimer(r.retries.NextBackOff())
	defer timer.Stop()

	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readThrough hands over the messages that are there by now, and closes the reader.
func readThrough(ctx context.Context, r *reader, each func(*delivery) error) error {
	defer r.close()
	if err := r.start(ctx); err != nil {
		return err
	}
	for left := int(r.atStart); left > 0; {
		deliveries, err := r.read(ctx)
		if err != nil {
			return err
		}
		for i := range deliveries {
			if err := each(&deliveries[i]); err != nil {
				return err
			}
		}
		if left -= len(deliveries); deliveries[len(deliveries)-1].pending == 0 {
			return nil // the stream's limits removed some of those that were there
		}
	}

	return nil
}
