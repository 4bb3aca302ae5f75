package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"ebb/pipeline/event"
)

// ImportState says how an import stands.
type ImportState string

// The states of an import.
const (
	ImportOpen    ImportState = "open"    // rows may follow
	ImportFrozen  ImportState = "frozen"  // all rows are stored, and the clocks stay at the last one
	ImportEnded   ImportState = "ended"   // live time follows
	ImportAborted ImportState = "aborted" // given up
)

// ErrImportOpen says that another import is under way.
var ErrImportOpen = errors.New("another import is open")

// ImportStatus says how far an import has come.
type ImportStatus struct {
	ID      string      `json:"import"`
	Source  string      `json:"source"`
	ShiftMS int64       `json:"shift_ms"`
	State   ImportState `json:"state"`
	Rows    int         `json:"rows"`    // events stored
	Ticks   int         `json:"ticks"`   // control records stored that Append was given
	Records int         `json:"records"` // rows and ticks: go on with the record after so many
	Clock   int64       `json:"clock"`   // of the last record stored, Unix ms

	LatestMS int64 `json:"latest_ms,omitempty"` // later times are refused by the importer, Unix ms; 0 for none
	PackRows int   `json:"pack_rows,omitempty"` // how many rows a record may hold; 0 for one, as imports of before had it
}

// importMarker is what stands on the import subject after each batch.
type importMarker struct {
	ImportStatus
	Writer string `json:"writer"` // nonce of the importer, so that it knows its own markers
	Starts int    `json:"starts"` // start marks stored, one a partition
	Ends   int    `json:"ends"`   // end marks stored, one a partition
	Facts  int    `json:"facts"`  // answers of the coordinator stored
	Opened uint64 `json:"opened"` // sequence of the import's first marker; 0 in that one
	Before uint64 `json:"before"` // sequence of the last marker of the import before, 0 for none

	// Expired is that of ImportConfig, so that one who goes on says the same.
	Expired map[string]int64 `json:"expired,omitempty"`

	After uint64 `json:"after"` // sequence of the message before this one on the subject

	stored uint64 // the marker's own sequence, 0 where there is none
	fence  uint64 // of the last message on the subject, whoever sent it
}

// stands is how many records of the import are stored, marks and answers
// included; each row is one.
func (m *importMarker) stands() int { return m.Starts + m.Records + m.Facts + m.Ends }

// finished reports whether another import may begin.
func (m *importMarker) finished() bool {
	return m.stored == 0 || m.State == ImportEnded || m.State == ImportAborted
}

// count adds a stored history record. The rows of one may come before those of
// another partition's, so the clock is that of the latest.
func (m *importMarker) count(record *HistoryRecord) {
	if m.stands() == 0 {
		m.Clock = record.Clock
	}
	m.Clock = max(m.Clock, record.Clock)
	switch record.Control {
	case event.ControlStart:
		m.Starts++
	case event.ControlEnd:
		m.Ends++
	case event.ControlModel, event.ControlAlerts:
		m.Facts++
	case event.ControlNone:
		m.Rows += max(record.Rows, 1)
		m.Records += max(record.Rows, 1)
	default:
		m.Ticks++
		m.Records++
	}
}

// lastImport reads the last marker from the stream's leader and, where its
// import is not finished, adds the history that is stored after it: a server
// that was killed while it stored a batch may have kept a part.
//
// What a stranger published to the subject is passed over.
func lastImport(ctx context.Context, keys *keyring) (importMarker, error) {
	key, err := keys.get(ctx)
	if err != nil {
		return importMarker{}, err
	}
	found, err := search{
		leader: leader{keys.js, keys.layout.Stream}, subject: keys.layout.importSubject(), chained: true,
		own: func(message *stored) (uint64, bool) {
			marker, ok := readImportMarker(key, keys.layout, message)
			return marker.After, ok
		},
	}.last(ctx, 0)
	if err != nil {
		return importMarker{}, err
	}
	marker := importMarker{}
	if found.own() {
		marker, _ = readImportMarker(key, keys.layout, &found.stored)
	}
	marker.fence = found.fence
	if marker.finished() {
		return marker, nil
	}
	err = addStored(ctx, keys, key, &marker)

	return marker, err
}

// readImportMarker reads a marker; false if it is not ebb's.
func readImportMarker(key *sealKey, layout Layout, message *stored) (marker importMarker, ok bool) {
	if json.Unmarshal(message.Data, &marker) != nil || marker.ID == "" ||
		!key.sealed(message.Subject, message.Data) && !key.before(layout.Stream, message.Sequence) {
		return importMarker{}, false
	}
	marker.stored = message.Sequence

	return marker, true
}

// addStored counts the history of the import that follows a marker.
func addStored(ctx context.Context, keys *keyring, key *sealKey, marker *importMarker) error {
	js, layout := keys.js, keys.layout
	token := key.token(marker.firstMarker())
	r := newReader(js, layout.Stream, marker.stored+1, layout.Prefix+"."+laneHistory+".*")
	defer r.close()
	if err := r.start(ctx); err != nil {
		return err
	}

	for left := int(r.atStart); left > 0; {
		deliveries, err := r.read(ctx)
		if err != nil {
			return fmt.Errorf("read the history after marker %d: %w", marker.stored, err)
		}
		for _, d := range deliveries {
			if d.message.Header.Get(headerImport) != token {
				continue
			}
			record := historyRecord(d.message.Header, d.message.Data)
			marker.count(&record)
		}
		left -= len(deliveries)
		if deliveries[len(deliveries)-1].pending == 0 {
			break
		}
	}

	return nil
}

// historyRecord is what is counted of a stored record.
func historyRecord(header nats.Header, body []byte) HistoryRecord {
	var record event.Record
	record.Lane = event.LaneHistory
	readHeader(&record, header)
	if rows, ok := event.SplitRows(nil, body, record.Rows); ok {
		for _, row := range rows {
			record.Clock = max(record.Clock, row.Clock)
		}
	}

	return HistoryRecord{Control: record.Control, Clock: record.Clock, Rows: max(record.Rows, 0)}
}

// findImport looks for an import among those that have finished, from the last
// marker back.
func findImport(ctx context.Context, keys *keyring, last importMarker, id string) (importMarker, bool, error) {
	key, err := keys.get(ctx)
	if err != nil {
		return importMarker{}, false, err
	}
	source := leader{keys.js, keys.layout.Stream}
	for marker := last; marker.stored > 0; {
		if marker.ID == id {
			return marker, true, nil
		}
		if marker.Before == 0 {
			break
		}
		message, err := source.at(ctx, marker.Before)
		if errors.Is(err, errNotFound) {
			break
		}
		if err != nil {
			return importMarker{}, false, err
		}
		fence := marker.fence
		if marker, _ = readImportMarker(key, keys.layout, &message); marker.stored > 0 {
			marker.fence = fence
		}
	}

	return importMarker{}, false, nil
}
