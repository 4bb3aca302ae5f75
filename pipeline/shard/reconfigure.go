package shard

import (
	"encoding/json"
	"errors"
	"fmt"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/section"
	"ebb/pipeline/vocabulary"
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
//   - A day of the calendar is counted once: the next one is that after the last that
//     was, in whichever zone.
//   - Columns that no metric and no rollup reads any more are forgotten. Those that one reads again
//     begin with zeroes, here: nobody has looked at what came in between.
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

// read reads a configuration record: nil where it changes nothing. The vocabulary and
// the model are those in force.
func (s *settings) read(record *event.Record, vocab *vocabulary.Vocabulary, model *churn.Model, clock int64) (*change, error) {
	if record.Lane != event.LaneControl {
		return nil, refuseUnreadableControl("Ebb-Control", "config on a lane of history", "change the configuration with ebb config apply")
	}
	if len(record.Data) > MaxConfigBytes {
		return nil, refuseUnreadableControl("config", fmt.Sprintf("%d bytes", len(record.Data)),
			fmt.Sprintf("at most %d are possible: shorten the vocabulary", MaxConfigBytes))
	}
	var fact meaning.Fact
	if err := readMark(record, &fact); err != nil {
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
	if c.vocabulary, err = vocabulary.Grow(fact.Config.Vocabulary, vocab.Dictionary()); err != nil {
		return nil, refuse(err)
	}
	if c.model, err = model.Carry(fact.Config.Churn, clock); err != nil {
		return nil, refuse(err)
	}
	if err := fact.Config.Windows().Validate(); err != nil {
		return nil, refuse(err)
	}

	return c, nil
}

// changes says whether a configuration record changes anything that records since the
// last cut came before: then there is a cut in front of it.
func (s *Shard) changes(record *event.Record) bool {
	if s.cutter.since == 0 {
		return false // the cut is made already
	}
	c, _ := s.settings.read(record, s.vocabulary, s.detector.model, s.clock)

	return c != nil // else it becomes a dead letter, or is known
}

// configure puts the configuration of a record into force. There has been a cut in front
// of it.
func (s *Shard) configure(record *event.Record) error {
	c, err := s.settings.read(record, s.vocabulary, s.detector.model, s.clock)
	if err != nil || c == nil {
		return err
	}
	if err := s.reconfigure(c); err != nil {
		s.cutter.failed = errors.Join(s.cutter.failed, err)
	}
	s.force = meaning.Force{Version: c.fact.Version, Since: record.Sequence, Clock: s.clock}

	return nil
}

// reconfigure goes on under another configuration. What can be wrong with one was
// looked at before; an error means that the state can't be trusted any more.
func (s *Shard) reconfigure(c *change) error {
	was, to := s.config, c.fact.Config
	s.members.leave(s.clock, s.customers.allGone(s.clock)...) // who has left by the former rules has left
	if err := s.reconfigureTime(&to); err != nil {
		return err
	}
	s.feed.reconfigure(s.vocabulary, c.vocabulary, &was, &to)
	s.detector.resume(s.clock)
	s.vocabulary = c.vocabulary
	s.keys.grow(c.vocabulary)
	s.keys.switchOn(to.Metrics, false)
	s.cohorts.switchOn(to.Metrics)
	s.keys.rollups(to.Rollups)
	s.detector.reconfigure(c.model, &was, &to)
	s.alerts.reconfigure(&to)
	s.settings.change(&to)
	s.readEvents(to.MaxEventBytes)
	s.customers.reconfigure(&to)
	s.customers.keepColumns(to.Metrics, to.Rollups, section.Since{Sequence: s.sequence, Clock: s.clock})
	s.cutter.reconfigure(&to)
	s.reporter.reconfigure(&to)
	s.joins.reconfigure(&to)
	if err := s.census.reconfigure(&to); err != nil {
		return err
	}
	s.members.leave(s.clock, s.detector.reschedule()...)

	return nil
}

// reconfigureTime changes lateness, skew, and what is remembered of duplicates.
func (s *Shard) reconfigureTime(to *meaning.Config) error {
	if _, started := s.windows.Clock(); started { // else nothing came yet
		s.rollups.emit() // of events that waited for this record's time
		s.floor = s.watermark()
	}
	s.lateness, s.skew = to.Lateness.Milliseconds(), to.Skew.Milliseconds()
	s.timing.Reconfigure(to)
	if err := s.windows.Reconfigure(s.lateness, s.skew, s.customers.activities); err != nil {
		return fmt.Errorf("change lateness and skew: %w", err)
	}
	allLate, err := s.identities.reconfigure(to)
	if allLate {
		s.floor = max(s.floor, s.clock)
	}

	return err
}
