package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
)

var errCrash = errors.New("crash")

// streamWriter is a Writer that keeps its records, with the marks that a
// Writer adds, and crashes where a test wants it to.
type streamWriter struct {
	plan    *Plan
	shift   int64
	records []event.Record
	state   State
	waited  []uint64

	packRows int

	crashAt  int // stored records, marks included, behind which it crashes; 0 for never
	crashAsk uint64
	crashEnd bool
}

func newStreamWriter(p *Plan, shift int64) *streamWriter {
	return &streamWriter{plan: p, shift: shift, state: Open}
}

func (w *streamWriter) Status() Status {
	s := Status{Import: w.plan.Import, Source: w.plan.Source.Name, ShiftMS: w.shift, State: w.state, PackRows: w.packRows}
	for _, record := range w.records {
		switch record.Control {
		case event.ControlNone:
			s.Rows += uint64(max(record.Rows, 1))
			s.Records += uint64(max(record.Rows, 1))
		case event.ControlTick:
			s.Records++
		}
		s.Clock = record.Clock
	}

	return s
}

func (w *streamWriter) store(record event.Record) error {
	w.records = append(w.records, record)
	if len(w.records) == w.crashAt {
		return errCrash
	}

	return nil
}

func (w *streamWriter) marks(clock int64, control event.Control, mark any) error {
	have := 0
	for _, record := range w.records {
		if record.Control == control {
			have++
		}
	}
	for _, step := range controls(w.plan.Options.Partitions, clock, control, mark)[have:] {
		if err := w.store(step.Record); err != nil {
			return err
		}
	}

	return nil
}

func (w *streamWriter) Append(_ context.Context, records []event.Record) error {
	if len(records) == 0 || len(records) > BatchRecords {
		return fmt.Errorf("a batch of %d records", len(records))
	}
	start := fact.StartMark{Import: w.plan.Import, Source: w.plan.Source.Name, ShiftMS: w.shift}
	if err := w.marks(records[0].Clock, event.ControlStart, start); err != nil {
		return err
	}
	for _, record := range records {
		if record.Control != event.ControlNone && record.Control != event.ControlTick {
			return fmt.Errorf("a %s mark, which the writer adds itself", record.Control)
		}
		if err := w.store(record); err != nil {
			return err
		}
	}

	return nil
}

// Answers checks that the question stands in every partition.
func (w *streamWriter) Answers(_ context.Context, k uint64) error {
	asked := 0
	for _, record := range w.records {
		if string(record.Data) == fmt.Sprintf(`{"coordinate":%d}`, k) {
			asked++
		}
	}
	if asked != w.plan.Options.Partitions {
		return fmt.Errorf("question %d stands in %d partitions", k, asked)
	}
	if k == w.crashAsk {
		return errCrash
	}
	w.waited = append(w.waited, k)

	return nil
}

func (w *streamWriter) End(context.Context) error {
	if w.crashEnd {
		return errCrash
	}
	if err := w.marks(w.records[len(w.records)-1].Clock, event.ControlEnd, fact.EndMark{Import: w.plan.Import}); err != nil {
		return err
	}
	w.state = Ended

	return nil
}

func (w *streamWriter) Freeze(context.Context) error {
	w.state = Frozen

	return nil
}

// resumed is what the writer is after a restart of the importer.
func (w *streamWriter) resumed() *streamWriter {
	return &streamWriter{plan: w.plan, shift: w.shift, packRows: w.packRows, records: w.records, state: w.state, waited: w.waited}
}

func steps(records []event.Record) []Step {
	out := make([]Step, len(records))
	for i, record := range records {
		out[i] = Step{Record: record, Row: record.Control == event.ControlNone}
	}

	return out
}

const shiftOfTest = 12_345_678

// visitRows are five rows, some of which are of a device that two share.
func visitRows() string {
	return strings.NewReplacer(
		"event_type", "event_type,anonymous_id", "order.completed,", "order.completed,tablet,", "carl,page.viewed,", "carl,page.viewed,tablet,",
		"bert,page.viewed,", ",page.viewed,tablet,", "anna,page.viewed,", "anna,page.viewed,,",
	).Replace(fiveRows)
}

// Wherever an import stops, going on gives the records that one run gives.
func TestImportResumedAnywhereIsTheSame(t *testing.T) {
	m := shippedMapping(t, "csv")
	for name, options := range map[string]Options{
		"frozen":  {Partitions: 3, TickRows: 2, CoordinateRows: 4},
		"shifted": {Partitions: 3, TickRows: 2, CoordinateRows: 4, ShiftToNow: true},
		"chaos":   {Partitions: 3, TickRows: 1, CoordinateRows: 3, Chaos: true, Twice: true, Seed: 3, Lateness: 24 * time.Hour, Skew: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			p := mustPlan(t, textSource("visits.csv", visitRows()), m, options)
			if !p.Joins.any() {
				t.Fatal("nothing is joined")
			}
			shift := int64(0)
			if options.ShiftToNow {
				shift = shiftOfTest
			}
			whole := newStreamWriter(p, shift)
			if err := (Run{Plan: p, Writer: whole}).Import(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := script(steps(whole.records))
			var sequence []string
			for _, step := range readAll(t, mustOpen(t, p, shift)) {
				step.Await = 0
				sequence = append(sequence, script([]Step{step})...)
			}
			if !slices.Equal(want, sequence) {
				t.Fatalf("the stream holds\n%q, the sequence is\n%q", want, sequence)
			}
			for at := 1; at <= len(want); at++ {
				w := newStreamWriter(p, shift)
				w.crashAt = at
				err := Run{Plan: p, Writer: w}.Import(t.Context())
				if !errors.Is(err, errCrash) {
					t.Fatalf("crash behind record %d: error %v", at, err)
				}
				wantError(t, err, "visits.csv", "--resume")
				w = w.resumed()
				if err := (Run{Plan: p, Writer: w, Resume: true}).Import(t.Context()); err != nil {
					t.Fatalf("resumed behind record %d: %v", at, err)
				}
				if got := script(steps(w.records)); !slices.Equal(got, want) {
					t.Fatalf("resumed behind record %d\n%q, want\n%q", at, got, want)
				}
				if last := whole.waited[len(whole.waited)-1]; !slices.Contains(w.waited, last) || w.state != whole.state {
					t.Errorf("resumed behind record %d: waited for %v, state %s", at, w.waited, w.state)
				}
			}
		})
	}
}

// So it is where records hold several rows, in whatever order of the partitions.
func TestPackedImportResumedAnywhereIsTheSame(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("event_time,customer_id,event_type,value\n")
	for i := range 60 {
		fmt.Fprintf(&rows, "2004-10-19T00:00:%02dZ,c%d,page.viewed,\n", i, i%7)
	}
	p := mustPlan(t, textSource("rows.csv", rows.String()), shippedMapping(t, "csv"), Options{Partitions: 3, TickRows: 20, CoordinateRows: 40})
	for _, most := range []int{2, 5, 256} {
		whole := newStreamWriter(p, 0)
		whole.packRows = most
		if err := (Run{Plan: p, Writer: whole}).Import(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := whole.Status().Rows; got != 60 || len(whole.records) > 90 {
			t.Fatalf("%d rows in %d records", got, len(whole.records))
		}
		same, sequence := singly(t, steps(whole.records)), singly(t, readAll(t, mustOpen(t, p, 0)))
		for partition := range 3 {
			if got, want := ofPartition(same, partition), ofPartition(sequence, partition); !slices.Equal(got, want) {
				t.Fatalf("partition %d holds\n%q, want\n%q", partition, got, want)
			}
		}
		for at := 1; at <= len(whole.records); at++ {
			w := newStreamWriter(p, 0)
			w.packRows, w.crashAt = most, at
			if err := (Run{Plan: p, Writer: w}).Import(t.Context()); !errors.Is(err, errCrash) {
				t.Fatalf("crash behind record %d: error %v", at, err)
			}
			w = w.resumed()
			if err := (Run{Plan: p, Writer: w, Resume: true}).Import(t.Context()); err != nil {
				t.Fatalf("resumed behind record %d: %v", at, err)
			}
			if got := singly(t, steps(w.records)); !slices.Equal(got, same) {
				t.Fatalf("%d rows a record, resumed behind record %d\n%q, want\n%q", most, at, got, same)
			}
		}
	}

	// One that began with other records has none that ends there.
	w := newStreamWriter(p, 0)
	w.crashAt = 3 + 2
	if err := (Run{Plan: p, Writer: w}).Import(t.Context()); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	w = w.resumed()
	w.packRows = 256
	if err := (Run{Plan: p, Writer: w, Resume: true}).Import(t.Context()); !errors.Is(err, ErrOtherFile) {
		t.Errorf("resumed with other records: %v", err)
	}
}

func TestImportThatStoppedWaitingWaitsAgain(t *testing.T) {
	p := mustPlan(t, textSource("five.csv", fiveRows), shippedMapping(t, "csv"), Options{Partitions: 2, TickRows: 2, CoordinateRows: 4})
	w := newStreamWriter(p, 0)
	w.crashAsk = 1
	err := Run{Plan: p, Writer: w}.Import(t.Context())
	wantError(t, err, "wait for the coordinator's answer 1", "stopped at row 5")
	stored := len(w.records)
	w = w.resumed()
	w.crashAsk = 1
	if err := (Run{Plan: p, Writer: w, Resume: true}).Import(t.Context()); !errors.Is(err, errCrash) || len(w.records) != stored {
		t.Errorf("went on without the answer: %v, %d records after %d", err, len(w.records), stored)
	}
	w = w.resumed()
	if err := (Run{Plan: p, Writer: w, Resume: true}).Import(t.Context()); err != nil || !slices.Equal(w.waited, []uint64{1, 2}) {
		t.Errorf("waited for %v, error %v", w.waited, err)
	}
}

func TestImportEndsAgainWhereEndingFailed(t *testing.T) {
	p := mustPlan(t, textSource("five.csv", fiveRows), shippedMapping(t, "csv"), Options{Partitions: 2, ShiftToNow: true})
	w := newStreamWriter(p, 0)
	w.crashEnd = true
	wantError(t, Run{Plan: p, Writer: w}.Import(t.Context()), "end the import of five.csv", "--resume")
	w = w.resumed()
	if err := (Run{Plan: p, Writer: w, Resume: true}).Import(t.Context()); err != nil || w.state != Ended {
		t.Errorf("state %s, error %v", w.state, err)
	}
}

func TestImportRefusesWhatTheStreamHolds(t *testing.T) {
	m := shippedMapping(t, "csv")
	p := mustPlan(t, textSource("five.csv", fiveRows), m, Options{Partitions: 2})
	other := mustPlan(t, textSource("six.csv", fiveRows+"2004-10-21T00:00:00Z,dora,x,\n"), m, Options{Partitions: 2})
	w := newStreamWriter(p, 0)
	w.crashAt = 4
	if err := (Run{Plan: p, Writer: w}).Import(t.Context()); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	w = w.resumed()
	err := Run{Plan: p, Writer: w}.Import(t.Context())
	if !errors.Is(err, ErrImportOpen) {
		t.Errorf("begun twice: %v", err)
	}
	wantError(t, err, "stopped at row 2", "--resume", "--abort")
	if err := (Run{Plan: other, Writer: w, Resume: true}).Import(t.Context()); !errors.Is(err, ErrOtherFile) {
		t.Errorf("resumed with another file: %v", err)
	}
	if err := (Run{Plan: p, Writer: w, Resume: true}).Import(t.Context()); err != nil {
		t.Fatal(err)
	}
	stored := len(w.records)
	if err := (Run{Plan: p, Writer: w}).Import(t.Context()); !errors.Is(err, ErrImported) {
		t.Errorf("imported twice: %v", err)
	}
	if err := (Run{Plan: p, Writer: w, Resume: true}).Import(t.Context()); err != nil || len(w.records) != stored {
		t.Errorf("resumed behind its end: %v, %d records after %d", err, len(w.records), stored)
	}
	w.state = Aborted
	err = Run{Plan: p, Writer: w, Resume: true}.Import(t.Context())
	if !errors.Is(err, ErrImported) {
		t.Errorf("resumed after it was given up: %v", err)
	}
	wantError(t, err, "given up", "another stream")

	w.state = Open
	w.records = append(w.records, w.records...)
	if err := (Run{Plan: p, Writer: w, Resume: true}).Import(t.Context()); !errors.Is(err, ErrOtherFile) {
		t.Errorf("more records than the file has: %v", err)
	}
}

func TestImportTellsItsProgressAndStopsWhenCanceled(t *testing.T) {
	rows := "event_time,customer_id,event_type,value\n"
	for i := range 3000 {
		rows += fmt.Sprintf("2004-10-19T00:%02d:%02dZ,c%d,x,\n", i/60, i%60, i%7)
	}
	p := mustPlan(t, textSource("many.csv", rows), shippedMapping(t, "csv"), Options{Partitions: 2, CoordinateRows: 5000})
	w := newStreamWriter(p, 0)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var told []Progress
	err := Run{Plan: p, Writer: w, Progress: func(now Progress) {
		told = append(told, now)
		if now.Rows > 1500 {
			cancel()
		}
	}}.Import(ctx)
	if !errors.Is(err, context.Canceled) || w.Status().Rows != 2*BatchRecords {
		t.Errorf("canceled: %v at row %d", err, w.Status().Rows)
	}
	if err := (Run{Plan: p, Writer: w, Resume: true}).Import(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("resumed with a canceled context: %v", err)
	}
	err = Run{Plan: p, Writer: w, Resume: true, Progress: func(now Progress) { told = append(told, now) }}.Import(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	waits := 0
	for i, now := range told {
		if now.TotalRows != 3000 || i > 0 && now.Rows < told[i-1].Rows {
			t.Errorf("told %+v", now)
		}
		if now.Waiting {
			waits++
		}
	}
	if last := told[len(told)-1]; last.Rows != 3000 || last.Clock != w.Status().Clock || waits != 1 {
		t.Errorf("at the end %+v, %d waits", last, waits)
	}
}

func TestImportStopsWhereTheFileBreaks(t *testing.T) {
	whole := newStreamWriter(nil, 0)
	p := mustPlan(t, textSource("five.csv.gz", gzipped(t, fiveRows)), shippedMapping(t, "csv"), Options{Partitions: 2})
	whole.plan = p
	torn := gzipped(t, fiveRows)
	p.Source = textSource("five.csv.gz", torn[:len(torn)-12])
	wantError(t, Run{Plan: p, Writer: whole}.Import(t.Context()), "read five.csv.gz behind row", "is the file complete?")
	p.Source = textSource("five.csv.gz", "when,who\n")
	wantError(t, Run{Plan: p, Writer: whole}.Import(t.Context()), "no column")
	p.Options.Chaos = true
	p.Source = textSource("five.csv.gz", torn[:len(torn)-12])
	wantError(t, Run{Plan: p, Writer: whole}.Import(t.Context()), "is the file complete?")
}
