package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
)

// Error codes of the JetStream API which nats.go does not name.
const (
	codeSubjectsOverlap = natsjs.ErrorCode(10065)
	codeBatchIncomplete = natsjs.ErrorCode(10176)
	codeLastSequence    = natsjs.ErrorCode(10164) // a constant expected last sequence per subject
)

// defaultTimeout bounds a request whose context has no deadline.
const defaultTimeout = 5 * time.Second

// errNotFound says that a stream holds no such message.
var errNotFound = errors.New("no such message")

// stored is a message as its stream's leader holds it.
type stored struct {
	Subject  string    `json:"subject"`
	Sequence uint64    `json:"seq"`
	Header   []byte    `json:"hdrs"`
	Data     []byte    `json:"data"`
	Time     time.Time `json:"time"`
}

// leader reads messages of one stream from the stream's leader. The reads of
// nats.go ask any replica where the stream allows direct reads, and a replica
// may be behind: good for a cache, wrong for a fence.
type leader struct {
	js     natsjs.JetStream
	stream string
}

// last is the newest message of a subject; errNotFound where there is none.
func (l leader) last(ctx context.Context, subject string) (stored, error) {
	return l.get(ctx, struct {
		LastFor string `json:"last_by_subj"`
	}{subject})
}

// at is the message with a sequence; errNotFound where there is none.
func (l leader) at(ctx context.Context, sequence uint64) (stored, error) {
	return l.get(ctx, struct {
		Sequence uint64 `json:"seq"`
	}{sequence})
}

// next is the first message of a subject from a sequence on; errNotFound where
// there is none.
func (l leader) next(ctx context.Context, subject string, sequence uint64) (stored, error) {
	return l.get(ctx, struct {
		Sequence uint64 `json:"seq"`
		NextFor  string `json:"next_by_subj"`
	}{max(sequence, 1), subject})
}

func (l leader) get(ctx context.Context, request any) (stored, error) {
	var answer struct {
		Error   *natsjs.APIError `json:"error"`
		Message *stored          `json:"message"`
	}
	if err := call(ctx, l.js, "STREAM.MSG.GET."+l.stream, request, &answer); err != nil {
		return stored{}, fmt.Errorf("read from the leader of stream %s: %w", l.stream, err)
	}

	switch {
	case answer.Error != nil && answer.Error.ErrorCode == natsjs.JSErrCodeMessageNotFound:
		return stored{}, errNotFound
	case answer.Error != nil:
		return stored{}, fmt.Errorf("read from the leader of stream %s: %w", l.stream, answer.Error)
	case answer.Message == nil:
		return stored{}, fmt.Errorf("read from the leader of stream %s: it answered without a message", l.stream)
	}

	return *answer.Message, nil
}

// state is what a stream's leader says about its sequences.
type state struct {
	First uint64 `json:"first_seq"`
	Last  uint64 `json:"last_seq"`
}

func (l leader) state(ctx context.Context) (state, error) {
	var answer struct {
		Error *natsjs.APIError `json:"error"`
		State state            `json:"state"`
	}
	if err := call(ctx, l.js, "STREAM.INFO."+l.stream, nil, &answer); err != nil {
		return state{}, fmt.Errorf("ask the leader of stream %s for its state: %w", l.stream, err)
	}
	if answer.Error != nil {
		return state{}, fmt.Errorf("ask the leader of stream %s for its state: %w", l.stream, answer.Error)
	}

	return answer.State, nil
}

// call makes a request of the JetStream API.
func call(ctx context.Context, js natsjs.JetStream, subject string, request, answer any) error {
	var body []byte
	if request != nil {
		var err error
		if body, err = json.Marshal(request); err != nil {
			return err
		}
	}

	ctx, cancel := bounded(ctx)
	defer cancel()
	message, err := js.Conn().RequestWithContext(ctx, apiSubject(js, subject), body)
	if err != nil {
		return err
	}

	return json.Unmarshal(message.Data, answer)
}

// apiSubject puts the API prefix of the connection's domain before a subject.
func apiSubject(js natsjs.JetStream, subject string) string {
	options := js.Options()
	switch {
	case options.APIPrefix != "":
		return options.APIPrefix + "." + subject
	case options.Domain != "":
		return "$JS." + options.Domain + ".API." + subject
	}

	return "$JS.API." + subject
}

// bounded gives a context without a deadline the default one: a request must
// not wait for ever for a server that is gone.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}

	return context.WithTimeout(ctx, defaultTimeout)
}

// deleted reports whether the message stands for a key of a bucket that was
// deleted.
func (s stored) deleted() bool {
	header, err := s.header()
	return err == nil && header.Get("KV-Operation") != ""
}

// header decodes the headers of a stored message.
func (s stored) header() (nats.Header, error) {
	if len(s.Header) == 0 {
		return nil, nil
	}

	return nats.DecodeHeadersMsg(s.Header)
}
