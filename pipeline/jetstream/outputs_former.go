package jetstream

import (
	"context"
	"encoding/json"
	"errors"

	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// Earlier versions kept a partition's marker among the outputs, where everybody who
// subscribed to these got it too. Its first successor goes to a subject of its own.

// movedMarker closes a former subject: an instance of an earlier version that still
// believes to be the owner is fenced by it.
type movedMarker struct {
	Moved string `json:"moved"` // to this subject
}

// searchFormer looks for the marker on its former subject, where the subject of its own
// has none. The fence stays that of the subject of its own.
func (o *Outputs) searchFormer(ctx context.Context, key *sealKey, name string, found latest, subject string, known uint64) (latest, own.Marker, error) {
	before, marker, err := o.searchMarker(ctx, key, name, subject, known)
	if err != nil {
		return latest{}, own.Marker{}, err
	}

	return latest{stored: before.stored, fence: found.fence}, marker, nil
}

// closeFormer lets no marker follow on the former subject, before the first one goes to
// the subject of its own. ErrFenced: one came in between.
func (o *Outputs) closeFormer(ctx context.Context, key *sealKey, stream shard.Stream, partition int) error {
	name, subject := o.layout.StreamName(stream), o.layout.formerMarkerSubject(stream, partition)
	newest, err := leader{o.js, name}.last(ctx, subject)
	if errors.Is(err, errNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var moved movedMarker
	if json.Unmarshal(newest.Data, &moved) == nil && moved.Moved != "" && key.sealed(subject, newest.Data) {
		return nil
	}
	body, err := json.Marshal(movedMarker{o.layout.MarkerSubject(stream, partition)})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	_, err = newBatch(o.js, name, false).alone(ctx, &batchMessage{subject: subject, data: key.sealBody(subject, body)}, subject, newest.Sequence)

	return err
}
