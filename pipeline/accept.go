package pipeline

import (
	"ebb/pipeline/amount"
	"ebb/pipeline/churn"
	"ebb/windows"
)

// accept takes an event through its verdicts, in this order: refused, late,
// duplicate, accepted. Lateness comes before duplication, so that identities
// need to be kept for no longer than the lateness: an older copy is late, and
// never counted twice.
func (s *Shard) accept(record *Record) {
	class, err := s.admit(record)
	if err != nil {
		s.refuse(record, err)

		return
	}
	event := &s.event
	if forgotten := s.forgotten(event); forgotten || event.Time < s.watermark() {
		s.counts.LateDropped++
		if forgotten {
			s.counts.Forgotten++
		}
		s.publishLate(record, event)
		s.hearLate(event, class)

		return
	}
	if s.seen(event) {
		s.counts.Duplicates++

		return
	}
	s.counts.Processed++

	s.apply(event, class)
}

// admit says what kind of event the record holds, or why it is refused.
func (s *Shard) admit(record *Record) (Class, error) {
	event := &s.event
	if record.Forged {
		return Class{}, refuseForged()
	}
	if s.imported.open && record.Lane == LaneEvent {
		return Class{}, refuseImportOpen(s.imported.id)
	}
	if record.Unclocked && record.Rows != 0 {
		return Class{}, refuseRows(record.Rows)
	}
	if record.Unclocked {
		return Class{}, refuseUnclocked()
	}
	if s.beyondStore(record) {
		return Class{}, refuseBeyondStore(record, s.skew)
	}
	if !s.imported.open && record.Lane == LaneHistory {
		return Class{}, refuseNoImport()
	}
	if err := s.decoder.Decode(record.Data, event); err != nil {
		return Class{}, err
	}
	class, err := s.vocabulary.Classify(event)
	if err != nil {
		return Class{}, err
	}
	if home := PartitionOf(event.Customer, s.config.Partitions); home != s.partition {
		return Class{}, refuseMisrouted(event.Customer, s.partition, home)
	}
	if windows.TooFarAhead(event.Time, s.clock, s.skew) {
		return Class{}, refuseTooFarAhead(event.Time, s.clock, s.skew)
	}
	if record.Lane == LaneEvent && s.stored.ahead == 0 {
		s.stored.note(event.Customer, record.Clock-event.Time)
	}

	if !class.Machine && s.customers.len() >= s.config.MaxCustomers {
		if _, known := s.customers.find(event.Customer); !known && !s.makeRoom() {
			return Class{}, refuseCustomerLimit(event.Customer, s.config.MaxCustomers)
		}
	}

	return class, nil
}

// apply counts an accepted event once in everything that it belongs to. What
// scanners and bots do counts apart: it is no sign of a person, so it makes
// nobody a customer, and neither totals nor the feed know of it.
func (s *Shard) apply(event *Event, class Class) {
	if class.Machine {
		s.windows.Add(keyMachine, event.Time, 0)

		return
	}
	index, known := s.find(event.Customer)
	if !known {
		index = s.welcome(event.Customer)
	}
	who := s.customers.at(index)
	if class.Kind == Unknown {
		s.losses.unknown++
	}

	var value amount.Amount
	var currency []byte
	if event.Has(HasValue) {
		value, currency = event.Value, event.Currency
	}
	kind := kindKey(class.Kind)
	s.windows.Add(kind, event.Time, 0)
	s.windows.AddSum(s.keys.ofType(class.Type, currency), event.Time, windows.Sum(value))
	if class.Kind != Exposure {
		s.feed.Count(class.Channel)
		s.windows.Add(keyTotal, event.Time, 0)
		s.windows.Add(s.keys.channels[class.Channel], event.Time, 0)
		s.windows.Touch(keyTotal, index, &who.activity[keyTotal], event.Time)
		if kind < distinctKeys {
			s.windows.Touch(kind, index, &who.activity[kind], event.Time)
		}
	}
	engagement := s.vocabulary.Engagement(event, class)
	if s.config.Currency != "" && string(event.Currency) != s.config.Currency {
		engagement.Value = 0
	}
	s.observe(index, who, engagement)
}

// hearLate takes a late event for a sign of life, and for nothing else: its
// windows are final, and nobody can tell whether it came before.
func (s *Shard) hearLate(event *Event, class Class) {
	if class.Machine {
		return
	}
	engagement := s.vocabulary.Engagement(event, class)
	index, known := s.find(event.Customer)
	if !known {
		if !s.model.TakesLate(&churn.State{}, engagement.Time, s.clock) {
			return
		}
		index = s.welcome(event.Customer)
	}
	s.believe(&s.customers.at(index).churn, &engagement)
	s.observed(index, &s.customers.at(index).churn, func(state *churn.State) bool { return s.model.ObserveLate(state, engagement) })
}
