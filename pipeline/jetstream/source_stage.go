package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/own"
)

// Stage keeps what sources have of the past until it is imported as one history: the
// streams that it comes from may lose it meanwhile, several sources are merged by
// time, and an import that was interrupted goes on with the very same rows, on
// whatever machine.
//
// It is a stream of its own, with one writer: each message is stored only if the one
// before it is the last that the writer knows. Chunks of lines come first; then a
// round is closed, and the lines are what will be imported; when they are, it is done,
// and they are removed.
type Stage struct {
	js     natsjs.JetStream
	layout Layout
	last   uint64 // sequence of the last message
}

// StageRound is what is said of a round when it is closed, and when it is done.
type StageRound struct {
	From    uint64                  `json:"from"` // its chunks, by their sequences in the stage
	To      uint64                  `json:"to"`
	Done    bool                    `json:"done"`
	Cursors map[string]SourceCursor `json:"cursors"` // up to where its sources are in it
	Options json.RawMessage         `json:"options"` // how it is imported
}

// headerStage carries the cursor behind a chunk.
const headerStage = "Ebb-Stage"

// MaxStageBytes is how much a chunk holds.
const MaxStageBytes = 512 << 10

func (l Layout) stageStream() string { return l.Stream + "_SOURCES" }

func (l Layout) stageSubject(name string) string { return l.Prefix + ".stage." + name }

func (l Layout) stageRoundSubject() string { return l.Prefix + ".stageround" }

// stageConfig is the stream. Nothing of it is ever removed by age: it holds what may
// be nowhere else any more, and is emptied when that is imported.
func (l Layout) stageConfig() natsjs.StreamConfig {
	config := natsjs.StreamConfig{
		Name:        l.stageStream(),
		Description: "History of sources on its way to be imported",
		Subjects:    []string{l.stageSubject("*"), l.stageRoundSubject()},
		Compression: natsjs.S2Compression,
	}
	l.limit(&config, Limits{MaxBytes: -1})
	config.MaxAge = 0
	config.AllowAtomicPublish = false

	return config
}

// OpenStage makes the stream if it is not there.
func OpenStage(ctx context.Context, js natsjs.JetStream, layout Layout) (*Stage, error) {
	s := &Stage{js: js, layout: layout.WithDefaults()}
	config := s.layout.stageConfig()
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := js.Stream(ctx, config.Name)
	if errors.Is(err, natsjs.ErrStreamNotFound) {
		_, err = js.CreateStream(ctx, config)
		if errors.Is(err, natsjs.ErrStreamNameAlreadyInUse) {
			err = nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", config.Name, explainCreate(err))
	}
	state, err := leader{js, config.Name}.state(ctx)
	s.last = state.Last

	return s, err
}

// Round is the newest round, false where there is none.
func (s *Stage) Round(ctx context.Context) (round StageRound, found bool, err error) {
	message, err := leader{s.js, s.layout.stageStream()}.last(ctx, s.layout.stageRoundSubject())
	if errors.Is(err, errNotFound) {
		return round, false, nil
	}
	if err != nil {
		return round, false, err
	}
	if err := json.Unmarshal(message.Data, &round); err != nil {
		return round, false, fmt.Errorf("stream %s, message %d is no round: %w; who else writes to %s?",
			s.layout.stageStream(), message.Sequence, err, message.Subject)
	}

	return round, true, nil
}

// Cursor is up to where a source is staged, false where none of it is: what is in
// rounds that are done is not.
func (s *Stage) Cursor(ctx context.Context, source string) (cursor SourceCursor, found bool, err error) {
	message, err := leader{s.js, s.layout.stageStream()}.last(ctx, s.layout.stageSubject(source))
	if errors.Is(err, errNotFound) {
		return cursor, false, nil
	}
	if err != nil {
		return cursor, false, err
	}
	header, err := message.header()
	if err == nil {
		err = json.Unmarshal([]byte(header.Get(headerStage)), &cursor)
	}

	return cursor, err == nil, err
}

// First is the sequence of the first chunk that is there, Last that of the last
// message.
func (s *Stage) First(ctx context.Context) (uint64, error) {
	state, err := leader{s.js, s.layout.stageStream()}.state(ctx)

	return state.First, err
}

// Last is the sequence of the last message that this writer knows.
func (s *Stage) Last() uint64 { return s.last }

// Chunk stores lines of a source, each with its line feed, and the cursor behind them.
func (s *Stage) Chunk(ctx context.Context, source string, lines []byte, cursor SourceCursor) error {
	header, err := json.Marshal(cursor)
	if err != nil {
		return err
	}

	return s.store(ctx, s.layout.stageSubject(source), nats.Header{headerStage: {string(header)}}, lines)
}

// Put stores a round that is closed or done.
func (s *Stage) Put(ctx context.Context, round *StageRound) error {
	body, err := json.Marshal(round)
	if err != nil {
		return err
	}

	return s.store(ctx, s.layout.stageRoundSubject(), nil, body)
}

func (s *Stage) store(ctx context.Context, subject string, header nats.Header, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if header == nil {
		header = nats.Header{}
	}
	header[natsjs.ExpectedLastSeqHeader] = []string{strconv.FormatUint(s.last, 10)}
	ack, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Header: header, Data: data}, natsjs.WithExpectStream(s.layout.stageStream()))
	var api *natsjs.APIError
	if errors.As(err, &api) && wrongLast(api) {
		return fmt.Errorf("stream %s: %w (%w)", s.layout.stageStream(), own.ErrFenced, err)
	}
	if err != nil {
		return fmt.Errorf("stream %s: %w", s.layout.stageStream(), err)
	}
	s.last = ack.Sequence

	return nil
}

// Empty removes the chunks of a round that is done.
func (s *Stage) Empty(ctx context.Context) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	stream, err := s.js.Stream(ctx, s.layout.stageStream())
	if err == nil {
		err = stream.Purge(ctx, natsjs.WithPurgeSubject(s.layout.stageSubject("*")))
	}
	if err != nil {
		return fmt.Errorf("empty stream %s: %w", s.layout.stageStream(), err)
	}

	return nil
}

// Lines reads the lines of the chunks from one sequence to another.
func (s *Stage) Lines(ctx context.Context, from, to uint64) io.ReadCloser {
	return &stageLines{ctx: ctx, to: to, reader: newReader(s.js, s.layout.stageStream(), from, s.layout.stageSubject("*"))}
}

type stageLines struct {
	ctx    context.Context //nolint:containedctx // of an io.Reader, whose Read has none
	reader *reader
	to     uint64
	queue  [][]byte
	begun  bool
	ended  bool
}

func (l *stageLines) Read(p []byte) (int, error) {
	for len(l.queue) == 0 {
		if l.ended {
			return 0, io.EOF
		}
		if err := l.more(); err != nil {
			return 0, err
		}
	}
	n := copy(p, l.queue[0])
	if l.queue[0] = l.queue[0][n:]; len(l.queue[0]) == 0 {
		l.queue = l.queue[1:]
	}

	return n, nil
}

func (l *stageLines) more() error {
	if !l.begun {
		l.begun = true
		if err := l.reader.start(l.ctx); err != nil {
			return err
		}
		if l.ended = l.reader.atStart == 0; l.ended {
			return nil
		}
	}
	deliveries, err := l.reader.read(l.ctx)
	if err != nil {
		return err
	}
	for i := range deliveries {
		if l.ended = l.ended || deliveries[i].sequence > l.to; l.ended {
			break
		}
		l.queue = append(l.queue, deliveries[i].message.Data)
		l.ended = deliveries[i].sequence == l.to || deliveries[i].pending == 0
	}

	return nil
}

// Close ends the reading.
func (l *stageLines) Close() error {
	l.reader.close()

	return nil
}

// HasStage says whether there is a stage.
func HasStage(ctx context.Context, js natsjs.JetStream, layout Layout) (bool, error) {
	info, err := streamInfo(ctx, js, layout.WithDefaults().stageStream())

	return info != nil, err
}
