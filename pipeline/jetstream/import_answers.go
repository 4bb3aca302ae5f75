package jetstream

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/shard"
)

// answerReader follows the coordinator's answers to an import's questions.
type answerReader struct {
	reader *reader
	prefix string
	id     string // of the import
	key    *sealKey
	stream string // of the answers
	opened int64  // Unix ms; what is older answers the same import into a stream of before

	// What has been read, by question: of each partition the answer about
	// alerts, nil for none, and behind it the model.
	answers map[uint64][]answer
}

type answer struct{ alerts, model []byte }

// Answers waits until the coordinator has answered a question of this import in
// every partition, and puts the answers behind what was appended: so they stand
// at the same place however long that took. They are stored with what follows them,
// by Append, Flush, End, Abort or Freeze. The answer about alerts, where
// there is one, comes before the model, as the coordinator gives them.
func (i *Import) Answers(ctx context.Context, question uint64) error {
	if err := i.Flush(ctx); err != nil { // the question itself may be on its way
		return err
	}
	if i.answers == nil {
		opened, err := leader{i.js, i.layout.Stream}.at(ctx, i.marker.firstMarker())
		if err != nil {
			return fmt.Errorf("read the first marker of import %s: %w", i.marker.ID, err)
		}
		key, err := i.keys.get(ctx)
		if err != nil {
			return err
		}
		subjects := i.layout.answerSubjects("")
		i.answers = &answerReader{
			key:    key,
			stream: i.layout.StreamName(shard.Statistics),
			// From the first on: an import may have been interrupted.
			reader:  newReader(i.js, i.layout.StreamName(shard.Statistics), 1, subjects+"*"),
			prefix:  subjects,
			id:      i.marker.ID,
			opened:  opened.Time.UnixMilli(),
			answers: map[uint64][]answer{},
		}
	}
	found, err := i.answers.await(ctx, question, i.layout.Partitions)
	if err != nil {
		return err
	}
	var facts []HistoryRecord
	for partition, a := range found {
		if a.alerts != nil {
			facts = append(facts, HistoryRecord{Partition: partition, Clock: i.marker.Clock, Control: event.ControlAlerts, Body: a.alerts})
		}
		facts = append(facts, HistoryRecord{Partition: partition, Clock: i.marker.Clock, Control: event.ControlModel, Body: a.model})
	}
	i.unstored = append(i.unstored, facts...) // they go out with what follows them

	return nil
}

// await reads until the answers to a question are complete.
func (r *answerReader) await(ctx context.Context, question uint64, partitions int) ([]answer, error) {
	for {
		missing, first := r.missing(question, partitions)
		if missing == 0 {
			found := r.answers[question]
			maps.DeleteFunc(r.answers, func(q uint64, _ []answer) bool { return q <= question })

			return found, nil
		}
		deliveries, err := r.reader.read(ctx)
		if err != nil {
			return nil, fmt.Errorf("wait for answer %d, which %d of %d partitions lack, the first of them %d; "+
				"is `ebb run` running? %w", question, missing, partitions, first, err)
		}
		for n := range deliveries {
			r.take(&deliveries[n], question, partitions)
		}
	}
}

func (r *answerReader) missing(question uint64, partitions int) (count, first int) {
	found := r.answers[question]
	if found == nil {
		return partitions, 0
	}
	first = -1
	for partition := range found {
		if found[partition].model != nil {
			continue
		}
		if count++; first < 0 {
			first = partition
		}
	}

	return count, first
}

// take keeps an answer to a question from least on. Of several to one question
// the first holds: what follows a model is another coordinator's.
func (r *answerReader) take(d *delivery, least uint64, partitions int) {
	partition, ok := parseNumber(d.message.Subject[len(r.prefix):])
	if !ok || partition >= uint64(partitions) || d.stored < r.opened {
		return
	}
	name, seal := d.message.Header.Get(event.HeaderControl), d.message.Header.Get(headerSeal)
	if !r.key.before(r.stream, d.sequence) && !r.key.holds(seal, d.message.Subject, []byte(name), d.message.Data) {
		return // a stranger's
	}
	control := event.ParseControl(name)
	var question uint64
	switch control {
	case event.ControlModel:
		var said fact.ModelFact
		if json.Unmarshal(d.message.Data, &said) != nil || said.Import != r.id {
			return
		}
		question = said.Coordinate
	case event.ControlAlerts:
		var said fact.AlertsFact
		if json.Unmarshal(d.message.Data, &said) != nil || said.Import != r.id {
			return
		}
		question = said.Question
	}
	if question < least || question == 0 {
		return
	}
	if r.answers[question] == nil {
		r.answers[question] = make([]answer, partitions)
	}
	a := &r.answers[question][partition]
	switch {
	case a.model != nil:
	case control == event.ControlModel:
		a.model = d.message.Data
	case a.alerts == nil:
		a.alerts = d.message.Data
	}
}

// firstMarker is the sequence of the import's first marker.
func (m *importMarker) firstMarker() uint64 {
	if m.Opened > 0 {
		return m.Opened
	}

	return m.stored
}
