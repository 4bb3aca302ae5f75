package jetstream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/shard"
)

// ErrMadeAnew says that an output stream had been deleted, and is there again,
// empty: the next attempt goes on with what is to be published.
var ErrMadeAnew = errors.New("the stream had been deleted and is made anew; what it held and nobody had read is gone")

// heal makes an output stream anew if that is why a request failed, and else
// returns the error. The owner finds no marker then, and publishes its cut.
func (o *Outputs) heal(ctx context.Context, stream shard.Stream, err error) error {
	if !errors.Is(err, nats.ErrNoResponders) && !streamMissing(err) {
		return err
	}
	name := o.layout.StreamName(stream)
	if _, asked := o.js.Stream(ctx, name); !errors.Is(asked, natsjs.ErrStreamNotFound) {
		return err // it is there, perhaps without a leader for the moment
	}
	if made := provisionStream(ctx, o.js, o.layout.outputStream(stream), o.layout); made != nil {
		return errors.Join(err, made)
	}

	return fmt.Errorf("stream %s: %w (%w)", name, ErrMadeAnew, err)
}

func streamMissing(err error) bool {
	var api *natsjs.APIError
	return errors.As(err, &api) && api.ErrorCode == natsjs.JSErrCodeStreamNotFound
}
