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

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/own"
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
			records[i].Control = event.ControlTick
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
	if err := i.Flush(t.Context()); err != nil {
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
		case event.ControlStart:
			starts[record.Partition] = true
		case event.ControlEnd:
			ended[record.Partition] = true
		default:
			want := rest[0]
			if !bytes.Equal(record.Data, want.Body) || record.Partition != want.Partition ||
				record.Clock != want.Clock || record.Control != want.Control || record.Lane != event.LaneHistory {
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
	want := ImportStatus{ID: "a", Source: "a.csv", ShiftMS: 5, State: ImportOpen, Rows: 2_970, Ticks: 30, Records: 3_000, Clock: 1_600_000_002_999, PackRows: DefaultPackRows}
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
		case event.ControlStart:
			got, want = string(record.Data), `{"import":"a","source":"a.csv","shift_ms":5}`
		case event.ControlEnd:
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
			publishHistory(t, i, half[:kept.after])
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
			publishHistory(t, again, ends[:9])
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
func publishHistory(t *testing.T, i *Import, records []HistoryRecord) {
	t.Helper()
	key, err := i.keys.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		header := nats.Header{headerImport: {key.token(i.marker.firstMarker())}}
		if record.Rows > 0 {
			header.Set(event.HeaderRows, strconv.Itoa(record.Rows))
		} else {
			header.Set(event.HeaderClock, strconv.FormatInt(record.Clock, 10))
		}
		if record.Control != event.ControlNone {
			header.Set(event.HeaderControl, record.Control.String())
		}
		publishRaw(t, i.js, i.layout.laneSubject(laneHistory, record.Partition), header, string(record.Body))
	}
}

func TestSecondImporterFencesTheFirst(t *testing.T) {
	js, layout := provisioned(t)
	first := openImport(t, js, layout, "a")
	appendAll(t, first, history(0, 10))
	second := openImport(t, js, layout, "a")

	err := errors.Join(first.Append(t.Context(), history(10, 10)), first.Flush(t.Context()))
	if !errors.Is(err, own.ErrFenced) {
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
	if _, err := EndImport(ctx, js, layout); !errors.Is(err, ErrImportOpen) || !strings.Contains(err.Error(), "a.csv") {
		t.Errorf("EndImport of one that is not through = %v, want ErrImportOpen and the name", err)
	}
	if err := a.Freeze(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenImport(ctx, js, layout, ImportConfig{ID: "b"}); !errors.Is(err, ErrImportOpen) || !strings.Contains(err.Error(), "ebb replay --live") {
		t.Errorf("OpenImport of b beside a frozen import = %v, want ErrImportOpen and the remedy", err)
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
	if err := b.Freeze(ctx); err != nil {
		t.Fatal(err)
	}
	status, err = EndImport(ctx, js, layout) // no rows: no marks
	if err != nil || status.ID != "b" || status.State != ImportEnded {
		t.Errorf("EndImport = %+v, %v", status, err)
	}
	if status, err := EndImport(ctx, js, layout); err != nil || status != (ImportStatus{}) {
		t.Errorf("EndImport with none there = %+v, %v", status, err)
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
	for _, record := range []HistoryRecord{{Partition: 16}, {Partition: -1}, {Control: event.ControlEnd}, {Control: event.ControlModel}} {
		if err := i.Append(t.Context(), []HistoryRecord{record}); err == nil {
			t.Errorf("%+v was appended", record)
		}
	}
	large := HistoryRecord{Body: make([]byte, 2<<20)}
	if err := i.Append(t.Context(), []HistoryRecord{large}); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("Append of 2 MiB = %v, want %v", err, nats.ErrMaxPayload)
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
	go func() { done <- errors.Join(i.Append(t.Context(), history(0, count)), i.Flush(t.Context())) }()
	for streamState(t, js, layout.Stream).Last == 0 { // until it is under way
		select {
		case err := <-done:
			t.Fatalf("the import ended before the server was stopped: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
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

// Answers stand at their place: behind what was appended before, whenever they
// came, in every partition, alerts before the model, and each once.
func TestAnswersOfTheCoordinator(t *testing.T) {
	js, layout := provisioned(t)
	coordinator := NewCoordinator(js, layout)
	answer := func(partition int, id string, question uint64, shape float64) {
		t.Helper()
		said := fact.ModelFact{Import: id, Coordinate: question}
		said.Parameters.Rates.Shape = shape
		body, err := json.Marshal(said)
		if err != nil {
			t.Fatal(err)
		}
		if err := coordinator.PublishModel(t.Context(), partition, id, body); err != nil {
			t.Fatal(err)
		}
	}
	for partition := range 16 {
		answer(partition, "a", 1, 9) // to the same import into a stream of before
	}
	time.Sleep(5 * time.Millisecond)

	i := openImport(t, js, layout, "a")
	appendAll(t, i, history(0, 100))
	for partition := range 15 {
		answer(partition, "a", 1, 1)
		answer(partition, "a", 1, 2) // a second coordinator
	}
	answer(15, "b", 1, 1)
	answer(15, "a", 2, 1)
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := i.Answers(short, 1)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 of 16 partitions lack, the first of them 15") {
		t.Errorf("Answers without partition 15 = %v, want the context's error that names 15", err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	alerts, err := json.Marshal(fact.AlertsFact{RoundKey: fact.RoundKey{Import: "a", Question: 1}, Takes: []int{3}})
	if err != nil {
		t.Fatal(err)
	}
	if err := coordinator.PublishAlerts(ctx, 15, "a", alerts); err != nil {
		t.Fatal(err)
	}
	answer(15, "a", 1, 1)
	// Somebody who takes the import up finds the answers too.
	again := openImport(t, js, layout, "a")
	if err := again.Answers(ctx, 1); err != nil {
		t.Fatal(err)
	}
	appendAll(t, again, history(100, 100))
	if status := again.Status(); status.Records != 200 || status.Rows != 198 {
		t.Errorf("with answers the status is %+v, want 200 records", status)
	}
	var facts []string
	for n, record := range readRecords(t, open(t, js, layout, 0), 16+100+17+100) {
		if record.Control != event.ControlModel && record.Control != event.ControlAlerts {
			continue
		}
		facts = append(facts, fmt.Sprint(record.Control, " ", record.Partition))
		if n < 116 || n >= 116+17 || record.Lane != event.LaneHistory || record.Clock != history(99, 1)[0].Clock || strings.Contains(string(record.Data), `"shape":2`) || strings.Contains(string(record.Data), `"shape":9`) {
			t.Errorf("record %d is %+v: %s", n, record, record.Data)
		}
	}
	if len(facts) != 17 || facts[15] != "alerts 15" || facts[16] != "model 15" {
		t.Errorf("facts are %q, want a model of each partition, and alerts before that of the last", facts)
	}
	if err := coordinator.PublishModel(ctx, 16, "", nil); err == nil {
		t.Error("a model for partition 16 of 16 was published")
	}
}
