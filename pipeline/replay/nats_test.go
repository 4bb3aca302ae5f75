package replay_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/replay"
)

// streamImport is an import in a real stream. It answers its own questions, as
// the coordinator would.
type streamImport struct {
	*jetstream.Import
	layout      jetstream.Layout
	coordinator *jetstream.Coordinator
}

func (s streamImport) Status() replay.Status {
	now := s.Import.Status()

	return replay.Status{
		Import: now.ID, Source: now.Source, ShiftMS: now.ShiftMS, State: replay.State(now.State),
		Rows: uint64(now.Rows), Records: uint64(now.Records), Clock: now.Clock, PackRows: now.PackRows,
	}
}

func (s streamImport) Append(ctx context.Context, records []event.Record) error {
	history := make([]jetstream.HistoryRecord, len(records))
	for i, r := range records {
		history[i] = jetstream.HistoryRecord{Partition: r.Partition, Clock: r.Clock, Control: r.Control, Rows: r.Rows, Body: r.Data}
	}

	return s.Import.Append(ctx, history)
}

func (s streamImport) Answers(ctx context.Context, k uint64) error {
	answer, err := json.Marshal(fact.ModelFact{Import: s.Status().Import, Coordinate: k})
	if err != nil {
		return err
	}
	for partition := range s.layout.Partitions {
		if err := s.coordinator.PublishModel(ctx, partition, s.Status().Import, answer); err != nil {
			return err
		}
	}

	return s.Import.Answers(ctx, k)
}

// An import into a real stream that is stopped again and again leaves the
// records of its sequence there, each once and in the order of its partition,
// however many rows a record holds.
func TestImportIntoAStreamGoesOnWhereItStopped(t *testing.T) {
	for _, rows := range []int{1, 7, 256} {
		t.Run(fmt.Sprintf("%d rows a record", rows), func(t *testing.T) { importStoppedAgainAndAgain(t, rows) })
	}
}

func importStoppedAgainAndAgain(t *testing.T, packRows int) {
	js, err := jetstream.Connect(t.Context(), jetstream.ConnectConfig{URL: localtest.NATS(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer js.Conn().Close()
	layout := jetstream.Layout{Partitions: 4}.WithDefaults()
	if err := jetstream.Provision(t.Context(), js, layout); err != nil {
		t.Fatal(err)
	}

	var rows strings.Builder
	rows.WriteString("event_time,customer_id,event_type,value\n")
	for i := range 7000 {
		fmt.Fprintf(&rows, "2004-10-19T%02d:%02d:%02dZ,c%d,page.viewed,\n", i/3600, i/60%60, i%60, i%50)
	}
	source := replay.Source{Name: "rows.csv", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(rows.String())), nil }}
	mapping, err := replay.Detect(source)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := replay.NewPlan(source, mapping, replay.Options{Partitions: layout.Partitions, TickRows: 1000, CoordinateRows: 3000})
	if err != nil {
		t.Fatal(err)
	}

	stops := 0
	for done := false; !done; {
		open, err := jetstream.OpenImport(t.Context(), js, layout, jetstream.ImportConfig{ID: plan.Import, Source: source.Name, PackRows: packRows})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		batches := 0
		err = replay.Run{
			Plan: plan, Resume: true, Writer: streamImport{open, layout, jetstream.NewCoordinator(js, layout)},
			Progress: func(replay.Progress) {
				if batches++; batches == 3 {
					cancel()
				}
			},
		}.Import(ctx)
		cancel()
		open.Close()
		switch {
		case err == nil:
			done = true
		case errors.Is(err, context.Canceled):
			stops++
		default:
			t.Fatal(err)
		}
	}
	if stops < 2 {
		t.Errorf("the import was stopped %d times; the test wants more", stops)
	}

	want := sequence(t, plan)
	got := history(t, jetstream.NewInput(js, layout))
	if packRows > 1 { // those of one partition come together
		slices.SortStableFunc(want, byPartition)
		slices.SortStableFunc(got, byPartition)
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("record %d of %d is %q, want %q", i, len(got), got[i:min(i+1, len(got))], want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
	status, err := jetstream.LastImport(t.Context(), js, layout)
	if err != nil || status.State != jetstream.ImportFrozen || status.Rows != 7000 {
		t.Errorf("the import is %+v: %v", status, err)
	}
}

func line(r event.Record) string {
	return fmt.Sprintf("%d %d %s %s", r.Partition, r.Clock, r.Control, r.Data)
}

func byPartition(a, b string) int {
	own, _, _ := strings.Cut(a, " ")
	other, _, _ := strings.Cut(b, " ")

	return cmp.Compare(own, other)
}

func sequence(t *testing.T, plan *replay.Plan) []string {
	t.Helper()
	s, err := plan.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var lines []string
	for {
		step, err := s.Next()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line(step.Record))
	}
}

// history reads the rows and control records of the history lane but the answers.
func history(t *testing.T, input *jetstream.Input) []string {
	t.Helper()
	last, err := input.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	source, err := input.Open(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var lines []string
	for {
		records, err := source.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if r.Lane != event.LaneHistory || r.Control == event.ControlModel {
				continue
			}
			if r.Rows == 0 {
				lines = append(lines, line(r))

				continue
			}
			rows, ok := event.SplitRows(nil, r.Data, r.Rows)
			if !ok {
				t.Fatalf("record %d can't be read", r.Sequence)
			}
			for _, row := range rows {
				r.Clock, r.Data = row.Clock, row.Body
				lines = append(lines, line(r))
			}
		}
		// The last two are the importer's markers, which are no records.
		if records[len(records)-1].Sequence+2 >= last {
			return lines
		}
	}
}
