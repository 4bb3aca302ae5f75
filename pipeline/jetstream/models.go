package jetstream

import (
	"context"
	"encoding/json"
	"fmt"

	"ebb/pipeline"
)

// modelWaiter follows the model records of all partitions.
type modelWaiter struct {
	reader   *reader
	lanes    lanes
	id       string   // of the import
	answered []uint64 // newest question with an answer, by partition
}

// WaitModel waits until the coordinator's answer to a question of this import,
// or to a later one, is stored in every partition. It counts the answers
// stored since the import began.
func (i *Import) WaitModel(ctx context.Context, question uint64) error {
	if i.models == nil {
		i.models = &modelWaiter{
			reader:   newReader(i.js, i.layout.Stream, i.marker.firstMarker(), i.layout.Prefix+"."+laneControl+".*"),
			lanes:    newLanes(i.layout),
			id:       i.marker.ID,
			answered: make([]uint64, i.layout.Partitions),
		}
	}

	for {
		missing, first := i.models.missing(question)
		if missing == 0 {
			return nil
		}
		deliveries, err := i.models.reader.read(ctx)
		if err != nil {
			return fmt.Errorf("wait for answer %d, which %d of %d partitions lack, the first of them %d; "+
				"is `ebb run` running? %w", question, missing, i.layout.Partitions, first, err)
		}
		for n := range deliveries {
			i.models.take(&deliveries[n])
		}
	}
}

func (w *modelWaiter) missing(question uint64) (count, first int) {
	first = -1
	for partition, have := range w.answered {
		if have >= question {
			continue
		}
		if count++; first < 0 {
			first = partition
		}
	}

	return count, first
}

func (w *modelWaiter) take(d *delivery) {
	_, partition, ok := w.lanes.parse(d.message.Subject)
	if !ok || d.message.Header.Get(pipeline.HeaderControl) != pipeline.ControlModel.String() {
		return
	}

	var fact pipeline.ModelFact
	// One that cannot be read is the shard's dead letter and nobody's answer.
	if json.Unmarshal(d.message.Data, &fact) == nil && fact.Import == w.id {
		w.answered[partition] = max(w.answered[partition], fact.Coordinate)
	}
}

// firstMarker is the sequence of the import's first marker.
func (m *importMarker) firstMarker() uint64 {
	if m.Opened > 0 {
		return m.Opened
	}

	return m.stored
}
