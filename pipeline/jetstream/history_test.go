package jetstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
)

// history is a deterministic import: every 100th record is a tick.
func history(from, count int) []HistoryRecord {
	records := make([]HistoryRecord, count)
	for i := range records {
		n := from + i
		records[i] = HistoryRecord{
			Partition: n % 16,
			Clock:     1_600_000_000_000 + int64(n),
			Body:      []byte(strconv.Itoa(n)),
		}
		if n%100 == 99 {
			records[i].Control = pipeline.ControlTick
		}
	}

	return records
}

func openImport(t *testing.T, js natsjs.JetStream, layout Layout, id string) *Import {
	t.Helper()
	i, err := OpenImport(t.Context(), js, layout, ImportConfig{ID: id, Source: id + ".csv", ShiftMS: 5})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)

	return i
}

func appendAll(t *testing.T, i *Import, records []HistoryRecord) {
	t.Helper()
	if err := i.Append(t.Context(), records); err != nil {
		t.Fatal(err)
	}
}

// expectHistory checks that the stream holds one start mark per partition, the
// first count records of history in order and once, and ends end marks.
func expectHistory(t *testing.T, js natsjs.JetStream, layout Layout, count, ends int) {
	t.Helper()
	starts, rest := map[int]bool{}, history(0, count)
	ended := map[int]bool{}
	for _, record := range readRecords(t, open(t, js, layout, 0), layout.Partitions+count+ends) {
		switch record.Control {
		case pipeline.ControlStart:
			starts[record.Partition] = true
		case pipeline.ControlEnd:
			ended[record.Partition] = true
		default:
			want := rest[0]
			if !bytes.Equal(record.Data, want.Body) || record.Partition != want.Partition ||
				record.Clock != want.Clock || record.Control != want.Control || record.Lane != pipeline.LaneHistory {
				t.Fatalf("record %d is %+v (%q), want %+v", record.Sequence, record, record.Data, want)
			}
			rest = rest[1:]
		}
	}
	if len(starts) != layout.Partitions || len(ended) != ends {
		t.Errorf("%d start and %d end marks, want %d and %d", len(starts), len(ended), layout.Partitions, ends)
	}
}

func TestImportFromStartToEnd(t *testing.T) {
	js, layout := provisioned(t)
	i := openImport(t, js, layout, "a")
	if got := i.Status(); got.State != ImportOpen || got.Records != 0 {
		t.Errorf("a new import is %+v", got)
	}

	appendAll(t, i, nil)
	appendAll(t, i, history(0, 2_500))
	appendAll(t, i, history(2_500, 500))
	want := ImportStatus{ID: "a", Source: "a.csv", ShiftMS: 5, State: ImportOpen, Rows: 2_970, Ticks: 30, Records: 3_000, Clock: 1_600_000_002_999}
	if got := i.Status(); got != want {
		t.Errorf("status %+v, want %+v", got, want)
	}
	if got, err := LastImport(t.Context(), js, layout); err != nil || got != want {
		t.Errorf("LastImport = %+v, %v, want %+v", got, err, want)
	}

	if err := i.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	expectHistory(t, js, layout, 3_000, 16)
	if err := i.Append(t.Context(), history(0, 1)); err == nil {
		t.Error("an ended import takes records")
	}
	if err := i.End(t.Context()); err == nil {
		t.Error("an import ends twice")
	}
	if err := i.Freeze(t.Context()); err == nil {
		t.Error("an ended import freezes")
	}
}

func TestMarksSayWhatTheImportIs(t *testing.T) {
	js, layout := provisioned(t)
	i := openImport(t, js, layout, "a")
	appendAll(t, i, history(0, 1))
	if err := i.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}

	for _, record := range readRecords(t, open(t, js, layout, 0), 33) {
		var got, want string
		switch record.Control {
		case pipeline.ControlStart:
			got, want = string(record.Data), `{"import":"a","source":"a.csv","shift_ms":5}`
		case pipeline.ControlEnd:
			got, want = string(record.Data), `{"import":"a","aborted":true}`
		}
		if got != want || record.Clock != 1_600_000_000_000 {
			t.Errorf("%s mark at %d = %s, want %s", record.Control, record.Clock, got, want)
		}
	}
}

func TestImportIsTakenUpAgain(t *testing.T) {
	js, layout := provisioned(t)
	appendAll(t, openImport(t, js, layout, "a"), history(0, 1_234))

	again := openImport(t, js, layout, "a")
	if got := again.Status(); got.Records != 1_234 || got.State != ImportOpen {
		t.Errorf("taken up at %+v, want record 1,234", got)
	}
	appendAll(t, again, history(1_234, 766))
	if err := again.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	expectHistory(t, js, layout, 2_000, 16)

	// Once more the same file: it is over.
	if got := openImport(t, js, layout, "a").Status(); got.State != ImportEnded || got.Records != 2_000 {
		t.Errorf("opened after its end: %+v", got)
	}
}

// A killed server may keep the beginning of a batch, without its marker: of the
// start marks, of the rows, of the end marks. The import goes on after them.
func TestImportGoesOnAfterHalfABatch(t *testing.T) {
	for _, kept := range []struct{ before, after int }{{0, 5}, {0, 16}, {0, 40}, {500, 0}, {500, 1}, {500, 350}} {
		t.Run(fmt.Sprintf("%d and %d", kept.before, kept.after), func(t *testing.T) {
			js, layout := provisioned(t)
			i := openImport(t, js, layout, "a")
			stored := kept.before
			if kept.before > 0 {
				appendAll(t, i, history(0, kept.before))
			}
			half := history(kept.before, 400)
			if kept.before == 0 {
				starts, err := i.startMarks(16, half[0].Clock)
				if err != nil {
					t.Fatal(err)
				}
				half = append(starts, half...)
				stored -= min(16, kept.after)
			}
			publishHistory(t, js, layout, half[:kept.after])
			stored += kept.after

			again := openImport(t, js, layout, "a")
			if got := again.Status().Records; got != stored {
				t.Fatalf("taken up at record %d, want %d", got, stored)
			}
			appendAll(t, again, history(stored, 1_000-stored))
			expectHistory(t, js, layout, 1_000, 0)

			ends, err := again.endMarks(false)
			if err != nil {
				t.Fatal(err)
			}
			publishHistory(t, js, layout, ends[:9])
			last := openImport(t, js, layout, "a")
			if err := last.Append(t.Context(), history(0, 1)); err == nil {
				t.Error("rows follow an end mark")
			}
			if err := last.End(t.Context()); err != nil {
				t.Fatal(err)
			}
			expectHistory(t, js, layout, 1_000, 16)
		})
	}
}

// publishHistory stores history one by one, as a torn batch leaves it.
func publishHistory(t *testing.T, js natsjs.JetStream, layout Layout, records []HistoryRecord) {
	t.Helper()
	for _, record := range records {
		header := nats.Header{pipeline.HeaderClock: {strconv.FormatInt(record.Clock, 10)}}
		if record.Control != pipeline.ControlNone {
			header.Set(pipeline.HeaderControl, record.Control.String())
		}
		publishRaw(t, js, layout.laneSubject(laneHistory, record.Partition), header, string(record.Body))
	}
}

func TestSecondImporterFencesTheFirst(t *testing.T) {
	js, layout := provisioned(t)
	first := openImport(t, js, layout, "a")
	appendAll(t, first, history(0, 10))
	second := openImport(t, js, layout, "a")

	err := first.Append(t.Context(), history(10, 10))
	if !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("Append of the first importer = %v, want ErrFenced", err)
	}
	appendAll(t, second, history(10, 10))
	expectHistory(t, js, layout, 20, 0)
}

func TestAnotherImportHasToWait(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	a := openImport(t, js, layout, "a")
	appendAll(t, a, history(0, 10))

	_, err := OpenImport(ctx, js, layout, ImportConfig{ID: "b"})
	if !errors.Is(err, ErrImportOpen) || !strings.Contains(err.Error(), "--abort") || !strings.Contains(err.Error(), "a.csv") {
		t.Errorf("OpenImport of b = %v, want ErrImportOpen, the name and the remedy", err)
	}
	if err := a.Freeze(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenImport(ctx, js, layout, ImportConfig{ID: "b"}); !errors.Is(err, ErrImportOpen) {
		t.Errorf("OpenImport of b beside a frozen import = %v, want ErrImportOpen", err)
	}
	if got := openImport(t, js, layout, "a").Status().State; got != ImportFrozen {
		t.Errorf("a is %s, want frozen", got)
	}

	status, err := AbortImport(ctx, js, layout)
	if err != nil || status.ID != "a" || status.State != ImportAborted || status.Records != 10 {
		t.Errorf("AbortImport = %+v, %v", status, err)
	}
	if status, err := AbortImport(ctx, js, layout); err != nil || status != (ImportStatus{}) {
		t.Errorf("AbortImport with none open = %+v, %v", status, err)
	}
	b := openImport(t, js, layout, "b")
	if err := b.End(ctx); err != nil { // no rows: no marks
		t.Fatal(err)
	}

	// a is found behind b.
	if got := openImport(t, js, layout, "a").Status(); got.State != ImportAborted || got.Records != 10 {
		t.Errorf("a after b: %+v", got)
	}
	if got := openImport(t, js, layout, "b").Status(); got.State != ImportEnded {
		t.Errorf("b: %+v", got)
	}
	expectHistory(t, js, layout, 10, 16)
}

func TestImportsRefuseWhatTheyMayNotWrite(t *testing.T) {
	js, layout := provisioned(t)
	if _, err := OpenImport(t.Context(), js, layout, ImportConfig{}); err == nil {
		t.Error("an import without an id opened")
	}
	i := openImport(t, js, layout, "a")
	for _, record := range []HistoryRecord{{Partition: 16}, {Partition: -1}, {Control: pipeline.ControlEnd}, {Control: pipeline.ControlModel}} {
		if err := i.Append(t.Context(), []HistoryRecord{record}); err == nil {
			t.Errorf("%+v was appended", record)
		}
	}
	large := HistoryRecord{Body: make([]byte, 2<<20)}
	if err := i.Append(t.Context(), []HistoryRecord{large}); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("Append of 2 MiB = %v, want %v", err, nats.ErrMaxPayload)
	}
	publishRaw(t, js, layout.importSubject(), nil, "no marker")
	if _, err := LastImport(t.Context(), js, layout); err == nil {
		t.Error("a marker that is none was read")
	}
}

// Answers are lost in the middle of an import, then the connection breaks. What
// was stored is looked up, and the import goes on by itself.
func TestImportSurvivesLostAnswers(t *testing.T) {
	js, layout := provisioned(t)
	proxy := startDeafProxy(t, js.Conn().ConnectedUrl())
	behind := connect(t, proxy.url())
	i := openImport(t, behind, layout, "a")
	appendAll(t, i, history(0, 100))

	proxy.deaf.Store(true)
	healed := make(chan struct{})
	go func() {
		defer close(healed)
		time.Sleep(300 * time.Millisecond)
		proxy.deaf.Store(false)
		if err := behind.Conn().ForceReconnect(); err != nil {
			t.Error(err)
		}
	}()
	appendAll(t, i, history(100, 1_900))
	<-healed
	expectHistory(t, js, layout, 2_000, 0)
}

func TestImportSurvivesARestartOfTheServer(t *testing.T) {
	server := startServer(t)
	js := connect(t, server.server.URL())
	layout := Layout{}.WithDefaults()
	provision(t, js, layout)
	i := openImport(t, js, layout, "a")

	const count = 30_000
	done := make(chan error, 1)
	go func() { done <- i.Append(t.Context(), history(0, count)) }()
	time.Sleep(200 * time.Millisecond)
	server.stop()
	server.start()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(60 * time.Second):
		t.Fatal("the import did not end")
	}
	expectHistory(t, js, layout, count, 0)
}

func TestWaitModel(t *testing.T) {
	js, layout := provisioned(t)
	coordinator := NewCoordinator(js, layout)
	answer := func(partition int, id string, question uint64) {
		t.Helper()
		body, err := json.Marshal(pipeline.ModelFact{Import: id, Coordinate: question})
		if err != nil {
			t.Fatal(err)
		}
		if err := coordinator.PublishModel(t.Context(), partition, body); err != nil {
			t.Fatal(err)
		}
	}
	for partition := range 16 {
		answer(partition, "a", 99) // of a time before the import
	}

	i := openImport(t, js, layout, "a")
	appendAll(t, i, history(0, 100))
	for partition := range 15 {
		answer(partition, "a", 1)
		if err := NewInput(js, layout).Tick(t.Context(), partition); err != nil {
			t.Fatal(err)
		}
	}
	answer(15, "b", 1)
	publishRaw(t, js, layout.laneSubject(laneControl, 15), nats.Header{pipeline.HeaderControl: {"model"}}, "{")
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := i.WaitModel(short, 1)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 of 16 partitions lack, the first of them 15") {
		t.Errorf("WaitModel without partition 15 = %v, want the context's error that names 15", err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	answer(15, "a", 2)
	if err := i.WaitModel(ctx, 1); err != nil {
		t.Error(err)
	}
	// Somebody who takes the import up finds the answers too.
	again := openImport(t, js, layout, "a")
	appendAll(t, again, history(100, 100))
	again = openImport(t, js, layout, "a")
	if err := again.WaitModel(ctx, 1); err != nil {
		t.Error(err)
	}
	if err := coordinator.PublishModel(ctx, 16, nil); err == nil {
		t.Error("a model for partition 16 of 16 was published")
	}
}
