package collect

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/format/segment"
	"ebb/pipeline/jetstream"
)

// name is what the collector is called in dead letters.
const name = "collect"

// errBusy says that events could not be stored now: who sent them tries again.
var errBusy = errors.New("the stream does not take events now")

// one is an event to be stored.
type one struct {
	token string // of its customer, or of what could not be read
	id    string
	body  []byte
}

// store publishes events side by side and returns when all of them are stored. After an
// error some may be: the same ones, sent again, are known by their ids, here for as long
// as the stream tells duplicates, and by the shards as long as they are in time.
func (c *Collector) store(ctx context.Context, events []one) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	acks := make([]natsjs.PubAckFuture, 0, len(events))
	for i := range events {
		e := &events[i]
		ack, err := c.js.PublishMsgAsync(&nats.Msg{
			Subject: c.layout.Prefix + ".events." + e.token,
			Header:  nats.Header{nats.MsgIdHdr: {messageID(e)}},
			Data:    e.body,
		}, natsjs.WithExpectStream(c.layout.Stream), natsjs.WithStallWait(c.config.Timeout))
		if err != nil {
			return fmt.Errorf("%w: %w", errBusy, err)
		}
		acks = append(acks, ack)
	}
	for _, ack := range acks {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			return fmt.Errorf("%w: %w", errBusy, err)
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", errBusy, context.Cause(ctx))
		}
	}

	return nil
}

// messageID is the same for an event that is sent again. Ids of different customers are
// told apart.
func messageID(e *one) string {
	sum := sha256.Sum256([]byte(e.token + " " + e.id))

	return name + "-" + base64.RawURLEncoding.EncodeToString(sum[:18])
}

// refused is what stands for a call of a batch that could not be read.
func refused(id string, item int, why *event.Refusal, raw []byte) one {
	at := event.RefusedAt{Source: name, Stream: "/v1/batch", Item: item, Format: segment.Name}

	return one{token: jetstream.RefusedToken(name), id: id, body: event.AppendRefused(nil, id, at, why, raw)}
}

// behind says whether the connection to the stream is away.
func (c *Collector) behind() bool { return !c.js.Conn().IsConnected() }

// defaultTimeout is how long a call waits for its events to be stored.
const defaultTimeout = 5 * time.Second
