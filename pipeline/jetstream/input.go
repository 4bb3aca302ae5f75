package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/origin"
	"ebb/pipeline/own"
)

// Input is the input stream. Its methods may be called from several goroutines.
type Input struct {
	js        natsjs.JetStream
	layout    Layout
	leader    leader
	keys      *keyring
	strangers strangers
}

var _ own.Input = (*Input)(nil)

// NewInput returns the input stream of a layout. It asks the server nothing.
func NewInput(js natsjs.JetStream, layout Layout) *Input {
	layout = layout.WithDefaults()
	return &Input{js: js, layout: layout, leader: leader{js, layout.Stream}, keys: newKeyring(js, layout)}
}

// OnStranger tells of control and history records that are not ebb's. It is
// called before anything else.
func (i *Input) OnStranger(tell func(Stranger)) *Input {
	i.strangers.tell = tell
	return i
}

// Open reads from sequence on, these partitions or all, in all lanes. A sequence of
// 0 or 1 begins with the first record that the stream still holds; any other must
// still be there or be the next to come.
//
// The reading goes on by itself when the server restarts or the connection is
// lost. Errors of Next that end it: ErrRemoved, ErrRewound, a stream that was
// deleted, a connection that was closed, ctx.
func (i *Input) Open(ctx context.Context, sequence uint64, partitions ...int) (own.Source, error) {
	var subjects []string
	for _, partition := range partitions {
		if err := i.layout.checkPartition(partition); err != nil {
			return nil, err
		}
		subjects = append(subjects, i.layout.partitionSubjects(partition)...)
	}
	if len(subjects) == 0 {
		// No filter: nearly every record is wanted, and the server does half the
		// work where it has no subject to compare.
		return i.newSource(ctx, newReader(i.js, i.layout.Stream, sequence))
	}
	filtered := newReader(i.js, i.layout.Stream, sequence, subjects...)
	filtered.front = &front{safe: max(sequence, 1) - 1, behind: true}

	return i.newSource(ctx, filtered)
}

func (i *Input) newSource(ctx context.Context, from *reader) (*source, error) {
	key, err := i.keys.get(ctx)
	if err != nil {
		return nil, err
	}

	return &source{
		reader:  from,
		lanes:   newLanes(i.layout),
		checker: checker{key: key, stream: i.layout.Stream, strangers: &i.strangers},
		records: make([]event.Record, 0, readBatch),
	}, nil
}

// Record reads one record from the stream's leader: the time it was stored
// (Unix ms) and its bytes.
func (i *Input) Record(ctx context.Context, sequence uint64) (int64, []byte, error) {
	message, err := i.leader.at(ctx, sequence)
	if errors.Is(err, errNotFound) {
		return 0, nil, fmt.Errorf("record %d of stream %s: %w", sequence, i.layout.Stream, own.ErrNoRecord)
	}
	if err != nil {
		return 0, nil, err
	}

	return message.Time.UnixMilli(), message.Data, nil
}

// Last is the sequence of the last record, as the stream's leader knows it. 0
// where there has been none.
func (i *Input) Last(ctx context.Context) (uint64, error) {
	state, err := i.leader.state(ctx)
	return state.Last, err
}

// Era is when the stream was made, in Unix ms: it outlives a restore of the
// stream, and changes where the stream is deleted and made anew.
func (i *Input) Era(ctx context.Context) (int64, error) {
	stream, err := i.js.Stream(ctx, i.layout.Stream)
	if err != nil {
		return 0, fmt.Errorf("stream %s: %w", i.layout.Stream, err)
	}

	return origin.Of(stream.CachedInfo()).UnixMilli(), nil
}

// First is the sequence of the first record, as the stream's leader knows it;
// where there is none, of the next to come.
func (i *Input) First(ctx context.Context) (uint64, error) {
	state, err := i.leader.state(ctx)
	return max(state.First, 1), err
}

// Tick publishes a tick to a partition's control lane and returns when it is
// stored.
func (i *Input) Tick(ctx context.Context, partition int) error {
	if err := i.layout.checkPartition(partition); err != nil {
		return fmt.Errorf("publish a tick: %w", err)
	}

	return publishControl(ctx, i.keys, i.layout.Stream, i.layout.laneSubject(laneControl, partition), event.ControlTick, []byte("{}"))
}

func publishControl(ctx context.Context, keys *keyring, stream, subject string,
	control event.Control, body []byte) error {
	_, err := storeControl(ctx, keys, stream, subject, control, body)

	return err
}

// storeControl returns the sequence of the record.
func storeControl(ctx context.Context, keys *keyring, stream, subject string, control event.Control, body []byte, options ...natsjs.PublishOpt) (uint64, error) {
	key, err := keys.get(ctx)
	if err != nil {
		return 0, fmt.Errorf("publish a %s record to %s: %w", control, subject, err)
	}
	ack, err := keys.js.PublishMsg(ctx, &nats.Msg{
		Subject: subject,
		Header: nats.Header{
			event.HeaderControl: {control.String()},
			headerSeal:          {key.sum(subject, []byte(control.String()), body)},
		},
		Data: body,
	}, append(options, natsjs.WithExpectStream(stream))...)
	if err != nil {
		return 0, fmt.Errorf("publish a %s record to %s: %w", control, subject, err)
	}

	return ack.Sequence, nil
}

// source turns messages of the input stream into records.
type source struct {
	reader  *reader
	lanes   lanes
	checker checker
	records []event.Record
}

// Heard is when the server last delivered something, or said that nothing is
// there.
func (s *source) Heard() time.Time { return time.UnixMilli(s.reader.heard.Load()) }

// LookedTo is up to where the server has looked for records of the source's
// partitions, and all that it found was handed over. 0 where the source is one of
// all partitions: then its last record says it.
func (s *source) LookedTo() uint64 { return s.reader.looked.Load() }

// Next returns the next records, up to 1,024 that have come. Messages that are
// no record of a partition are passed over.
func (s *source) Next(ctx context.Context) ([]event.Record, error) {
	s.records = s.records[:0]
	for len(s.records) == 0 {
		deliveries, err := s.reader.read(ctx)
		if err != nil {
			return nil, err
		}
		for i := range deliveries {
			s.add(&deliveries[i])
		}
	}

	return s.records, nil
}

func (s *source) add(d *delivery) {
	lane, partition, ok := s.lanes.parse(d.message.Subject)
	if !ok {
		return
	}

	record := event.Record{
		Sequence:  d.sequence,
		Stored:    d.stored,
		Clock:     d.stored,
		Partition: partition,
		Subject:   d.message.Subject,
		Lane:      lane,
		Data:      d.message.Data,
	}
	switch {
	case lane != event.LaneEvent && !s.checker.own(lane, d):
		// Whatever its headers say, it is no more than what a producer may
		// send, and one with headers that are ebb's.
		record.Lane, record.Forged = event.LaneEvent, true
	case lane != event.LaneEvent || len(d.message.Header) > 0:
		readHeader(&record, d.message.Header)
	}
	s.records = append(s.records, record)
}

// readHeader applies the headers that mean something on the record's lane.
func readHeader(record *event.Record, header nats.Header) {
	switch record.Lane {
	case event.LaneEvent:
		record.Forged = forged(header)
	case event.LaneControl:
		// Nothing but control records belongs here, so one without the header
		// is one that cannot be read.
		record.Control = event.ControlUnknown
		if name := header.Get(event.HeaderControl); name != "" {
			record.Control = event.ParseControl(name)
		}
	case event.LaneHistory:
		record.Control = event.ParseControl(header.Get(event.HeaderControl))
		if record.Control == event.ControlNone && len(header[event.HeaderRows]) > 0 {
			record.Rows = parseRows(header.Get(event.HeaderRows)) // their clocks stand in the body

			return
		}
		clock, ok := parseClock(header.Get(event.HeaderClock))
		if ok {
			record.Clock = clock
		}
		record.Unclocked = !ok
	}
}

// parseRows reads how many rows a record holds; -1 where that is no number that
// it can be.
func parseRows(text string) int {
	rows, ok := parseNumber(text)
	if !ok || rows == 0 || rows > event.MaxRows {
		return -1
	}

	return int(rows)
}

// forged finds a header that only ebb may set. Case does not count here: a
// header that differs in case alone is no accident.
func forged(header nats.Header) bool {
	const reserved = "Ebb-"
	for name := range header {
		if len(name) >= len(reserved) && strings.EqualFold(name[:len(reserved)], reserved) {
			return true
		}
	}

	return false
}

// parseClock reads Unix milliseconds, negative before 1970. A clock beyond the
// last time that an event can have is none: it could never be turned back.
func parseClock(text string) (int64, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	value, ok := parseNumber(digits)
	if !ok || value > uint64(event.MaxTime) {
		return 0, false
	}
	if negative {
		return -int64(value), true
	}

	return int64(value), true
}

// Close ends the reading. It must not be called while Next runs.
func (s *source) Close() error {
	s.reader.close()
	return nil
}

// lanes reads partitions out of subjects.
type lanes struct {
	prefix     string // with the dot
	partitions uint64
}

func newLanes(layout Layout) lanes {
	return lanes{layout.Prefix + ".", uint64(layout.Partitions)}
}

// parse reads <prefix>.<lane>.<partition> without allocating.
func (l lanes) parse(subject string) (event.Lane, int, bool) {
	rest, ok := strings.CutPrefix(subject, l.prefix)
	if !ok || len(rest) < 3 || rest[1] != '.' {
		return 0, 0, false
	}

	var lane event.Lane
	switch rest[0] {
	case laneEvent[0]:
		lane = event.LaneEvent
	case laneControl[0]:
		lane = event.LaneControl
	case laneHistory[0]:
		lane = event.LaneHistory
	default:
		return 0, 0, false
	}
	partition, ok := parseNumber(rest[2:])
	if !ok || partition >= l.partitions {
		return 0, 0, false
	}

	return lane, int(partition), true
}
