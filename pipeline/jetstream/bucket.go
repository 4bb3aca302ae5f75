package jetstream

import (
	"context"
	"fmt"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
)

// adaptBucket changes how the stream of a bucket that is there is kept: its
// replicas as the layout sets them, and what change sets. The rest stays as it
// is on the server.
func adaptBucket(ctx context.Context, js natsjs.JetStream, name string, layout Layout, change func(*natsjs.StreamConfig)) error {
	stream, err := js.Stream(ctx, name)
	if err != nil {
		return err
	}
	have := stream.CachedInfo().Config
	want := have
	want.Replicas = orDefault(layout.Replicas, have.Replicas)
	if change != nil {
		change(&want)
	}
	if want.Replicas == have.Replicas && want.MaxMsgsPerSubject == have.MaxMsgsPerSubject && want.AllowDirect == have.AllowDirect {
		return nil
	}
	if err := updateStream(ctx, js, have, want); err != nil {
		return fmt.Errorf("change its replicas from %d to %d, or how it is read: %w", have.Replicas, want.Replicas, err)
	}

	return nil
}

// electionTime is how long a stream may be without a leader after its replicas
// were changed.
const electionTime = 30 * time.Second

// updateStream changes a stream. One that gets other replicas has no leader for
// a moment, and what is asked of it then is lost: it is waited for.
func updateStream(ctx context.Context, js natsjs.JetStream, have, want natsjs.StreamConfig) error {
	if _, err := js.UpdateStream(ctx, want); err != nil || have.Replicas == want.Replicas {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, electionTime)
	defer cancel()
	for {
		asking, stop := context.WithTimeout(ctx, time.Second)
		stream, err := js.Stream(asking, want.Name)
		stop()
		if err == nil {
			if led := stream.CachedInfo().Cluster; led == nil || led.Leader != "" {
				return nil
			}
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return fmt.Errorf("it has no leader after %s: %w", electionTime, err)
		}
	}
}
