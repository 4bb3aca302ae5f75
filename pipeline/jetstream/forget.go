package jetstream

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/own"
)

var _ own.Keyed = (*Input)(nil)

// HashKey is the key of the hashes that stand for who was forgotten. It follows from
// that of the seals in the bucket of manifests: who may read the streams alone can't
// tell whether somebody was forgotten. Where the seals get another key, what was
// forgotten before can be brought back by a replay of the past.
func (i *Input) HashKey(ctx context.Context) ([]byte, error) {
	key, err := i.keys.get(ctx)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key.Key)
	mac.Write([]byte("forget"))

	return mac.Sum(nil), nil
}

// Forget has a customer forgotten, from the record on whose sequence it returns: their
// partition leaves them out at once, and who runs it erases what is stored, and this
// record last.
func (i *Input) Forget(ctx context.Context, customer string) (sequence uint64, err error) {
	if err := event.CheckSomebody(customer); err != nil {
		return 0, err
	}
	partition := event.PartitionOf(customer, i.layout.Partitions)

	return i.tell(ctx, partition, event.ControlForget, fact.ForgetMark{Customer: customer})
}

// tell publishes a control record to a partition, and returns its sequence.
func (i *Input) tell(ctx context.Context, partition int, control event.Control, mark any, options ...natsjs.PublishOpt) (uint64, error) {
	body, err := json.Marshal(mark)
	if err != nil {
		return 0, fmt.Errorf("encode a %s record: %w", control, err)
	}

	return storeControl(ctx, i.keys, i.layout.Stream, i.layout.laneSubject(laneControl, partition), control, body, options...)
}

// Holds says whether the input stream holds a record.
func (i *Input) Holds(ctx context.Context, sequence uint64) (bool, error) {
	_, _, err := i.Record(ctx, sequence)
	if errors.Is(err, own.ErrNoRecord) {
		return false, nil
	}

	return err == nil, err
}
