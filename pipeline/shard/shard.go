package shard

import (
	"fmt"

	"ebb/pipeline/churn"
	"ebb/pipeline/clock"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/silence"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// Shard is the state machine of one partition. What it publishes is a
// function of its configuration and its records alone: no wall clock, no map
// order, no random number. One goroutine owns it; nothing in it is locked.
//
// It takes records, one after another, and decides what happens with each, and when.
// What that does is the affair of its parts, each with state of its own, which know
// those that stand above them here, and not the shard. The path of one record, and
// where to read on:
//
//	rows       one by one, if it holds several   event/rows.go
//	clock      what time it is now               package clock
//	cut        is it time for outputs            cut.go
//	decode     bytes to event, or dead letter    package native
//	classify   what kind of engagement           package vocabulary
//	verdict    misrouted, ahead, late, again     accept.go, identities.go
//	windows    counts and distinct customers     rollups.go
//	cohorts    what came of each message         cohort.go
//	churn      risk, level, timer                detector.go
//	hold       is it the feed that went silent   feed.go
//	leave      who has been silent for good      people.go, membership.go
//	alerts     whom to act on first              alerts.go
//	report     what the coordinator learns from  reporter.go
//	count      all customers, once a day         census.go
//	output     rows, signals, letters            outputs.go, figures.go, signal.go
//	configure  another configuration, in force   reconfigure.go
//	forget     a customer, and what is of before  forget.go
//	join       an anonymous one to a known one    joins.go
//	move       where that one was active          moves.go
type Shard struct {
	place    // in the input
	settings // the configuration in force
	rollups  // of events, by window
	cohorts  cohorts

	skew       int64 // ms
	vocabulary *vocabulary.Vocabulary
	events     eventReader
	rows       []event.Row // scratch for the rows of a record

	// What a snapshot holds, beside the place and the settings.
	counts     Counts
	losses     losses
	timing     clock.Clock
	identities identities
	out        outputs // of the cut to come
	feed       feed
	cutter     cutter
	customers  people
	signals    signals
	detector   detector
	alerts     alerts
	reporter   reporter
	members    membership
	figures    figures
	census     census
	forgets    forgets
	joins      joins

	lineage Lineage // of the state; see snapshot.go
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
	known, err := newIdentities(&config)
	if err != nil {
		return nil, err
	}
	counting, err := newCensus(&config)
	if err != nil {
		return nil, err
	}
	s := &Shard{
		place:      place{partition: partition, lateness: config.Lateness.Milliseconds(), floor: windows.MinTime},
		settings:   settings{config: config},
		skew:       config.Skew.Milliseconds(),
		vocabulary: vocab,
		identities: known,
		cohorts:    newCohorts(metric.AllCohorts(), config.Partitions),
		rollups:    rollups{keys: newKeys(vocab, config.Rollups), windows: set},
		feed:       feed{watch: silence.New(config.Feed, len(vocab.ChannelNames)), names: vocab.ChannelNames},
		customers:  newPeople(&config),
		detector:   detector{model: model, sampler: churn.NewSampler(model, config.Partitions)},
		census:     counting,
		forgets:    newForgets(nil),
	}
	s.readEvents(config.MaxEventBytes)
	s.timing = clock.New(&config, partition, s.events.peek)
	s.detector.driver = churn.NewDriver(s.customers.state)
	connect(s)
	s.keys.switchOn(config.Metrics, false)
	s.cohorts.switchOn(config.Metrics)
	s.cutter.reconfigure(&config)
	s.alerts.reconfigure(&config)
	s.reporter.reconfigure(&config)
	s.joins.reconfigure(&config)

	return s, nil
}

// connect tells the parts of the others that they need.
func connect(s *Shard) {
	at, counts, out := &s.place, &s.counts, &s.out
	s.feed.at, s.feed.counts, s.feed.out = at, counts, out
	s.cutter.at, s.cutter.counts, s.cutter.out, s.cutter.feed = at, counts, out, &s.feed
	s.rollups.settings, s.rollups.at, s.rollups.out, s.rollups.cutter = &s.settings, at, out, &s.cutter
	s.cohorts.at, s.cohorts.counts, s.cohorts.out, s.cohorts.cutter = at, counts, out, &s.cutter
	s.signals = signals{at: at, counts: counts, cutter: &s.cutter, customers: &s.customers, holdout: s.config.Holdout}
	d := &s.detector
	d.at, d.counts, d.out, d.feed, d.customers, d.signals = at, counts, out, &s.feed, &s.customers, &s.signals
	s.alerts.at, s.alerts.customers, s.alerts.detector, s.alerts.signals = at, &s.customers, d, &s.signals
	s.reporter = reporter{at: at, out: out, detector: d, alerts: &s.alerts}
	s.figures = figures{at: at, counts: counts, detector: d, out: out}
	s.members = membership{at: at, counts: counts, customers: &s.customers, feed: &s.feed, detector: d, alerts: &s.alerts, joins: &s.joins}
	s.census.at, s.census.customers, s.census.detector, s.census.out = at, &s.customers, &s.detector, out
}

// eventReader reads the events in records.
type eventReader struct {
	decoder *native.Decoder
	event   event.Event // used again for every record
}

// readEvents reads events of up to so many bytes from here on.
func (s *Shard) readEvents(most int) {
	s.events.decoder = native.NewDecoder(most)
	s.events.decoder.Expect = func(customer []byte) { s.customers.Expect(customer) }
}

// peek gives the event in a record, until the next one is read, and false where that
// is none.
func (r *eventReader) peek(record *event.Record) (*event.Event, bool) {
	return &r.event, r.decoder.Decode(record.Data, &r.event) == nil
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
	s.cutter.emit = emit
	if err := s.takeAll(record); err != nil {
		return err
	}
	if s.cutter.after(record) {
		return s.cut()
	}

	return nil
}

// takeAll takes a record, or the rows that it holds one by one, as if each had
// come alone. Between them no cut comes but parts of one, so that a cursor never
// stands inside of a record: what they bring about is bounded by MaxRows.
func (s *Shard) takeAll(record *event.Record) error {
	if record.Rows == 0 || record.Lane != event.LaneHistory || record.Control != event.ControlNone {
		return s.take(record)
	}

	rows, ok := event.SplitRows(s.rows[:0], record.Data, record.Rows)
	one := *record
	if !ok {
		one.Unclocked = true

		return s.take(&one)
	}
	s.rows, one.Rows = rows, 0
	defer clear(rows) // so that they keep no payload alive
	for i := range rows {
		one.Row, one.Clock, one.Data = i+1, rows[i].Clock, rows[i].Body
		if err := s.take(&one); err != nil {
			return err
		}
	}

	return nil
}

// take takes a record or a row.
func (s *Shard) take(record *event.Record) error {
	m := s.timing.Judge(record, s.clock, s.imported.open)
	if at, ok := s.cutter.before(record, m.Now); ok {
		s.advance(at)
		if err := s.cut(); err != nil {
			return err
		}
	}
	if record.Control == event.ControlConfig && s.changes(record) {
		if err := s.cut(); err != nil {
			return err
		}
	}
	s.advance(m.Now)
	s.sequence, s.row = record.Sequence, record.Row
	s.cutter.count(record)

	if s.timing.Take(&m) {
		s.counts.Leaps = s.timing.Leaps()
		s.wake()
	}
	if m.Wait {
		s.wait(record)
	} else {
		s.judge(record)
	}

	return nil
}

// judge takes an event, or what another partition or the coordinator says.
func (s *Shard) judge(record *event.Record) {
	if record.Control != event.ControlNone && record.Lane != event.LaneEvent {
		s.control(record)
	} else {
		s.accept(record)
	}
}

// wait keeps a record until a leap of the store times is settled.
func (s *Shard) wait(record *event.Record) {
	if first, full := s.timing.Wait(record); full {
		s.judge(&first)
	}
}

// wake judges the records that wait no longer.
func (s *Shard) wake() {
	for _, record := range s.timing.Awake() {
		if s.timing.StillWaits(&record, s.clock) {
			s.wait(&record)
		} else {
			s.judge(&record)
		}
	}
}

// advance moves the clock, and with it everything that waits for a time. The
// steps of the feed's watch close in between, each after the timers up to its
// end: so what is held depends on the input, and not on where ticks come. So are the
// days that end on the way counted, each at its own time.
func (s *Shard) advance(now int64) {
	for day, at, ok := s.census.due(now); ok; day, at, ok = s.census.due(now) {
		s.pass(at)
		s.census.take(day)
	}
	s.pass(now)
	if s.customers.dayBegins(now) {
		s.members.leave(now, s.customers.allGone(now)...)
	}
	s.detector.sample()
}

// pass moves the clock on to a time at which something is looked at.
func (s *Shard) pass(now int64) {
	s.clock = now
	for end, ok := s.feed.watch.Next(now); ok; end, ok = s.feed.watch.Next(now) {
		s.fireTimers(end)
		s.detector.closeStep(end)
	}
	s.fireTimers(now)
}

// fireTimers settles every customer whose time has come by now, in the order of
// the times, so that silence crosses a threshold when the model says so.
func (s *Shard) fireTimers(now int64) {
	for index, at, ok := s.detector.driver.Due(now); ok; index, at, ok = s.detector.driver.Due(now) {
		if s.customers.gone(index, at) {
			s.members.leave(at, index)
		} else {
			s.detector.settle(index, &s.customers.At(index).Churn, at)
		}
	}
}

// cut hands over all outputs since the last one.
func (s *Shard) cut() error {
	s.cutter.since, s.cutter.ticked = 0, 0
	s.rollups.emit()
	s.cohorts.publish()
	s.figures.publish()
	s.reporter.live()
	s.identities.expire(s.clock)
	if refused := s.windows.Refused(); refused > 0 {
		return fmt.Errorf("the windows refused %d events that the shard had accepted", refused)
	}
	if s.cutter.failed != nil {
		return s.cutter.failed
	}
	cut, err := s.cutter.take() // its windows may have gone out in parts with numbers of their own
	if err != nil {
		return err
	}
	cut.Loss, cut.Leap, cut.Config = s.losses.recent(s.clock, &s.counts), s.timing.Held(), s.Force()
	s.cutter.emit(cut)

	return nil
}

// BeginAt gives a new shard the number of the cut that it goes on from, and the
// version of the configuration that it begins with.
func (s *Shard) BeginAt(cuts, version uint64) {
	s.cuts, s.force = cuts, meaning.Force{Version: version}
}

// Counts says what became of the records so far.
func (s *Shard) Counts() Counts { return s.counts }

// Customers is how many customers the shard knows.
func (s *Shard) Customers() int { return s.customers.Len() }
