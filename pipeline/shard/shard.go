package shard

import (
	"fmt"

	"ebb/pipeline/churn"
	"ebb/pipeline/customers"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/meaning"
	"ebb/pipeline/silence"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// Shard is the state machine of one partition. What it publishes is a
// function of its configuration and its records alone: no wall clock, no map
// order, no random number. One goroutine owns it; nothing in it is locked.
//
// The path of one record, and where to read on:
//
//	rows       one by one, if it holds several   event/rows.go
//	clock      what time it is now               clock.go, jump.go
//	cut        is it time for outputs            cut.go
//	decode     bytes to event, or dead letter    package native
//	classify   what kind of engagement           package vocabulary
//	verdict    misrouted, ahead, late, again     accept.go
//	windows    counts and distinct customers     accept.go
//	churn      risk, level, timer                silence.go
//	hold       is it the feed that went silent   hold.go
//	leave      who has been silent for good      leave.go, room.go
//	alerts     the ones most worth it            alerts.go
//	output     rows, signals, letters            outputs.go
//	configure  another configuration, in force   configure.go
type Shard struct {
	config     meaning.Config
	partition  int
	era        int64 // Unix ms; when the input stream was made
	lateness   int64 // ms
	skew       int64 // ms
	keep       meaning.Keep
	roomFrom   int64 // nobody can make room before; 0: not known
	vocabulary *vocabulary.Vocabulary
	decoder    *native.Decoder
	model      *churn.Model
	event      event.Event // reused for every record
	identity   []byte      // scratch for the duplicate check
	encoded    []byte      // config as JSON; nil before it is needed
	hash       string      // of these bytes

	// What a snapshot holds.
	force     meaning.Force // the configuration
	floor     int64         // what the watermark was at least when it last changed
	clock     int64         // Unix ms; 0 before the first record
	stored    storeClock
	sequence  uint64 // of the last record
	row       int    // of the last record the last row; 0 where it was no rows
	cuts      uint64 // how many cuts there were
	sinceCut  int    // records since the last cut, each row one
	ticked    int    // ticks among them, as far as that is known
	minute    int64  // clock minute of the last levels and pipeline rows
	interval  int64  // coordinator interval of the last live statistics
	day       int64  // clock day of the last look at who has left
	imported  importState
	expired   expired
	counts    Counts
	levels    [churn.Levels]int64
	customers *customers.Table
	departed  departed
	keys      *keys
	windows   *windows.Set
	ring      *windows.Ring
	former    *windows.Ring // told by the other way; nil for most, see reconfigureRing
	timers    *churn.Timers
	sampler   *churn.Sampler
	feed      *silence.Watch
	held      held
	alerts    alerts

	out    outputs // of the cut to come
	series seriesPacker
	emit   func(*Cut)
	failed error // of a part; the next cut gives it back
	losses losses

	lineage lineage // of the state; see snapshot.go
}

// Counts says what became of a shard's records. Every event is exactly one of
// the first four.
type Counts struct {
	Processed   uint64 // changed the state once
	Duplicates  uint64 // seen before, within the lateness
	DeadLetters uint64 // refused, kept with its reason
	LateDropped uint64 // beyond the lateness, published apart
	Control     uint64 // records that no producer sends
	Raised      uint64 // signals to a worse level
	Cleared     uint64 // signals to a better level
	Held        uint64 // customers whose signal was held, each time
	Released    uint64 // of these, signals still due once the feed was back
	Dropped     uint64 // of these, signals no longer due
	Alerts      uint64 // customers at risk within the alert budget
	Leaps       uint64 // of store times, held until something bears them out
	Left        uint64 // customers who left; see meaning.Config.Keep
	RoomMade    uint64 // customers who made room for new ones; see meaning.Config.MaxCustomers
	Scanned     uint64 // reactions to messages that came too soon for a person; see churn.Model.Believe
	Forgotten   uint64 // of the late ones, those too old for the identities kept; see meaning.Duplicates.AtMost
}

// Add sums the counts of two shards.
func (c *Counts) Add(other Counts) {
	c.Processed += other.Processed
	c.Duplicates += other.Duplicates
	c.DeadLetters += other.DeadLetters
	c.LateDropped += other.LateDropped
	c.Control += other.Control
	c.Raised += other.Raised
	c.Cleared += other.Cleared
	c.Held += other.Held
	c.Released += other.Released
	c.Dropped += other.Dropped
	c.Alerts += other.Alerts
	c.Leaps += other.Leaps
	c.Scanned += other.Scanned
	c.Forgotten += other.Forgotten
	c.Left += other.Left
	c.RoomMade += other.RoomMade
}

// Events is how many events there were, whatever became of them.
func (c *Counts) Events() uint64 {
	return c.Processed + c.Duplicates + c.DeadLetters + c.LateDropped
}

// importState is what a shard knows of the import it is in.
type importState struct {
	open bool
	id   string
}

// NewShard returns an empty shard of a partition, 0 to N−1.
func NewShard(config meaning.Config, partition int) (*Shard, error) {
	return newShard(config, partition, vocabulary.Dictionary{})
}

func newShard(config meaning.Config, partition int, given vocabulary.Dictionary) (*Shard, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if partition < 0 || partition >= config.Partitions {
		return nil, fmt.Errorf("partition is %d; it must be 0 to %d", partition, config.Partitions-1)
	}
	vocab, err := vocabulary.Grow(config.Vocabulary, given)
	if err != nil {
		return nil, err
	}
	model, err := churn.NewModel(config.Churn)
	if err != nil {
		return nil, err
	}
	set, err := windows.New(config.Windows())
	if err != nil {
		return nil, err
	}

	ring, err := windows.NewRing(config.Duplicates.Ring(config.Lateness))
	if err != nil {
		return nil, err
	}

	return &Shard{
		config:     config,
		partition:  partition,
		lateness:   config.Lateness.Milliseconds(),
		stored:     newStoreClock(&config),
		floor:      windows.MinTime,
		skew:       config.Skew.Milliseconds(),
		vocabulary: vocab,
		decoder:    native.NewDecoder(config.MaxEventBytes),
		model:      model,
		keep:       config.KeepMS(),
		customers:  customers.New(),
		departed:   departed{most: max(1, config.MaxCustomers/2)},
		keys:       newKeys(vocab),
		windows:    set,
		ring:       ring,
		timers:     churn.NewTimers(),
		sampler:    churn.NewSampler(model, config.Partitions),
		feed:       silence.New(config.Feed, len(vocab.ChannelNames)),
	}, nil
}

// Process takes the next record of the partition. It calls emit with every cut
// that the record brings about: none for most, at most three and their parts. A record whose
// sequence is not above the last one is passed over, so that a source may
// start too early.
//
// An error means that the state can no longer be trusted; the owner stops.
// Bad input is never an error: it becomes a dead letter.
func (s *Shard) Process(record *event.Record, emit func(*Cut)) error {
	if record.Sequence <= s.sequence {
		return nil
	}
	s.emit = emit
	if err := s.takeAll(record, emit); err != nil {
		return err
	}
	if s.cutAfter(record) {
		return s.cut(emit)
	}

	return nil
}

// takeAll takes a record, or the rows that it holds one by one, as if each had
// come alone. Between them no cut comes but parts of one, so that a cursor never
// stands inside of a record: what they bring about is bounded by MaxRows.
func (s *Shard) takeAll(record *event.Record, emit func(*Cut)) error {
	if record.Rows == 0 || record.Lane != event.LaneHistory || record.Control != event.ControlNone {
		return s.take(record, emit)
	}

	return s.takeRows(record, emit) // apart: what a loop over an iterator needs is made on the heap
}

func (s *Shard) takeRows(record *event.Record, emit func(*Cut)) error {
	one := *record
	rows, ok := event.SplitRows(record.Data, record.Rows)
	if !ok {
		one.Unclocked = true

		return s.take(&one, emit)
	}
	one.Rows = 0
	for number, row := range rows {
		one.Row, one.Clock, one.Data = number, row.Clock, row.Body
		if err := s.take(&one, emit); err != nil {
			return err
		}
	}

	return nil
}

// take takes a record or a row.
func (s *Shard) take(record *event.Record, emit func(*Cut)) error {
	m := s.judge(record)
	if at, ok := s.cutBefore(record, m.now); ok {
		s.advance(at)
		if err := s.cut(emit); err != nil {
			return err
		}
	}
	if err := s.cutBeforeConfig(record, emit); err != nil {
		return err
	}
	s.advance(m.now)
	s.sequence, s.row = record.Sequence, record.Row
	s.sinceCut++
	if record.Control == event.ControlTick {
		s.ticked++
	}

	s.enter(m)
	switch {
	case m.wait:
		s.postpone(record)
	case record.Control != event.ControlNone && record.Lane != event.LaneEvent:
		s.control(record)
	default:
		s.accept(record)
	}

	return nil
}

// BelongTo says when the input stream was made that the records come from, in
// Unix ms: the era of all that the shard publishes. It must be called before
// the first record; a restored shard needs it again, because a snapshot doesn't
// hold it. Without it rows and signals have no era.
func (s *Shard) BelongTo(era int64) { s.era = era }

// Partition is the shard's partition, 0 to N−1.
func (s *Shard) Partition() int { return s.partition }

// Cuts is how many cuts were made.
func (s *Shard) Cuts() uint64 { return s.cuts }

// Events is how many events were taken.
func (s *Shard) Events() uint64 { return s.counts.Events() }

// BeginAt gives a new shard the number of the cut that it goes on from, and the
// version of the configuration that it begins with.
func (s *Shard) BeginAt(cuts, version uint64) {
	s.cuts, s.force = cuts, meaning.Force{Version: version}
}

// Sequence is the input sequence of the last record.
func (s *Shard) Sequence() uint64 { return s.sequence }

// Clock is the shard's clock in Unix ms.
func (s *Shard) Clock() int64 { return s.clock }

// Counts says what became of the records so far.
func (s *Shard) Counts() Counts { return s.counts }

// Customers is how many customers the shard knows.
func (s *Shard) Customers() int { return s.customers.Len() }

// Population is how many customers are at each level.
func (s *Shard) Population() [churn.Levels]int64 { return s.levels }

// Thresholds are the risks at which customers are raised to cooling and to at_risk.
func (s *Shard) Thresholds() (cooling, atRisk churn.Score) { return s.model.Thresholds() }

// ImportOpen says whether the shard is inside an import, where ticks of the
// owner don't move its clock.
func (s *Shard) ImportOpen() bool { return s.imported.open }
