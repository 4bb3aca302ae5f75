package backtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zeebo/xxh3"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/meaning"
	"ebb/pipeline/replay"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// Log is a history in memory: its events in the order of arrival. Times are
// Unix ms.
type Log struct {
	Source  string
	Mapping string
	Digest  string // first 16 hex digits of the SHA-256 of the uncompressed file

	Customers []string // by index, in the order of their first event
	Events    []Event

	First int64 // clock of the first event
	Last  int64 // clock of the last

	Rows       int64 // of the file
	Refused    int64 // rows that a shard would refuse
	Duplicates int64
	Late       int64 // beyond the lateness
	Others     int64 // of customers that ReadOptions.Only leaves out
	Machine    int64 // of scanners and bots, which tell nothing of customers
	Scanned    int64 // reactions to messages too soon for a person; see churn.Model.Believe

	// Survey says which types the file has and what they count as.
	Survey *replay.Survey
}

// Event is one event of a Log.
type Event struct {
	churn.Event

	Clock    int64 // when it became known, Unix ms, never falling
	Customer uint32
	Late     bool // beyond the lateness: the detector takes it for a sign of life alone
}

// ReadOptions are what the events depend on beside file and mapping.
type ReadOptions struct {
	// Vocabulary, Lateness and Skew are those of the shards. The mapping may
	// add to the first and has the say on the others, as in an import.
	Vocabulary vocabulary.Config
	Lateness   time.Duration
	Skew       time.Duration
	Duplicates meaning.Duplicates // when two events are the same

	ScannerWithin time.Duration // see churn.Config

	// Latest is the latest time that a row may have, Unix ms; 0 is no limit.
	Latest int64

	// Only, if not nil, names the customers to read; all others are left out.
	Only map[string]struct{}
}

// ErrNoEvents says that a file has nothing to test on.
var ErrNoEvents = errors.New("no row is an event that can be used; `ebb replay FILE --dry-run` says why")

// ErrNoEngagement says that no event of a file counts against silence.
var ErrNoEngagement = errors.New("say what is engagement: give a type the kind micro or active, or set qualifying for it, " +
	"with --vocabulary (such as 'login=active' or 'page.viewed=passive;qualifying') or under vocabulary.types of a mapping")

// progressRows is how many rows lie between looks at the context.
const progressRows = 4096

// shortestRow is about the fewest bytes that a time and a customer take.
const shortestRow = 16

// Read reads a file. What the vocabulary lacks is learned from it, as replay.Survey
// says. progress, which may be nil, is told of rows.
func Read(ctx context.Context, source replay.Source, mapping *replay.Mapping, options ReadOptions, progress func(done, total uint64)) (*Log, error) {
	limits := replay.Limits{Lateness: options.Lateness, Skew: options.Skew, Latest: options.Latest}
	survey, err := replay.NewSurvey(ctx, source, mapping, options.Vocabulary, limits)
	if err != nil {
		return nil, err
	}
	if err := survey.Check(); err != nil && survey.Timeline.Distrusted() > 0 {
		return nil, err
	}
	identity, mapping := survey.Identity, survey.Mapping
	reader, err := replay.NewReader(source, mapping, replay.ReadOptions{Digest: identity.Digest, Timeline: survey.Timeline, Joins: survey.Joins, Groups: survey.Groups})
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	i, err := newIntake(mapping, options)
	if err != nil {
		return nil, err
	}
	i.log.Source, i.log.Mapping, i.log.Digest, i.log.Survey = source.Name, mapping.Name, identity.Digest, survey

	i.log.Events = make([]Event, 0, min(identity.Lines, identity.Bytes/shortestRow))
	err = reader.Ahead(ctx, func(row *replay.Row) {
		if i.log.Rows%progressRows == 0 && progress != nil {
			progress(uint64(i.log.Rows), uint64(identity.Lines))
		}
		i.take(row)
	})
	if err != nil {
		return nil, err
	}
	if len(i.log.Events) == 0 {
		return nil, fmt.Errorf("%s: %w", source.Name, ErrNoEvents)
	}
	if !slices.ContainsFunc(i.log.Events, func(e Event) bool { return e.Qualifying }) {
		return nil, fmt.Errorf("%s: none of the %d events to test on counts as engagement (%s); %w",
			source.Name, len(i.log.Events), survey.Kinds(), ErrNoEngagement)
	}
	i.log.First, i.log.Last = i.log.Events[0].Clock, i.log.Events[len(i.log.Events)-1].Clock

	return i.log, nil
}

// intake gives rows the verdicts that a shard would give them.
type intake struct {
	log        *Log
	decoder    *native.Decoder
	vocabulary *vocabulary.Vocabulary
	lateness   int64 // ms
	skew       int64 // ms
	ring       *windows.Ring
	byID       bool  // duplicates are told by id, not by time
	expired    int64 // clock of the ring's last expiry
	only       map[string]struct{}
	index      map[string]uint32
	messages   []churn.Messages // by customer
	scanner    int64            // churn.Config.ScannerWithin
	event      event.Event
	key        []byte
}

func newIntake(mapping *replay.Mapping, options ReadOptions) (*intake, error) {
	vocab, err := vocabulary.NewVocabulary(mapping.AddTo(options.Vocabulary))
	if err != nil {
		return nil, err
	}
	lateness, skew := options.Lateness, options.Skew
	if mapping.Lateness != nil {
		lateness = time.Duration(*mapping.Lateness)
	}
	if mapping.Skew != nil {
		skew = time.Duration(*mapping.Skew)
	}
	duplicates := mapping.DuplicatesOver(options.Duplicates)
	ring, err := windows.NewRing(duplicates.Ring(lateness))
	if err != nil {
		return nil, err
	}

	return &intake{
		log:        &Log{},
		decoder:    native.NewDecoder(event.MaxEventBytes),
		vocabulary: vocab,
		lateness:   lateness.Milliseconds(),
		skew:       skew.Milliseconds(),
		ring:       ring,
		byID:       duplicates.ByID,
		only:       options.Only,
		index:      make(map[string]uint32),
		scanner:    options.ScannerWithin.Milliseconds(),
	}, nil
}

func (i *intake) take(row *replay.Row) {
	log, event := i.log, &i.event
	log.Rows++
	if err := i.decoder.Decode(row.Body, event); err != nil {
		log.Refused++

		return
	}
	class, err := i.vocabulary.Classify(event)
	if err != nil || windows.TooFarAhead(event.Time, row.Clock, i.skew) {
		log.Refused++

		return
	}
	if i.only != nil {
		if _, ok := i.only[string(event.Customer)]; !ok {
			log.Others++

			return
		}
	}
	late := windows.Late(event.Time, row.Clock, i.lateness)
	switch {
	case late:
		log.Late++
	case i.seen(row.Clock):
		log.Duplicates++

		return
	}
	if class.Machine {
		log.Machine++

		return
	}
	e := Event{Event: i.vocabulary.Engagement(event, class), Clock: row.Clock, Customer: i.customer(event.Customer), Late: late}
	i.believe(&e)
	log.Events = append(log.Events, e)
}

// believe takes from an event what a scanner did, so that nothing takes it for
// somebody who came back.
func (i *intake) believe(e *Event) {
	for int(e.Customer) >= len(i.messages) {
		i.messages = append(i.messages, churn.Messages{})
	}
	heard := e.Event
	if !i.messages[e.Customer].Believe(&heard, i.scanner) {
		i.log.Scanned++
	}
	e.Event = heard
}

// seen says whether the event is a duplicate of one within the lateness.
func (i *intake) seen(clock int64) bool {
	if clock > i.expired {
		i.ring.Expire(clock)
		i.expired = clock
	}
	event, at := &i.event, i.event.Time
	if i.byID {
		at = clock
	}
	key := i.key[:0]
	if !i.byID {
		key = binary.LittleEndian.AppendUint64(key, uint64(event.Time))
	}
	key = binary.LittleEndian.AppendUint16(key, uint16(len(event.Customer)))
	key = append(append(key, event.Customer...), event.ID...)
	i.key = key
	sum := xxh3.Hash128(key)

	return i.ring.Seen([2]uint64{sum.Hi, sum.Lo}, at)
}

func (i *intake) customer(id []byte) uint32 {
	if index, ok := i.index[string(id)]; ok {
		return index
	}
	index := uint32(len(i.log.Customers))
	name := string(id)
	i.index[name] = index
	i.log.Customers = append(i.log.Customers, name)

	return index
}
