package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
)

// snapshotPrefix begins the names of ebb's own objects.
const snapshotPrefix = "p."

// uploadTime is after how long chunks without an object are taken for the rest
// of an upload that was broken off, and not for one that goes on.
const uploadTime = time.Hour

// Sweep removes snapshots whose names are not to be kept, and the chunks of those
// that were never complete. Objects of other names are left alone.
func (s *Snapshots) Sweep(ctx context.Context, which func(ctx context.Context) (keep func(name string) bool, err error)) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, transferLeast)
	defer cancel()
	chunks, err := s.chunkSubjects(ctx)
	if err != nil {
		return 0, fmt.Errorf("list the chunks in bucket %s: %w", s.name, err)
	}
	objects, err := s.store.List(ctx, natsjs.ListObjectsShowDeleted())
	if err != nil && !errors.Is(err, natsjs.ErrNoObjectsFound) {
		return 0, fmt.Errorf("list bucket %s: %w", s.name, err)
	}
	keep, err := which(ctx)
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, object := range objects {
		delete(chunks, chunkSubject(s.name, object.NUID))
		if !strings.HasPrefix(object.Name, snapshotPrefix) || keep(object.Name) {
			continue
		}
		if object.Deleted {
			err = s.forget(ctx, object.Name)
		} else {
			err = s.Delete(ctx, object.Name)
			removed++
		}
		if err != nil {
			return removed, err
		}
	}
	for subject := range chunks {
		swept, err := s.sweepChunks(ctx, subject)
		if err != nil {
			return removed, fmt.Errorf("remove the chunks %s: %w", subject, err)
		}
		if swept {
			removed++
		}
	}

	return removed, nil
}

// chunkSubjects are those of all chunks, complete or not.
func (s *Snapshots) chunkSubjects(ctx context.Context) (map[string]bool, error) {
	stream, err := s.js.Stream(ctx, s.leader.stream)
	if err != nil {
		return nil, err
	}
	info, err := stream.Info(ctx, natsjs.WithSubjectFilter(chunkSubject(s.name, ">")))
	if err != nil {
		return nil, err
	}
	subjects := make(map[string]bool, len(info.State.Subjects))
	for subject := range info.State.Subjects {
		subjects[subject] = true
	}

	return subjects, nil
}

func (s *Snapshots) sweepChunks(ctx context.Context, subject string) (bool, error) {
	last, err := s.leader.last(ctx, subject)
	if errors.Is(err, errNotFound) {
		return false, nil
	}
	if err != nil || time.Since(last.Time) < uploadTime {
		return false, err
	}
	stream, err := s.js.Stream(ctx, s.leader.stream)
	if err != nil {
		return false, err
	}

	return true, stream.Purge(ctx, natsjs.WithPurgeSubject(subject))
}
