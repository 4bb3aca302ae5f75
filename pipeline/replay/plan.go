package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// The rows between questions where Options don't say: a share of the history,
// within bounds. The more questions, the sooner the detector learns from the
// history; but each makes every partition hand over its outputs, which costs the
// server about as much as a hundred rows.
const (
	questions     = 60 // in all, where the rows between them lie within the bounds
	shortestRound = 1_000
	longestRound  = 25_000
)

// Options are what an import's records depend on beside file and mapping.
type Options struct {
	Partitions     int // N of the stream
	TickRows       int // rows between ticks; 0: ticks come with the questions alone
	CoordinateRows int // rows between questions to the coordinator, a multiple of TickRows; 0 leaves it to the length of the history

	// ShiftToNow moves all times and clocks so that the last clock is now, and
	// lets live time follow. Otherwise history keeps its times, and the clock
	// stays at the last row.
	ShiftToNow bool

	// LiveFollows ends the import behind the last row without moving any time: the
	// history is one that goes on, such as that of a stream.
	LiveFollows bool `json:",omitempty"`

	// Chaos publishes the rows in another order that has to give the same
	// results, Twice publishes every row twice. Seed changes what they do.
	Chaos bool
	Twice bool
	Seed  uint64

	// Lateness and Skew are those of the shards. Chaos and Twice keep to them.
	Lateness time.Duration
	Skew     time.Duration

	// Latest is that of Limits. With ShiftToNow there is none.
	Latest int64 `json:"-"`
}

// limits are what the times of the file are measured by.
func (o *Options) limits() Limits {
	limits := Limits{Lateness: o.Lateness, Skew: o.Skew, Latest: o.Latest}
	if o.ShiftToNow {
		limits.Latest = 0
	}

	return limits
}

// Plan is an import that is ready to run: the file is known, and so is every
// record of its sequence.
type Plan struct {
	Import   string // identity of file, mapping and options, 16 hex digits
	Source   Source
	Mapping  *Mapping
	Options  Options
	Identity Identity
	First    int64 // clock of the first row, Unix ms, not shifted
	Last     int64 // the latest clock, not shifted
	Timeline *Timeline
	Joins    *Joins // whose rows with an anonymous id alone are; nil where the mapping joins nothing

	Groups *Groups // which rows are one event; nil where each is its own

	items *Items // instead of Source, where history is not a file
}

// NewPlan reads the file to know its digest and its times. ErrNoRows where
// there is nothing to import, ErrWrongUnit where the times can't be believed.
func NewPlan(source Source, mapping *Mapping, options Options) (*Plan, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}
	known, err := readTimeline(source, mapping, options.limits())
	if err != nil {
		return nil, err
	}

	return newPlan(source, mapping, known, options)
}

// newPlan takes options that are valid.
func newPlan(source Source, mapping *Mapping, known knownFile, options Options) (p *Plan, err error) {
	timeline := known.timeline
	if err := timeline.check(source, mapping); err != nil {
		return nil, err
	}
	options.ask(known.identity.Lines)
	p = &Plan{
		Source: source, Mapping: mapping, Options: options, Identity: known.identity,
		Timeline: timeline, First: timeline.First, Last: timeline.Last, Joins: known.joins, Groups: known.groups,
	}
	p.Import, err = p.identify()

	return p, err
}

// Words says to a person what is wrong with the times of the file, and whose
// its anonymous rows are, in sentences.
func (p *Plan) Words() []string {
	if p.Timeline == nil {
		return nil
	}

	words := append(p.Timeline.Words(p.Source, p.Mapping, p.Options.limits()), p.Joins.Words()...)

	return append(words, p.Groups.Words()...)
}

// identify hashes all that the records depend on.
func (p *Plan) identify() (string, error) {
	mapping := *p.Mapping
	mapping.Name, mapping.Description, mapping.Match = "", "", Match{}
	parts := []any{p.Identity.Digest, mapping, p.Options}
	if p.Joins.any() {
		parts = append(parts, "joined") // by a version that did not, the rows were other ones
	}
	known, err := json.Marshal(parts)
	if err != nil {
		return "", fmt.Errorf("identity of the import: %w", err)
	}
	sum := sha256.Sum256(known)

	return hex.EncodeToString(sum[:8]), nil
}

// ask says how many rows lie between questions, and between ticks, of so many in
// all.
func (o *Options) ask(rows int64) {
	if o.CoordinateRows == 0 {
		o.CoordinateRows = int(min(max(rows/questions, shortestRound), longestRound))
		if o.TickRows > 0 {
			o.CoordinateRows = max(o.CoordinateRows/o.TickRows, 1) * o.TickRows
		}
	}
	if o.TickRows == 0 {
		o.TickRows = o.CoordinateRows
	}
}

func (o *Options) validate() error {
	switch {
	case o.Partitions < 1:
		return fmt.Errorf("partitions is %d; it is the number that the stream was made with, at least 1", o.Partitions)
	case o.TickRows < 0:
		return fmt.Errorf("tick rows is %d; it must be at least 1, or 0 for as many as lie between questions", o.TickRows)
	case o.CoordinateRows < 0 || o.TickRows > 0 && o.CoordinateRows%o.TickRows != 0:
		return fmt.Errorf("coordinate rows is %d; it must be a multiple of the tick rows, %d", o.CoordinateRows, o.TickRows)
	case o.Lateness < 0 || o.Skew < 0:
		return fmt.Errorf("lateness is %v and skew is %v; neither may be negative", o.Lateness, o.Skew)
	}

	return nil
}

// ReadTimeline reads the times of a file.
func ReadTimeline(source Source, mapping *Mapping, limits Limits) (*Timeline, Identity, error) {
	known, err := readTimeline(source, mapping, limits)

	return known.timeline, known.identity, err
}

// knownFile is what has to be known of a file before it is read.
type knownFile struct {
	timeline *Timeline
	identity Identity
	joins    *Joins
	groups   *Groups
}

func readTimeline(source Source, mapping *Mapping, limits Limits) (known knownFile, err error) {
	file, err := source.open()
	if err != nil {
		return known, err
	}
	defer file.Close()
	whole := &fingerprint{digest: sha256.New()}
	scan, join := newTimeline(mapping, limits), newJoiner(mapping)
	reader, err := newReader(source, mapping, ReadOptions{scan: scan, timesOnly: true, people: join.collect()}, io.TeeReader(file, whole))
	if err != nil {
		return known, err
	}
	var row Row
	for {
		err := reader.Next(&row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return known, err
		}
	}
	known.timeline, known.identity = scan.finish(), whole.identity()
	if known.joins, err = join.finish(source, mapping, known.timeline); err != nil {
		return known, err
	}
	known.groups, err = findGroups(source, mapping, known.timeline, known.joins)

	return known, err
}

// Shift is what has to be added to all times so that the last clock is now.
func (p *Plan) Shift(now time.Time) int64 {
	if !p.Options.ShiftToNow || p.items != nil {
		return 0
	}

	return now.UnixMilli() - p.Last
}

// Rows is about how many rows the sequence has, for progress.
func (p *Plan) Rows() uint64 {
	rows := p.Identity.Lines
	if p.Mapping.Format == CSV && rows > 0 {
		rows-- // the header
	}
	if p.Groups != nil {
		rows = max(rows-p.Groups.Merged, 0)
	}
	if p.Options.Twice {
		rows *= 2
	}

	return uint64(rows)
}

// Open begins the sequence, with times and clocks shifted.
func (p *Plan) Open(shiftMS int64) (*Sequence, error) {
	if p.items != nil {
		return p.openItems()
	}
	reader, err := NewReader(p.Source, p.Mapping, ReadOptions{
		Digest: p.Identity.Digest, ShiftMS: shiftMS, Clock: p.First + shiftMS, Timeline: p.Timeline, Joins: p.Joins, Groups: p.Groups,
	})
	if err != nil {
		return nil, err
	}
	s := &Sequence{plan: p, file: reader, clock: p.First + shiftMS}
	s.order = &fileOrder{reader: reader, partitions: p.Options.Partitions}
	s.rows = s.order
	judge := judge{lateness: p.Options.Lateness.Milliseconds(), skew: p.Options.Skew.Milliseconds()}
	if p.Options.Chaos {
		if s.rows, err = newChaosOrder(s.rows, judge, p.Options.Seed); err != nil {
			return nil, errors.Join(err, reader.Close())
		}
	}
	if p.Options.Twice {
		s.rows = &twice{rows: s.rows, judge: judge, seed: p.Options.Seed}
	}
	s.begin(shiftMS)

	return s, nil
}

func (p *Plan) openItems() (*Sequence, error) {
	read, err := p.items.Open()
	if err != nil {
		return nil, err
	}
	s := &Sequence{plan: p, clock: p.First, rows: &itemOrder{read: read, partitions: p.Options.Partitions}}
	s.begin(0)

	return s, nil
}
