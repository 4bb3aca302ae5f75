package jetstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
)

// start makes a consumer and subscribes to what it will deliver. It tries again
// until the server answers or ctx ends.
func (r *reader) start(ctx context.Context) error {
	for {
		err := r.tryStart(ctx)
		if err == nil {
			return nil
		}

		r.drop()
		var api *natsjs.APIError
		refused := errors.As(err, &api) && api.Code < 500
		if refused || errors.Is(err, ErrRewound) || errors.Is(err, nats.ErrConnectionClosed) {
			return fmt.Errorf("read stream %s: %w", r.stream, err)
		}
		if r.pause(ctx) != nil {
			return fmt.Errorf("read stream %s: %w (last attempt: %w)", r.stream, ctx.Err(), err)
		}
	}
}

func (r *reader) tryStart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()

	if err := r.checkEnd(ctx); err != nil {
		return err
	}
	consumer, err := r.js.CreateConsumer(ctx, r.stream, r.consumerConfig())
	if err != nil {
		return err
	}
	r.heard.Store(time.Now().UnixMilli())
	info := consumer.CachedInfo()
	r.consumer = info.Name
	r.atStart = info.NumPending
	r.pullTo = apiSubject(r.js, "CONSUMER.MSG.NEXT."+r.stream+"."+r.consumer)

	conn := r.js.Conn()
	if r.status == nil {
		r.status = conn.StatusChanged(nats.CONNECTED, nats.CLOSED)
	}
	r.inbox = conn.NewInbox()
	r.messages = make(chan *nats.Msg, readAhead+statusRoom)
	r.delivered, r.asked, r.room = 0, 0, 0
	if r.front != nil {
		r.front.behind = true
	}
	r.sub, err = conn.ChanSubscribe(r.inbox, r.messages)

	return err
}

// checkEnd finds a stream that ends before the record to go on from, or is
// another by now. The server
// would wait for that sequence to come and pass over all new records before it.
func (r *reader) checkEnd(ctx context.Context) error {
	state, err := leader{r.js, r.stream}.state(ctx)
	if err != nil {
		return err
	}
	if r.next > state.Last+1 {
		return fmt.Errorf("%w: it ends with record %d, and %d was read before; "+
			"restore its data, or start again from a snapshot of before", ErrRewound, state.Last, r.next-1)
	}

	return r.checkLast(ctx)
}

// checkLast makes sure that the last message read is still the one that the
// stream holds: one that lost its end may have grown beyond it since.
func (r *reader) checkLast(ctx context.Context) error {
	if r.newest == 0 {
		return nil
	}
	last, err := leader{r.js, r.stream}.at(ctx, r.next-1)
	if errors.Is(err, errNotFound) {
		return nil // erased, or removed by the stream's limits
	}
	if err != nil {
		return err
	}
	if last.Time.UnixNano() != r.newest {
		return fmt.Errorf("%w: its record %d is not the one that was read before; "+
			"restore its data, or start again from a snapshot of before", ErrRewound, r.next-1)
	}

	return nil
}

func (r *reader) consumerConfig() natsjs.ConsumerConfig {
	return natsjs.ConsumerConfig{
		DeliverPolicy:     natsjs.DeliverByStartSequencePolicy,
		OptStartSeq:       r.next,
		AckPolicy:         natsjs.AckNonePolicy,
		InactiveThreshold: consumerIdle,
		Replicas:          1,
		MemoryStorage:     true,
		FilterSubjects:    r.filters,
	}
}

// drop gives the consumer up. What has come and was not handed over comes again
// from the next one.
func (r *reader) drop() {
	if r.sub != nil {
		// It fails only where the connection is closed, and then there is
		// nothing to unsubscribe from.
		_ = r.sub.Unsubscribe()
		r.sub = nil
	}
	if r.consumer != "" {
		// The server deletes idle consumers itself; this only spares it the
		// wait. Nobody reads the answer.
		conn := r.js.Conn()
		_ = conn.PublishRequest(apiSubject(r.js, "CONSUMER.DELETE."+r.stream+"."+r.consumer), conn.NewInbox(), nil)
		r.consumer = ""
	}
}

// close ends the reading. It may be called more than once.
func (r *reader) close() {
	r.drop()
	if r.status != nil {
		r.js.Conn().RemoveStatusListener(r.status)
		r.status = nil
	}
}
