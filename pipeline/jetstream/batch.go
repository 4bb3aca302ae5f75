package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"ebb/pipeline/own"
)

// MaxBatch is the largest atomic batch of the server, the marker included.
const MaxBatch = 1000

// ErrUnknownOutcome says that the answer to a write did not come: a batch is
// stored as a whole or not at all, and only the marker tells which.
var ErrUnknownOutcome = errors.New("no answer came, so it is unknown whether it was stored")

// Headers of an atomic batch, NATS ADR-50.
const (
	headerBatchID       = "Nats-Batch-Id"
	headerBatchSequence = "Nats-Batch-Sequence"
	headerBatchCommit   = "Nats-Batch-Commit"
)

// flowBytes is after how many bytes a batch waits for the server, so that a
// hundred batches at once do not overrun the stream's queue: it drops what is
// beyond 128 MiB. Its other limit, 100,000 messages, is a hundred batches.
const flowBytes = 1 << 20

// batch publishes one atomic batch. The messages go out as they are added and
// the server keeps them apart; commit sends the last one and makes the server
// store all of them, if the last message of the marker's subject is still the
// expected one.
//
// Nothing is stored without a commit, so an error of add is no unknown outcome.
type batch struct {
	js       natsjs.JetStream
	stream   string
	id       string
	sequence int
	first    bool // ask for the first message's answer, which tells why a batch cannot begin

	message nats.Msg // used again for each message
	unheard int      // bytes sent since the server last answered
}

func newBatch(js natsjs.JetStream, stream string, first bool) *batch {
	return &batch{
		js:      js,
		stream:  stream,
		id:      nuid.Next(),
		first:   first,
		message: nats.Msg{Header: nats.Header{}},
	}
}

// add sends one message of the batch.
func (b *batch) add(ctx context.Context, subject string, header map[string]string, data []byte) error {
	b.prepare(subject, data)
	for name, value := range header {
		b.message.Header[name] = []string{value}
	}

	b.unheard += len(data)
	if b.unheard < flowBytes && !(b.first && b.sequence == 1) {
		return b.js.Conn().PublishMsg(&b.message)
	}

	b.unheard = 0
	answer, err := b.js.Conn().RequestMsgWithContext(ctx, &b.message)
	if err != nil {
		return fmt.Errorf("message %d of a batch for stream %s: %w", b.sequence, b.stream, err)
	}
	if len(answer.Data) == 0 {
		return nil
	}
	_, err = b.result(answer.Data)

	return err
}

// commit sends the marker, the last message, and returns its sequence.
func (b *batch) commit(ctx context.Context, subject string, data []byte, last uint64) (uint64, error) {
	b.prepare(subject, data)
	if b.sequence == 1 { // a marker alone needs no batch
		clear(b.message.Header)
	} else {
		b.message.Header[headerBatchCommit] = []string{"1"}
	}
	b.message.Header[natsjs.ExpectedLastSubjSeqHeader] = []string{strconv.FormatUint(last, 10)}

	return b.request(ctx)
}

// alone sends a message that is of no batch, if the last message of the guard's
// subject is the expected one, and returns its sequence.
func (b *batch) alone(ctx context.Context, m *batchMessage, guard string, last uint64) (uint64, error) {
	b.sequence = 1
	b.message.Subject, b.message.Data = m.subject, m.data
	clear(b.message.Header)
	for name, value := range m.header {
		b.message.Header[name] = []string{value}
	}
	b.message.Header[natsjs.ExpectedLastSubjSeqHeader] = []string{strconv.FormatUint(last, 10)}
	if guard != m.subject {
		b.message.Header[natsjs.ExpectedLastSubjSeqSubjHeader] = []string{guard}
	}

	return b.request(ctx)
}

// request sends the prepared message and reads the answer.
func (b *batch) request(ctx context.Context) (uint64, error) {
	answer, err := b.js.Conn().RequestMsgWithContext(ctx, &b.message)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return 0, fmt.Errorf("no stream takes %s; does stream %s exist, with a leader? %w", b.message.Subject, b.stream, err)
	case err != nil:
		return 0, fmt.Errorf("commit to stream %s: %w: %w", b.stream, ErrUnknownOutcome, err)
	}

	return b.result(answer.Data)
}

func (b *batch) prepare(subject string, data []byte) {
	b.sequence++
	b.message.Subject, b.message.Data = subject, data
	clear(b.message.Header)
	b.message.Header[headerBatchID] = []string{b.id}
	b.message.Header[headerBatchSequence] = []string{strconv.Itoa(b.sequence)}
}

// result reads the server's answer to a commit.
func (b *batch) result(data []byte) (uint64, error) {
	var answer struct {
		Error    *natsjs.APIError `json:"error"`
		Stream   string           `json:"stream"`
		Sequence uint64           `json:"seq"`
		Messages int              `json:"count"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return 0, fmt.Errorf("commit to stream %s: %w: the answer is not JSON: %w", b.stream, ErrUnknownOutcome, err)
	}

	switch {
	case answer.Error != nil && wrongLast(answer.Error):
		return 0, fmt.Errorf("stream %s: %w (%w)", b.stream, own.ErrFenced, answer.Error)
	case answer.Error != nil:
		return 0, fmt.Errorf("stream %s refuses the batch, nothing of it is stored: %w", b.stream, answer.Error)
	case answer.Stream != b.stream:
		return 0, fmt.Errorf("stream %q took what was meant for %s; two streams listen to its subjects",
			answer.Stream, b.stream)
	case b.sequence > 1 && answer.Messages != b.sequence:
		return 0, fmt.Errorf("commit to stream %s: %w: the answer is about %d messages, and %d were sent",
			b.stream, ErrUnknownOutcome, answer.Messages, b.sequence)
	case answer.Sequence == 0:
		return 0, fmt.Errorf("commit to stream %s: %w: the answer names no sequence", b.stream, ErrUnknownOutcome)
	}

	return answer.Sequence, nil
}

// wrongLast recognises the refusal of an expected last sequence.
func wrongLast(err *natsjs.APIError) bool {
	return err.ErrorCode == natsjs.JSErrCodeStreamWrongLastSequence || err.ErrorCode == codeLastSequence
}

// incomplete recognises the refusal of a commit whose batch the server no
// longer has, or never began: nothing is stored.
func incomplete(err error) bool {
	var api *natsjs.APIError
	return errors.As(err, &api) && api.ErrorCode == codeBatchIncomplete
}
