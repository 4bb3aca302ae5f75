package shard

import (
	"errors"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// accept takes an event through its verdicts, in this order: refused, late,
// duplicate, accepted. Lateness comes before duplication, so that identities
// need to be kept for no longer than the lateness: an older copy is late, and
// never counted twice.
func (s *Shard) accept(record *event.Record) {
	class, err := s.admit(record)
	switch {
	case errors.Is(err, errForgotten):
		s.forgets.withhold(record)

		return
	case err != nil:
		s.refuse(record, err)

		return
	case class.Forgets:
		if err := s.forget(s.events.event.Customer, s.events.event.Time); err != nil {
			s.refuse(record, err)
		} else {
			s.counts.Processed++
		}

		return
	}
	s.weigh(record, class)
	if len(s.events.event.AnonymousID) > 0 {
		s.report(record, &s.events.event, &class)
	}
}

// weigh counts an event that is not refused: late, seen before, or once.
func (s *Shard) weigh(record *event.Record, class vocabulary.Class) {
	event := &s.events.event
	if tooOld := s.identities.tooOld(event); tooOld || event.Time < s.watermark() {
		s.counts.LateDropped++
		if tooOld {
			s.counts.TooOld++
		}
		s.out.addLate(&s.place, record, event)
		s.hearLate(event, class)
		s.follow(record, &class, true)

		return
	}
	if s.identities.seen(event, s.clock) {
		s.counts.Duplicates++

		return
	}
	s.counts.Processed++

	s.apply(event, &class)
	s.follow(record, &class, false)
}

// admit says what kind of event the record holds, or why it is refused.
func (s *Shard) admit(record *event.Record) (vocabulary.Class, error) {
	ev := &s.events.event
	if err := s.refuseUnread(record); err != nil {
		return vocabulary.Class{}, err
	}
	if err := s.events.decoder.Decode(record.Data, ev); err != nil {
		return vocabulary.Class{}, refusedBefore(record, err)
	}
	s.customers.approach(ev.Customer)
	s.identities.approach(ev, s.clock)
	class, err := s.vocabulary.Classify(ev)
	if err != nil {
		return vocabulary.Class{}, err
	}
	if class.Forgets && s.config.ForgetByCommand && !s.forgets.cover(ev) {
		return vocabulary.Class{}, refuseToForgetByEvent(ev)
	}
	if home := event.PartitionOf(ev.Customer, s.config.Partitions); home != s.partition {
		return vocabulary.Class{}, refuseMisrouted(ev.Customer, s.partition, home)
	}
	if s.forgets.cover(ev) {
		return vocabulary.Class{}, errForgotten
	}
	if windows.TooFarAhead(ev.Time, s.clock, s.skew) {
		return vocabulary.Class{}, refuseTooFarAhead(ev.Time, s.clock, s.skew)
	}
	s.timing.Note(record, ev)

	if !class.Machine && !class.Forgets && s.customers.full() {
		if _, known := s.customers.Find(ev.Customer); !known && !s.members.makeRoom() {
			return vocabulary.Class{}, refuseCustomerLimit(ev.Customer, s.config.MaxCustomers)
		}
	}

	return class, nil
}

// refuseUnread says why a record is refused whatever is in it; nil where it is to be read.
func (s *Shard) refuseUnread(record *event.Record) error {
	if record.Forged {
		return refuseForged()
	}
	if s.imported.open && record.Lane == event.LaneEvent {
		return refuseImportOpen(s.imported.id)
	}
	if record.Unclocked && record.Rows != 0 {
		return refuseRows(record.Rows)
	}
	if record.Unclocked {
		return refuseUnclocked()
	}
	if s.timing.Beyond(record) {
		return refuseBeyondStore(record, s.skew)
	}
	if !s.imported.open && record.Lane == event.LaneHistory {
		return refuseNoImport()
	}

	return nil
}

// apply counts an accepted event once in everything that it belongs to. What
// scanners and bots do counts apart: it is no sign of a person, so it makes
// nobody a customer, and neither totals nor the feed know of it.
func (s *Shard) apply(ev *event.Event, class *vocabulary.Class) {
	e, err := s.rollups.see(ev, class, s.vocabulary, s.census.calendar.Day(ev.Time))
	if err != nil {
		s.cutter.failed = errors.Join(s.cutter.failed, err)

		return
	}
	if class.Machine {
		s.measure(e)

		return
	}
	index, known := s.members.find(ev.Customer)
	if !known {
		index = s.welcome(ev.Customer)
	}
	who := s.customers.At(index)
	if class.Kind == vocabulary.Unknown {
		s.losses.unknown++
	}
	if class.Kind != vocabulary.Exposure {
		s.feed.watch.Count(class.Channel)
	}
	s.rollups.count(ev, class, index, who)
	engagement := s.vocabulary.Engagement(ev, *class)
	if s.config.Currency != "" && string(ev.Currency) != s.config.Currency {
		engagement.Value = 0
	}
	e.Level = uint8(who.Churn.Level())
	s.detector.observe(index, who, engagement)
	e.Who = s.customers.who(index)
	s.measure(e)
	if e.Who != nil {
		s.customers.observe(e, index) // behind the metrics, which see the columns as they were before
	}
}

// measure counts an event in the metrics that look at it, and in cohorts.
func (s *Shard) measure(e *metric.Event) {
	if err := s.rollups.measure(); err != nil {
		s.cutter.failed = errors.Join(s.cutter.failed, err)
	}
	if len(s.cohorts.on) > 0 {
		s.cohorts.count(e, int64(e.Day), int64(s.census.calendar.Day(s.clock)))
	}
}

// hearLate takes a late event for a sign of life, and for nothing else: its
// windows are final, and nobody can tell whether it came before.
func (s *Shard) hearLate(ev *event.Event, class vocabulary.Class) {
	if class.Machine {
		return
	}
	engagement := s.vocabulary.Engagement(ev, class)
	index, known := s.members.find(ev.Customer)
	if !known {
		if !s.detector.model.TakesLate(&churn.State{}, engagement.Time, s.clock) {
			return
		}
		index = s.welcome(ev.Customer)
	}
	s.detector.observeLate(index, engagement)
}
