package deliver

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/zeebo/xxh3"

	"ebb/sinks"
)

// Letter is a dead letter of the reason RefusedReason.
type Letter struct {
	Sequence uint64 // in the stream of dead letters
	Subject  string // on which it lies
	Header   nats.Header
	Data     []byte // the message that a sink refused
}

// Resend writes the rows of messages again that were set aside, many at a time.
// Rows that are there already are written again as they are, so sending one
// twice does no harm. No dead letter is taken away: a message that is refused
// again, for another reason, has a further one, which says the new reason.
//
//	Add    takes a dead letter, and writes when many rows wait
//	Flush  writes what waits
//
// Its methods must not be called side by side.
type Resend struct {
	js     jetstream.JetStream
	sink   sinks.Sink // nil only counts
	cfg    Config
	run    int64 // names this sending, so that no row counts as just written
	writes int

	waiting [streams]resending
	result  Resent
}

// resending are messages of one stream.
type resending struct {
	messages []*message
	letters  map[*message]Letter
	rows     int
	bytes    int
	memory   int
}

// Resent says what became of the messages.
type Resent struct {
	Rows    int // that the sink took
	Written int // messages of which it took every row
	Refused []RefusedAgain
}

// RefusedAgain is a message that can't be written, at least not all of it.
type RefusedAgain struct {
	Sequence uint64 // of its dead letter
	Err      error
}

// NewResend returns a sending; run tells it from others, such as the time. A
// sink of nil only counts what there is to write.
func NewResend(js jetstream.JetStream, sink sinks.Sink, cfg Config, run int64) (*Resend, error) {
	cfg.setDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}

	return &Resend{js: js, sink: sink, cfg: cfg, run: run}, nil
}

// Result is what has been written so far.
func (r *Resend) Result() Resent { return r.result }

// Add takes a dead letter. An error ends the sending: the outcome of what waits
// is unknown, and sending all of it again is right.
func (r *Resend) Add(ctx context.Context, letter Letter) error {
	subject := letter.Header.Get(sinks.HeaderSubject)
	kind, known := r.streamOf(subject)
	if !known {
		return r.refuse(ctx, letter, fmt.Errorf("its subject %q is of no stream of rows", subject))
	}
	m := &message{Message: sinks.Message{Subject: subject, Sequence: letter.Sequence, Data: letter.Data}}
	rows := &sinks.Batch{}
	if err := decode(kind, rows, m); err != nil {
		return r.refuse(ctx, letter, err)
	}

	w := &r.waiting[kind]
	if w.letters == nil {
		w.letters = make(map[*message]Letter)
	}
	w.messages, w.letters[m] = append(w.messages, m), letter
	w.rows += rows.Rows()
	w.bytes += len(letter.Data)
	w.memory += new(sinks.Weigher).Weigh(rows)
	if w.rows < r.cfg.MaxRows && w.bytes < r.cfg.MaxBytes && w.memory < r.cfg.MaxMemory {
		return nil
	}

	return r.flush(ctx, kind)
}

// streamOf is the stream that the messages of a subject are of.
func (r *Resend) streamOf(subject string) (Stream, bool) {
	for _, s := range []Stream{Rollups, Signals} {
		if strings.HasPrefix(subject, r.cfg.Prefix+"."+strings.ToLower(s.String())+".") {
			return s, true
		}
	}

	return 0, false
}

// Flush writes what waits.
func (r *Resend) Flush(ctx context.Context) error {
	for _, s := range Streams() {
		if err := r.flush(ctx, s); err != nil {
			return err
		}
	}

	return nil
}

func (r *Resend) flush(ctx context.Context, kind Stream) error {
	w := r.waiting[kind]
	r.waiting[kind] = resending{}
	refused := len(r.result.Refused)
	s := separator{kind, r.write, func(ctx context.Context, m *message, cause error) error {
		return r.refuse(ctx, w.letters[m], cause)
	}}
	if err := s.separate(ctx, w.messages); err != nil {
		return err
	}
	r.result.Written += len(w.messages) - (len(r.result.Refused) - refused)

	return nil
}

// write tries once: the one who sends is there to try again.
func (r *Resend) write(ctx context.Context, rows *sinks.Batch, _ uint64) error {
	err := rows.Check()
	if err == nil && r.sink != nil && rows.Rows() > 0 {
		limited, cancel := context.WithTimeout(ctx, r.cfg.WriteTimeout)
		defer cancel()
		r.writes++
		rows.Token = fmt.Sprintf("resend-%d-%d", r.run, r.writes)
		err = r.sink.Write(limited, rows)
	}
	if err == nil {
		r.result.Rows += rows.Rows()
	}

	return err
}

// refuse notes a message that can't be written. If the reason is a new one, the
// message has a dead letter that says it: the newest version of the same.
func (r *Resend) refuse(ctx context.Context, letter Letter, cause error) error {
	r.result.Refused = append(r.result.Refused, RefusedAgain{letter.Sequence, cause})
	text := headerText(cause.Error())
	if r.sink == nil || text == letter.Header.Get(sinks.HeaderError) {
		return nil
	}
	out := nats.NewMsg(letter.Subject)
	out.Data = letter.Data
	for name, values := range letter.Header {
		if strings.HasPrefix(name, "Ebb-") {
			out.Header[name] = values
		}
	}
	out.Header.Set(sinks.HeaderError, text)
	id := fmt.Sprintf("%s.again.%d.%016x", RefusedReason, letter.Sequence, xxh3.HashString(text))
	if _, err := r.js.PublishMsg(ctx, out, jetstream.WithMsgID(id)); err != nil {
		return errors.Join(fmt.Errorf("dead letter %d is refused again, and its new reason could not be published: %w",
			letter.Sequence, err), cause)
	}

	return nil
}

// Key tells dead letters of the same message from others: of several, the newest
// says why it was refused last.
func (l Letter) Key() string {
	sequence := l.Header.Get(sinks.HeaderSequence)
	sum := xxh3.Hash128(l.Data)

	return l.Header.Get(sinks.HeaderSubject) + " " + sequence + " " + strconv.FormatUint(sum.Hi, 36) + strconv.FormatUint(sum.Lo, 36)
}
