package shard

import (
	"encoding/json"
	"fmt"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
)

// maxImportBytes bounds the id of an import, which every report repeats.
const maxImportBytes = 128

// control takes a control record. Facts carry versions, so one that arrives
// twice changes nothing.
func (s *Shard) control(record *event.Record) {
	if record.Unclocked {
		s.refuse(record, refuseUnclocked())

		return
	}
	if s.beyondStore(record) {
		s.refuse(record, refuseBeyondStore(record, s.skew))

		return
	}
	var err error
	switch record.Control {
	case event.ControlTick:
		err = s.tick(record)
	case event.ControlModel:
		err = s.learn(record)
	case event.ControlAlerts:
		err = s.alert(record)
	case event.ControlStart:
		err = s.start(record)
	case event.ControlEnd:
		err = s.end(record)
	case event.ControlConfig:
		err = s.configure(record)
	default:
		err = refuseUnreadableControl("Ebb-Control", "a type that this version does not know",
			"upgrade ebb, or remove the record")
	}
	if err != nil {
		s.refuse(record, err)

		return
	}
	s.counts.Control++
}

func (s *Shard) tick(record *event.Record) error {
	if record.Lane != event.LaneHistory || !s.imported.open {
		return nil // its clock was all it had to say
	}
	var mark fact.TickMark
	if err := s.read(record, &mark); err != nil {
		return err
	}
	if mark.Coordinate > 0 {
		s.openQuestion(mark.Coordinate)
		s.report(mark.Coordinate)
	}

	return nil
}

func (s *Shard) learn(record *event.Record) error {
	var said fact.ModelFact
	if err := s.read(record, &said); err != nil {
		return err
	}
	if said.Horizon != 0 && said.Horizon != s.model.Horizon() {
		return nil // learned for another horizon, which was in force when it was asked for
	}
	changed := s.model.SetParameters(said.Parameters)
	s.sampler.Learned(s.model.Parameters().Step)
	if changed {
		s.reschedule()
	}

	return nil
}

func (s *Shard) start(record *event.Record) error {
	var mark fact.StartMark
	if err := s.read(record, &mark); err != nil {
		return err
	}
	if record.Lane != event.LaneHistory || mark.Import == "" || len(mark.Import) > maxImportBytes {
		return refuseUnreadableControl("import", mark.Import, "start an import with ebb replay")
	}
	if s.imported.open && s.imported.id != mark.Import {
		return refuseUnreadableControl("import", mark.Import,
			"import "+s.imported.id+" is open; go on with it, or give it up with ebb replay --abort")
	}
	s.leaveStoreTime()
	if !s.imported.open {
		s.expired.begin(s.clock, s.watermark(), s.expiredUntil(&mark))
	}
	s.imported = importState{open: true, id: mark.Import}

	return nil
}

func (s *Shard) end(record *event.Record) error {
	var mark fact.EndMark
	if err := s.read(record, &mark); err != nil {
		return err
	}
	if s.imported.open && mark.Import == s.imported.id {
		s.imported = importState{}
		s.leaveStoreTime()
	}

	return nil
}

func (s *Shard) read(record *event.Record, mark any) error {
	if err := json.Unmarshal(record.Data, mark); err != nil {
		return refuseUnreadableControl("body", fmt.Sprintf("%.60q", record.Data), err.Error())
	}

	return nil
}

// reportLive sends statistics at the first cut of a coordinator interval, if
// there is something to learn: a learning step has begun since the parameters
// in use, or there are none yet. It does so at every interval until an answer
// comes, so an answer that gets lost is asked for again. So it does for alerts,
// from the first cut of their period on.
func (s *Shard) reportLive() {
	if s.imported.open {
		return
	}
	begins := s.openPeriod()
	interval := s.clock / s.config.CoordinateInterval.Milliseconds()
	if interval <= s.interval && !begins {
		return
	}
	s.interval = interval
	used, step := s.model.Parameters(), s.model.Step(s.clock)
	if begins || s.asksForAlerts() || used.Version == 0 || step > used.Step {
		s.report(uint64(step))
	}
}

func (s *Shard) report(coordinate uint64) {
	rows := s.sampler.Report(s.model, s.clock, s.stateOf)
	s.out.reports = append(s.out.reports, fact.StatisticsReport{
		Schema:     2,
		Partition:  s.partition,
		Import:     s.imported.id,
		Coordinate: coordinate,
		Clock:      s.clock,
		Step:       s.model.Step(s.clock),
		Horizon:    s.model.Horizon(),
		Parameters: *s.model.Parameters(),
		Statistics: s.statistics(),
		Rows:       churn.AppendRows(nil, rows),
		Alerts:     s.alertRound(),
	})
}
