package shard

import (
	"encoding/json"
	"errors"
	"fmt"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/format/native"
	"ebb/pipeline/meaning"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// This file changes the configuration of a shard while it runs. Change is input:
// a configuration record stands in every partition's control lane, and is in force
// from its position on, in every replay. In front of it there is a cut, so that
// every output was made under one configuration; behind it the shard goes on with
// all that it holds. A record whose version is not above the one in force changes
// nothing, so records may come twice, and late.
//
// A configuration record does not move the clock: a partition that has had nothing
// else yet is as new as before, so that history can still be imported into it.
//
// What becomes of the state:
//
//   - The watermark never goes back. What is final stays final, and what was late
//     is late: a longer lateness reaches back as far as it says only once the clock
//     has moved on by it.
//   - Types and channels keep their indexes; see vocabulary.Dictionary.
//   - Under another horizon every customer keeps their history; learning begins
//     with the prior, and labels that wait for the former horizon are dropped.
//   - Levels, timers and who stays are judged anew, at once.
//   - The alerts of the period are given as they were to be; what changes about
//     them is in force from the next period on.

// MaxConfigBytes bounds a configuration as JSON, which travels in one message and
// stands in every snapshot. Large is only a vocabulary: 4,096 types with long names
// and every detail stay below it, if their names are no longer than is usual.
const MaxConfigBytes = 768 << 10

// EncodeConfig makes the body of a configuration record. It checks that the
// configuration can be in force at all.
func EncodeConfig(version uint64, config meaning.Config) ([]byte, error) {
	if _, err := NewShard(config, 0); err != nil {
		return nil, err
	}
	body, err := json.Marshal(meaning.Fact{Version: version, Config: config.InOrder()})
	if err != nil {
		return nil, fmt.Errorf("encode the configuration: %w", err)
	}
	if len(body) > MaxConfigBytes {
		return nil, fmt.Errorf("the configuration takes %d bytes, of which the vocabulary is the most; at most %d are possible: "+
			"leave out entries that say what the default vocabulary says, or shorten their names", len(body), MaxConfigBytes)
	}

	return body, nil
}

// change is a configuration that a record brings into force.
type change struct {
	fact       meaning.Fact
	vocabulary *vocabulary.Vocabulary
	model      *churn.Model
}

// readConfig reads a configuration record: nil where it changes nothing.
func (s *Shard) readConfig(record *event.Record) (*change, error) {
	if record.Lane != event.LaneControl {
		return nil, refuseUnreadableControl("Ebb-Control", "config on a lane of history", "change the configuration with ebb config apply")
	}
	if len(record.Data) > MaxConfigBytes {
		return nil, refuseUnreadableControl("config", fmt.Sprintf("%d bytes", len(record.Data)),
			fmt.Sprintf("at most %d are possible: shorten the vocabulary", MaxConfigBytes))
	}
	var fact meaning.Fact
	if err := s.read(record, &fact); err != nil {
		return nil, err
	}
	if fact.Version <= s.force.Version {
		return nil, nil
	}
	refuse := func(err error) error {
		return refuseUnreadableControl("config", fmt.Sprintf("version %d", fact.Version), err.Error())
	}
	fact.Config = fact.Config.As(&s.config)
	err := fact.Config.Validate()
	if err != nil {
		return nil, refuse(err)
	}
	c := &change{fact: fact}
	if c.vocabulary, err = vocabulary.Grow(fact.Config.Vocabulary, s.vocabulary.Dictionary()); err != nil {
		return nil, refuse(err)
	}
	if c.model, err = s.model.Carry(fact.Config.Churn, s.clock); err != nil {
		return nil, refuse(err)
	}
	if err := fact.Config.Windows().Validate(); err != nil {
		return nil, refuse(err)
	}

	return c, nil
}

// cutBeforeConfig makes the cut in front of a record that changes the
// configuration.
func (s *Shard) cutBeforeConfig(record *event.Record, emit func(*Cut)) error {
	if record.Control != event.ControlConfig || s.sinceCut == 0 { // or the cut is made already
		return nil
	}
	if c, _ := s.readConfig(record); c == nil { // or it becomes a dead letter
		return nil
	}

	return s.cut(emit)
}

// configure puts the configuration of a record into force.
func (s *Shard) configure(record *event.Record) error {
	c, err := s.readConfig(record)
	if err != nil || c == nil {
		return err
	}
	if err := s.reconfigure(c); err != nil {
		s.failed = errors.Join(s.failed, err)
	}
	s.force = meaning.Force{Version: c.fact.Version, Since: record.Sequence, Clock: s.clock}

	return nil
}

// reconfigure goes on under another configuration. What can be wrong with one was
// looked at before; an error means that the state can't be trusted any more.
func (s *Shard) reconfigure(c *change) error {
	was, to := s.config, c.fact.Config
	s.leave(s.clock, s.allGone()...) // who has left by the former rules has left
	if err := s.reconfigureTime(&to); err != nil {
		return err
	}
	s.reconfigureFeed(c.vocabulary, &to)
	s.vocabulary = c.vocabulary
	s.keys.grow(c.vocabulary)
	s.reconfigureChurn(c.model, was.Currency, to.Currency)
	s.alerts.reconfigure(s.clock, &to)
	s.config, s.encoded = to, nil
	s.decoder = native.NewDecoder(to.MaxEventBytes)
	s.keep, s.roomFrom = to.KeepMS(), 0
	s.departed.most = max(1, to.MaxCustomers/2)
	s.interval = s.clock / to.CoordinateInterval.Milliseconds()
	s.reschedule()

	return nil
}

// reconfigureTime changes lateness, skew, and what is remembered of duplicates.
func (s *Shard) reconfigureTime(to *meaning.Config) error {
	if _, started := s.windows.Clock(); started { // else nothing came yet
		s.emitWindows() // of events that waited for this record's time
		s.floor = s.watermark()
	}
	s.lateness, s.skew = to.Lateness.Milliseconds(), to.Skew.Milliseconds()
	step := newStoreClock(to).step
	s.stored.step = step
	err := s.windows.Reconfigure(s.lateness, s.skew, func(visit func(uint32, windows.Key, *windows.Activity)) {
		for index := range s.customers.Count {
			if s.customers.Vacant(index) {
				continue
			}
			who := s.customers.At(index)
			for key := range who.Activity {
				visit(index, windows.Key(key), &who.Activity[key])
			}
		}
	})
	if err != nil {
		return fmt.Errorf("change lateness and skew: %w", err)
	}

	return s.reconfigureRing(to)
}

// reconfigureRing goes on with what is remembered of events. Where duplicates are
// told in another way from here on, what was remembered in the former way is asked
// as well, until it is forgotten. There is one such memory: with a third way before
// that, events as old as those of the first one are late.
func (s *Shard) reconfigureRing(to *meaning.Config) error {
	ring := to.Duplicates.Ring(to.Lateness)
	if to.Duplicates.ByID == s.config.Duplicates.ByID {
		return s.ring.Reconfigure(ring)
	}
	if s.former != nil && s.former.Len() > 0 {
		s.floor = max(s.floor, s.clock)
	}
	next, err := windows.NewRing(ring)
	if err != nil {
		return err
	}
	s.former, s.ring = s.ring, next

	return nil
}

// reconfigureChurn goes on with every customer's history.
func (s *Shard) reconfigureChurn(model *churn.Model, from, to string) {
	if model.Horizon() != s.model.Horizon() {
		for index := range s.customers.Count {
			if !s.customers.Vacant(index) {
				model.CarryState(s.model, &s.customers.At(index).Churn, s.clock)
			}
		}
		s.sampler = s.sampler.Carry(model)
	}
	if to != "" && to != from {
		only := churn.CurrencyOf([]byte(to))
		for index := range s.customers.Count {
			if !s.customers.Vacant(index) && !s.stateOf(index).Pays(only) {
				s.customers.At(index).Churn.KeepPurse(only)
			}
		}
	}
	s.model = model
}

// reconfigure changes how many alerts are given, and how often. A round that has
// begun goes on with its budget, unless there is none any more or the periods have
// another length. Then the next one begins with the next period, so that no period
// gets more than its budget.
func (a *alerts) reconfigure(clock int64, to *meaning.Config) {
	if to.AlertBudget == 0 {
		a.asking, a.candidates, a.purses = false, nil, nil

		return
	}
	every := to.AlertEvery.Milliseconds()
	if a.round.Every == 0 || a.round.Every == every {
		return
	}
	next := alerts{round: fact.RoundKey{Period: clock / every, Every: every}}
	if a.from > 0 { // the coordinator has heard of the partition
		next.from = next.round.Period
	}
	*a = next
}

// watermark is before what events are late. It never goes back.
func (s *Shard) watermark() int64 {
	return max(s.floor, windows.Watermark(s.clock, s.lateness))
}

// Force says which configuration is in force.
func (s *Shard) Force() meaning.Force {
	force := s.force
	s.configJSON()
	force.Hash = s.hash

	return force
}

// Config is the configuration in force.
func (s *Shard) Config() meaning.Config { return s.config }
