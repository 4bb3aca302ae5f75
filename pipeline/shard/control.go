package shard

import (
	"encoding/json"
	"fmt"

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
	if s.timing.Beyond(record) {
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
		var said fact.AlertsFact
		if err = readMark(record, &said); err == nil {
			s.alerts.answered(&said)
		}
	case event.ControlStart:
		err = s.start(record)
	case event.ControlEnd:
		err = s.end(record)
	case event.ControlConfig:
		err = s.configure(record)
	case event.ControlForget, event.ControlForgotten, event.ControlErased, event.ControlRemains:
		err = s.forgetting(record)
	case event.ControlJoin:
		err = s.join(record)
	case event.ControlMove:
		err = s.move(record)
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
	if err := readMark(record, &mark); err != nil {
		return err
	}
	if mark.Coordinate > 0 {
		s.reporter.answer(mark.Coordinate)
	}
	if mark.Last {
		s.cohorts.due()
	}

	return nil
}

func (s *Shard) learn(record *event.Record) error {
	var said fact.ModelFact
	if err := readMark(record, &said); err != nil {
		return err
	}
	if said.Horizon != 0 && said.Horizon != s.detector.model.Horizon() {
		return nil // learned for another horizon, which was in force when it was asked for
	}
	if s.detector.learn(said.Parameters) {
		s.members.leave(s.clock, s.detector.reschedule()...)
	}

	return nil
}

func (s *Shard) start(record *event.Record) error {
	var mark fact.StartMark
	if err := readMark(record, &mark); err != nil {
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
		s.expired.begin(s.clock, s.watermark(), expiredUntil(&mark, s.config.Lengths))
	}
	s.imported = importState{open: true, id: mark.Import}

	return nil
}

func (s *Shard) end(record *event.Record) error {
	var mark fact.EndMark
	if err := readMark(record, &mark); err != nil {
		return err
	}
	if s.imported.open && mark.Import == s.imported.id {
		s.imported = importState{}
		s.leaveStoreTime()
	}

	return nil
}

// readMark reads the body of a control record.
func readMark(record *event.Record, mark any) error {
	if err := json.Unmarshal(record.Data, mark); err != nil {
		return refuseUnreadableControl("body", fmt.Sprintf("%.60q", record.Data), err.Error())
	}

	return nil
}

// leaveStoreTime is where an import begins or ends: what waits is judged, and the
// store times begin anew.
func (s *Shard) leaveStoreTime() {
	s.timing.Settle()
	s.wake()
	s.timing.Forget()
}
