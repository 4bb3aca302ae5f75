package pipeline_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
)

// An import asks more often than learning steps begin. At a question in a step that
// was learned from, a shard counts nothing: the coordinator would not use it.
func TestReportsWhereNothingCanBeLearned(t *testing.T) {
	config := meaning.DefaultConfig()
	config.Partitions, config.Churn.Horizon = 1, (8 * 24 * time.Hour).Milliseconds() // a step is a day
	sh, err := shard.NewShard(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	var reports []fact.StatisticsReport
	sequence := uint64(0)
	at := time.Date(2026, 5, 4, 1, 0, 0, 0, time.UTC)
	take := func(control event.Control, body any) {
		t.Helper()
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := body.(string); ok {
			data = []byte(text)
		}
		sequence++
		record := event.Record{
			Sequence: sequence, Lane: event.LaneHistory, Control: control, Data: data, Clock: at.UnixMilli(), Stored: time.Now().UnixMilli(),
		}
		err = sh.Process(&record, func(cut *shard.Cut) {
			for _, message := range cut.Outputs[shard.Statistics] {
				var report fact.StatisticsReport
				if err := json.Unmarshal(message.Data, &report); err != nil {
					t.Fatal(err)
				}
				reports = append(reports, report)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask := func() (asked fact.StatisticsReport, counted bool) {
		t.Helper()
		question := uint64(len(reports) + 1)
		take(event.ControlTick, fact.TickMark{Coordinate: question})
		if len(reports) != int(question) {
			t.Fatalf("question %d has %d reports", question, len(reports))
		}
		asked = reports[question-1]

		return asked, asked.Statistics.Customers > 0
	}
	take(event.ControlStart, fact.StartMark{Import: "i", Source: "test"})
	for c := range 30 {
		take(event.ControlNone, fmt.Sprintf(`{"id":"%d","customer":"c%d","type":"order.completed","time":%q}`, c, c, timeText(at.UnixMilli())))
	}
	first, counted := ask()
	if _, again := ask(); !counted || !again {
		t.Fatalf("without parameters: counted %v, and then %v", counted, again)
	}
	learned := first.Parameters
	learned.Version, learned.Step = 1, first.Step
	take(event.ControlModel, fact.ModelFact{Import: "i", Coordinate: 1, Parameters: learned})
	at = at.Add(6 * time.Hour)
	if report, counted := ask(); counted || len(report.Rows) > 0 || report.Parameters.Version != 1 || report.Step != first.Step {
		t.Errorf("in the step that was learned from: counted %v, %d bytes of rows, %+v", counted, len(report.Rows), report.Step)
	}
	at = at.Add(24 * time.Hour)
	if _, counted := ask(); !counted {
		t.Error("in the next step nothing was counted")
	}
}
