package jetstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
)

// ImportConfig says what is imported.
type ImportConfig struct {
	ID      string // digest of the file: the same file is the same import; 1 to 128 bytes
	Source  string // name for people
	ShiftMS int64  // by how much event times were moved

	// Expired is what the start marks say of retention; see fact.StartMark.
	Expired map[string]int64

	LatestMS int64 // later times are refused by the importer, Unix ms; 0 for none

	// PackRows is how many rows a record may hold, 1 to event.MaxRows; 0 for
	// DefaultPackRows. An import that was begun goes on as it began.
	PackRows int
}

// DefaultPackRows is how many rows of history a record holds at most. More would
// save nothing, and the first row waits for the last one.
const DefaultPackRows = 256

// HistoryRecord is one record of an import, in the order of the import.
type HistoryRecord struct {
	Partition int
	Clock     int64         // Unix ms
	Control   event.Control // ControlNone for an event, or ControlTick
	Rows      int           // how many rows Body holds, see event.AppendRow; 0 where it is one event or a tick
	Body      []byte        // a native event, rows of them, or the tick's {"coordinate":k}
}

// Import writes history into the partitions' input.
//
// Records, many of which hold several rows, go out in atomic batches. Each batch ends with a marker that says how
// far the import has come and that is stored only if the marker before it is
// the last one. So after a crash the stream itself says with which record to go
// on, and of two importers only the one that opened last can write.
//
// One goroutine may use an Import.
type Import struct {
	js      natsjs.JetStream
	layout  Layout
	keys    *keyring
	marker  importMarker // of what is known to be stored
	answers *answerReader

	unstored []HistoryRecord // taken, and not known to be stored; those of flying first
	target   ImportState     // to be stored with the last of them
	flying   *flight         // the batch on its way; nil for none
}

// OpenImport begins an import, or takes up one that was begun. Status says
// which: a new one is open with no records; one to go on with is open with
// some; and one that is over is ended, aborted or frozen, and takes no more.
//
// Opening takes the import over: another importer of the same file gets
// ErrFenced from its next Append. ErrImportOpen: a different import is open or
// frozen.
func OpenImport(ctx context.Context, js natsjs.JetStream, layout Layout, cfg ImportConfig) (*Import, error) {
	layout = layout.WithDefaults()
	if cfg.ID == "" || len(cfg.ID) > 128 {
		return nil, fmt.Errorf("import id %q: must have 1 to 128 bytes; use the file's digest", cfg.ID)
	}
	if cfg.PackRows < 0 || cfg.PackRows > event.MaxRows {
		return nil, fmt.Errorf("rows of a record are %d; there may be 1 to %d, or 0 for the default", cfg.PackRows, event.MaxRows)
	}

	i := &Import{js: js, layout: layout, keys: newKeyring(js, layout)}
	for {
		last, err := lastImport(ctx, i.keys)
		if err != nil {
			return nil, fmt.Errorf("open import %s: %w", cfg.ID, err)
		}
		if last.finished() {
			over, found, err := findImport(ctx, i.keys, last, cfg.ID)
			if err != nil {
				return nil, fmt.Errorf("open import %s: %w", cfg.ID, err)
			}
			if found {
				i.marker, i.target = over, over.State
				return i, nil
			}
			last = importMarker{
				ImportStatus: ImportStatus{
					ID: cfg.ID, Source: cfg.Source, ShiftMS: cfg.ShiftMS, LatestMS: cfg.LatestMS, State: ImportOpen,
					PackRows: cmp.Or(cfg.PackRows, DefaultPackRows),
				},
				Expired: cfg.Expired,
				Before:  last.stored,
				stored:  last.stored,
				fence:   last.fence,
			}
		}
		if last.ID != cfg.ID {
			return nil, last.inTheWay()
		}

		err = i.take(ctx, last)
		if err == nil {
			return i, nil
		}
		if !errors.Is(err, own.ErrFenced) && !errors.Is(err, ErrUnknownOutcome) {
			return nil, fmt.Errorf("open import %s: %w", cfg.ID, err)
		}
		if err := rest(ctx); err != nil { // something was stored meanwhile: look again
			return nil, fmt.Errorf("open import %s: %w", cfg.ID, err)
		}
	}
}

// AbortImport gives up the import that is open or frozen, whichever it is, and
// reports how it ended. Where none is, it does nothing, and the status is zero.
func AbortImport(ctx context.Context, js natsjs.JetStream, layout Layout) (ImportStatus, error) {
	return closeImport(ctx, js, layout, ImportAborted)
}

// EndImport lets live time follow an import that is frozen. One whose rows are not all
// stored yet is ErrImportOpen. Where none is there, it does nothing, and the status is zero.
func EndImport(ctx context.Context, js natsjs.JetStream, layout Layout) (ImportStatus, error) {
	return closeImport(ctx, js, layout, ImportEnded)
}

// inTheWay says what is to be done about an import first.
func (m *importMarker) inTheWay() error {
	remedy := "go on with it by ebb replay FILE --resume, or give it up with --abort"
	if m.State == ImportFrozen {
		remedy = "let live events follow it with ebb replay --live"
	}

	return fmt.Errorf("%w: %q (%s) is %s with %d rows stored; %s", ErrImportOpen, m.Source, m.ID, m.State, m.Rows, remedy)
}

func closeImport(ctx context.Context, js natsjs.JetStream, layout Layout, to ImportState) (ImportStatus, error) {
	layout = layout.WithDefaults()
	last, err := lastImport(ctx, newKeyring(js, layout))
	if err != nil || last.finished() {
		return ImportStatus{}, err
	}
	if to == ImportEnded && last.State == ImportOpen { // asked before it would be taken from who imports
		return ImportStatus{}, last.inTheWay()
	}

	i, err := OpenImport(ctx, js, layout, ImportConfig{ID: last.ID, Source: last.Source, ShiftMS: last.ShiftMS})
	if err != nil {
		return ImportStatus{}, err
	}
	defer i.Close()
	if err := i.finish(ctx, to); err != nil {
		return ImportStatus{}, err
	}

	return i.Status(), nil
}

// LastImport reports how the newest import stands; the zero status where there
// has been none.
func LastImport(ctx context.Context, js natsjs.JetStream, layout Layout) (ImportStatus, error) {
	marker, err := lastImport(ctx, newKeyring(js, layout.WithDefaults()))
	return marker.ImportStatus, err
}

// take stores a marker of this importer, which fences any other.
func (i *Import) take(ctx context.Context, marker importMarker) error {
	marker.Writer = nuid.Next()
	i.marker, i.target = marker, marker.State
	b, err := i.stage(ctx, nil)
	if err != nil {
		return err
	}
	i.send(ctx, b, nil, marker)

	return i.land()
}

// Status says how far the import has come.
func (i *Import) Status() ImportStatus { return i.marker.ImportStatus }

// Append takes records in order, those that Status().Records does not count
// yet. The first Append puts a start mark into every partition before them. It
// may return while the last batch of them is on its way: Flush, Answers, End,
// Abort and Freeze wait for it. Where the connection fails it looks up how far
// it came and goes on, so no record is stored twice or left out.
//
// ErrFenced: another importer has taken the import over.
func (i *Import) Append(ctx context.Context, records []HistoryRecord) error {
	if i.marker.State != ImportOpen {
		return fmt.Errorf("import %s is %s and takes no more records", i.marker.ID, i.marker.State)
	}
	if i.marker.Ends > 0 {
		return fmt.Errorf("import %s is ending; end it or abort it again to finish that", i.marker.ID)
	}
	if len(records) == 0 {
		return nil
	}
	for n := range records {
		if err := i.checkRecord(&records[n]); err != nil {
			return fmt.Errorf("record %d: %w", n, err)
		}
	}

	if left := i.layout.Partitions - i.marker.Starts; left > 0 && len(i.unstored) == 0 {
		starts, err := i.startMarks(left, records[0].Clock)
		if err != nil {
			return err
		}
		records = append(starts, records...)
	}

	return i.write(ctx, records, ImportOpen, false)
}

// Flush returns when all that was appended is stored.
func (i *Import) Flush(ctx context.Context) error { return i.write(ctx, nil, i.target, true) }

func (i *Import) checkRecord(record *HistoryRecord) error {
	if record.Control != event.ControlNone && record.Control != event.ControlTick {
		return fmt.Errorf("control %s: only events and ticks may be appended; marks are written by the import", record.Control)
	}
	if record.Rows < 0 || record.Rows > event.MaxRows || record.Rows > 0 && record.Control != event.ControlNone {
		return fmt.Errorf("%d rows in a record of control %q; events alone are rows, at most %d", record.Rows, record.Control, event.MaxRows)
	}

	return i.layout.checkPartition(record.Partition)
}

// End puts an end mark into every partition, at the clock of the last record:
// live time follows.
func (i *Import) End(ctx context.Context) error { return i.finish(ctx, ImportEnded) }

// Abort is End for an import that is given up.
func (i *Import) Abort(ctx context.Context) error { return i.finish(ctx, ImportAborted) }

// Freeze says that all rows are stored and leaves the partitions' clocks at the
// last one. A frozen import can still be ended or aborted.
func (i *Import) Freeze(ctx context.Context) error {
	if i.marker.State != ImportOpen {
		return fmt.Errorf("import %s is %s already", i.marker.ID, i.marker.State)
	}

	return i.write(ctx, nil, ImportFrozen, true)
}

func (i *Import) finish(ctx context.Context, state ImportState) error {
	if i.marker.finished() {
		return fmt.Errorf("import %s is %s already", i.marker.ID, i.marker.State)
	}
	if err := i.Flush(ctx); err != nil {
		return err
	}
	marks, err := i.endMarks(state == ImportAborted)
	if err != nil {
		return err
	}

	return i.write(ctx, marks, state, true)
}

// Close ends the waiting for answers. An import that was not ended stays open.
func (i *Import) Close() {
	if i.flying != nil {
		<-i.flying.done
	}
	if i.answers != nil {
		i.answers.reader.close()
		i.answers = nil
	}
}
