package jetstream

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// The object store's own reading has one deadline for the whole object, takes
// what the server pushes, and is cut off by the server as a slow consumer where
// several large ones come at once. So chunks are asked for here, some at a time,
// by the reader of streams: it goes on where a connection was lost.

const (
	// chunksAhead bounds the bytes that are on their way for one snapshot. Four
	// of them together stay well below the 64 MiB at which a server gives a
	// connection up, and fit through a slow line before it loses patience.
	chunksAhead = 4 << 20

	// getTries bounds how often a snapshot is read that came incomplete.
	getTries = 3
)

var errIncomplete = errors.New("its bytes came incomplete")

// Get returns what Put stored under name. It waits for a server that does not
// answer for as long as the bytes may take. own.ErrNoSnapshot: it is not
// there, or only a part of it. shard.ErrSnapshot: it is damaged.
func (s *Snapshots) Get(ctx context.Context, name string) ([]byte, error) {
	data, err := s.get(ctx, name)
	for try := 1; try < getTries && errors.Is(err, errIncomplete); try++ {
		data, err = s.get(ctx, name)
	}
	if err != nil {
		return nil, fmt.Errorf("read snapshot %s from bucket %s: %w", name, s.name, err)
	}

	return data, nil
}

func (s *Snapshots) get(ctx context.Context, name string) ([]byte, error) {
	info, err := s.info(ctx, name)
	if err != nil {
		return nil, err
	}
	if info.Size == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, transferTime(int(info.Size)))
	defer cancel()
	data, err := s.chunks(ctx, info)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	sum.Write(data)
	if digest := natsjs.GetObjectDigestValue(sum); digest != info.Digest {
		return nil, fmt.Errorf("%w: its digest is %s, not %s", shard.ErrSnapshot, digest, info.Digest)
	}

	return data, nil
}

// info asks the leader what is stored under a name. It tries again while no
// answer comes, as the reader of the chunks does.
func (s *Snapshots) info(ctx context.Context, name string) (*natsjs.ObjectInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, transferLeast)
	defer cancel()
	// The reader is only there for its waiting.
	for waiting := newReader(s.js, s.leader.stream, 0); ; {
		asking, asked := context.WithTimeout(ctx, defaultTimeout)
		info, err := s.store.GetInfo(asking, name)
		asked()
		switch {
		case err == nil:
			return info, nil
		case errors.Is(err, natsjs.ErrObjectNotFound), errors.Is(err, natsjs.ErrBucketNotFound):
			return nil, fmt.Errorf("%w: %w", own.ErrNoSnapshot, err)
		case errors.Is(err, natsjs.ErrBadObjectMeta):
			return nil, fmt.Errorf("%w: %w", shard.ErrSnapshot, err)
		}
		if api := (*natsjs.APIError)(nil); errors.As(err, &api) && api.Code < 500 {
			return nil, err
		}
		if waiting.pause(ctx) != nil {
			return nil, err
		}
	}
}

func (s *Snapshots) chunks(ctx context.Context, info *natsjs.ObjectInfo) ([]byte, error) {
	from := newReader(s.js, s.leader.stream, 0, chunkSubject(s.name, info.NUID))
	from.limit = max(chunksAhead, int(s.js.Conn().MaxPayload()))
	defer from.close()
	if err := from.start(ctx); err != nil {
		return nil, err
	}
	if from.atStart < uint64(info.Chunks) {
		return nil, fmt.Errorf("%w: %d of its %d chunks are there", own.ErrNoSnapshot, from.atStart, info.Chunks)
	}
	data := make([]byte, 0, info.Size)
	for chunks := uint32(0); chunks < info.Chunks; {
		deliveries, err := from.read(ctx)
		if err != nil {
			return nil, err
		}
		for i := range deliveries {
			data = append(data, deliveries[i].message.Data...)
			chunks++
		}
		if chunks < info.Chunks && deliveries[len(deliveries)-1].pending == 0 {
			return nil, fmt.Errorf("%w: %d of %d chunks", errIncomplete, chunks, info.Chunks)
		}
	}

	return data, nil
}
