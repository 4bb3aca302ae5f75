package jetstream

import (
	"encoding/json"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
)

// startMarks are those of the last left partitions: marks are stored in the
// order of the partitions.
func (i *Import) startMarks(left int, clock int64) ([]HistoryRecord, error) {
	body, err := json.Marshal(fact.StartMark{
		Import: i.marker.ID, Source: i.marker.Source, ShiftMS: i.marker.ShiftMS, Expired: i.marker.Expired,
	})
	if err != nil {
		return nil, err
	}

	return i.markRecords(i.layout.Partitions-left, clock, event.ControlStart, body), nil
}

func (i *Import) endMarks(aborted bool) ([]HistoryRecord, error) {
	body, err := json.Marshal(struct {
		Import  string `json:"import"`
		Aborted bool   `json:"aborted"`
	}{i.marker.ID, aborted})
	if err != nil {
		return nil, err
	}
	// A partition without a start mark has nothing to end.
	return i.markRecords(i.marker.Ends, i.marker.Clock, event.ControlEnd, body)[:max(i.marker.Starts-i.marker.Ends, 0)], nil
}

func (i *Import) markRecords(from int, clock int64, control event.Control, body []byte) []HistoryRecord {
	var marks []HistoryRecord
	for partition := from; partition < i.layout.Partitions; partition++ {
		marks = append(marks, HistoryRecord{Partition: partition, Clock: clock, Control: control, Body: body})
	}

	return marks
}
