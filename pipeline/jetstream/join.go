package jetstream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
)

// Join stores who an anonymous customer is in the control lane of their partition. The
// record's id follows from what it says, so the server drops most repetitions.
func (i *Input) Join(ctx context.Context, mark fact.JoinMark) error {
	partition := event.PartitionOf(event.AnonymousPrefix+mark.Anonymous, i.layout.Partitions)
	_, err := i.tell(ctx, partition, event.ControlJoin, mark, natsjs.WithMsgID(joinID(mark)))

	return err
}

// Move stores where somebody was active under an anonymous id in the control lane of the
// partition that is theirs. The record's id follows from the record of the join.
func (i *Input) Move(ctx context.Context, mark fact.MoveMark) error {
	partition := mark.Home
	if mark.Customer != "" {
		partition = event.PartitionOf(mark.Customer, i.layout.Partitions)
	}
	id := fmt.Sprintf("ebb-move-%d-%d", mark.Partition, mark.Sequence)
	_, err := i.tell(ctx, partition, event.ControlMove, mark, natsjs.WithMsgID(id))

	return err
}

// joinID is the first half of a SHA-256 of whom, who and the event's sequence, one a
// line, in hexadecimal.
func joinID(mark fact.JoinMark) string {
	sum := sha256.Sum256([]byte(mark.Anonymous + "\n" + mark.Customer + "\n" + strconv.FormatUint(mark.Sequence, 10)))

	return "ebb-join-" + hex.EncodeToString(sum[:len(sum)/2])
}
