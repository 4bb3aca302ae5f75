package backtest

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"

	"ebb/pipeline/churn"
	"ebb/pipeline/coordinate"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/replay"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// shardSignals sends the file through a real shard of one partition with a
// real coordinator, ticks of the import standing where the backtest learns, and
// returns the signals.
func shardSignals(t *testing.T, text string, config churn.Config, slot, until int64) []wire.Signal {
	t.Helper()
	setup := meaning.DefaultConfig()
	setup.Partitions, setup.Churn = 1, config
	setup.Feed.SilentBelow = 0 // a log that ends is no feed that has gone silent
	setup.Lateness, setup.Skew = options().Lateness, options().Skew
	sh, err := shard.NewShard(setup, 0)
	if err != nil {
		t.Fatal(err)
	}
	var signals []wire.Signal
	var sequence uint64
	coordinator := coordinate.NewCoordinator(1, nil)
	var process func(record event.Record)
	emit := func(answers *[]event.Record) func(*shard.Cut) {
		return func(cut *shard.Cut) {
			for _, message := range cut.Outputs[shard.Signals] {
				var signal wire.Signal
				if err := json.Unmarshal(message.Data, &signal); err != nil {
					t.Fatal(err)
				}
				signals = append(signals, signal)
			}
			for _, message := range cut.Outputs[shard.Statistics] {
				var report fact.StatisticsReport
				if err := json.Unmarshal(message.Data, &report); err != nil {
					t.Fatal(err)
				}
				fact, ok, err := coordinator.Offer(report, false)
				if err != nil || !ok {
					t.Fatalf("the coordinator has no answer: %v", err)
				}
				body, err := json.Marshal(fact)
				if err != nil {
					t.Fatal(err)
				}
				*answers = append(*answers, event.Record{Lane: event.LaneControl, Control: event.ControlModel, Data: body})
			}
		}
	}
	process = func(record event.Record) {
		sequence++
		record.Sequence = sequence
		var answers []event.Record
		if err := sh.Process(&record, emit(&answers)); err != nil {
			t.Fatal(err)
		}
		for _, answer := range answers {
			process(answer)
		}
	}
	mark := func(control event.Control, clock int64, body any) {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		process(event.Record{Lane: event.LaneHistory, Control: control, Clock: clock, Data: data})
	}

	reader, err := replay.NewReader(textSource(text), plainMapping(t), replay.ReadOptions{Digest: "0123456789abcdef"})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var row replay.Row
	step := int64(0)
	tick := func(to int64) {
		for (step+1)*slot <= to {
			step++
			mark(event.ControlTick, step*slot, fact.TickMark{Coordinate: uint64(step)})
		}
	}
	for {
		err := reader.Next(&row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if sequence == 0 {
			step = row.Clock / slot
			mark(event.ControlStart, row.Clock, fact.StartMark{Import: "1", Source: "events"})
		}
		tick(row.Clock)
		process(event.Record{Lane: event.LaneHistory, Clock: row.Clock, Data: row.Body})
	}
	tick(until)
	mark(event.ControlTick, until, fact.TickMark{})

	return signals
}

// The backtest gives the very signals of a shard on the same events, late ones
// and duplicates among them.
func TestEngineIsAShard(t *testing.T) {
	text := shopFile(11, 120, 90) +
		csvRow(89, "c1", "order.completed") + // late, unless it happens to be in time
		csvRow(90, "c2", "order.completed") +
		csvRow(90.001, "c3", "order.completed") +
		csvRow(90.001, "c3", "order.completed")
	log := mustRead(t, text)
	config := tenDays()
	e, err := newEngine(config, len(log.Customers), log.First)
	if err != nil {
		t.Fatal(err)
	}
	for i := range log.Events {
		if err := e.take(&log.Events[i]); err != nil {
			t.Fatal(err)
		}
	}
	until := log.Last + 30*dayMS
	if err := e.advance(until); err != nil {
		t.Fatal(err)
	}
	var got []wire.Signal
	for _, change := range e.changes {
		signal := wire.Signal{
			Signal: wire.Cleared, Customer: log.Customers[change.Customer], Level: change.To.String(), Previous: change.From.String(),
			At: change.At, Risk: change.Score.Risk(), Episode: change.Episode,
		}
		if change.Raised {
			signal.Signal = wire.Raised
		}
		got = append(got, signal)
	}
	var want []wire.Signal
	for _, signal := range shardSignals(t, text, config, e.model.Slot(), until) {
		want = append(want, wire.Signal{
			Signal: signal.Signal, Customer: signal.Customer, Level: signal.Level, Previous: signal.Previous,
			At: signal.At, Risk: signal.Risk, Episode: signal.Episode,
		})
	}
	if len(want) < 100 {
		t.Fatalf("only %d signals; the test needs more", len(want))
	}
	if !slices.EqualFunc(got, want, equalSignals) {
		for i := range min(len(got), len(want)) {
			if !equalSignals(got[i], want[i]) {
				t.Fatalf("signal %d of %d is %+v, want %+v", i, len(got), got[i], want[i])
			}
		}
		t.Fatalf("%d signals, want %d", len(got), len(want))
	}
	if by := learnedBy(e); by < 0.01 {
		t.Errorf("no weight has moved by more than %v; the test needs a longer log", by)
	}
}

func equalSignals(a, b wire.Signal) bool {
	return a.Signal == b.Signal && a.Customer == b.Customer && a.Level == b.Level && a.Previous == b.Previous &&
		a.At == b.At && a.Risk == b.Risk && a.Episode == b.Episode
}
