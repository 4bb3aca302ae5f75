package imports

import (
	"context"
	"errors"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/jetstream"
)

// Latest is the latest time that a row may have, Unix ms: the wall clock and
// the skew. An import that is open goes on with the one that it began with, so
// that the same rows are refused.
func Latest(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout, skew time.Duration) (int64, error) {
	last, err := jetstream.LastImport(ctx, js, layout)
	var refused *natsjs.APIError
	if errors.As(err, &refused) && refused.ErrorCode == natsjs.JSErrCodeStreamNotFound {
		err = nil // it is made later
	}
	if err != nil {
		return 0, err
	}
	if last.State == jetstream.ImportOpen && last.LatestMS != 0 {
		return last.LatestMS, nil
	}

	return time.Now().Add(skew).UnixMilli(), nil
}
