package jetstream

import (
	"context"
	"errors"
	"io"
	"syscall"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
)

// Passing says whether an error is one that goes away by itself when servers
// are back: there is no connection, no answer, or no leader. What a server
// refuses it refuses again.
func Passing(err error) bool {
	var api *natsjs.APIError
	if errors.As(err, &api) {
		return api.Code >= 500 && api.ErrorCode != natsjs.JSErrCodeJetStreamNotEnabled &&
			api.ErrorCode != natsjs.JSErrCodeJetStreamNotEnabledForAccount
	}
	for _, passing := range []error{
		context.DeadlineExceeded, ErrUnknownOutcome,
		nats.ErrTimeout, nats.ErrNoServers, nats.ErrNoResponders, nats.ErrDisconnected,
		nats.ErrConnectionReconnecting, nats.ErrReconnectBufExceeded, nats.ErrStaleConnection,
		natsjs.ErrNoStreamResponse,
		io.EOF, syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.EPIPE, // a server that dies while one connects
	} {
		if errors.Is(err, passing) {
			return true
		}
	}

	return false
}
