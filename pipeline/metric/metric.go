package metric

import (
	"encoding/binary"
	"math/bits"
	"strings"

	"ebb/pipeline/calendar"
	"ebb/pipeline/event"
	"ebb/pipeline/vocabulary"
	"ebb/pipeline/wire"
	"ebb/windows"
)

// Limits of a metric.
const (
	MaxBy    = 6  // dimensions
	MaxSlots = 16 // of a row
	MaxText  = 256
)

// Other stands in every dimension of the row that counts what is beyond
// Metric.AtMost.
const Other = "other"

// Family says what the rows of a metric's table are of. It begins the table's name.
type Family string

// The families whose tables follow from the registry.
const (
	Windowed Family = ""        // windows; see Metric
	Cohorts  Family = "cohorts" // days on which something was sent or begun; see Cohort
	Counted  Family = "census"  // days at whose end customers are counted; see Census
)

// Metric is a table: what is counted, and by what. Those that a shard counts by windows
// are of the family Windowed, and have Counts; others derive from the declarations of
// their families.
type Metric struct {
	Family     Family
	Name       string // a-z and _: the table is rollups_<name>, of days <family>_<name>, its view v_<name>
	Title      string // for people, a few words
	Definition string // one or two sentences
	Source     string // of the formulas, where they are not plain counts
	FedBy      string // the events that it waits for, for people

	By      []Dimension
	ByClass bool // the dimensions follow from Event.Class alone, so that its row is found quickly
	OfClass bool // and so does what Counts says, so that the metric looks at one event of each classification alone

	// Code is a number that the dimensions follow from, so that a row is found without
	// their names; false where an event has none, nil where no event has.
	Code func(e *Event) (code uint32, ok bool)

	Measures []Measure // the first one is at least 1 in every row that isn't empty
	Figures  []Figure  // what the view derives from the measures

	Span int // of a table of days: for how many days after its own a row may still change

	// AtMost bounds how many combinations of dimensions a partition tells apart,
	// in the order in which they come first. What is beyond counts under Other.
	AtMost int

	// Ordered says that the metric reads columns, so that what it counts follows from the
	// order of the stream; of others it does not, within the lateness.
	Ordered bool

	// Reads names the columns that it reads: they are kept where it is on. It sees no
	// others; a test holds it to that.
	Reads []string

	Modelled []string // of a census; see there

	// Takes says which events the metric may take at all, by their type; nil: any. It
	// costs nothing for the others.
	Takes Filter

	// Needs are the fields without which it takes no event.
	Needs event.Fields

	// Counts says whether the metric takes an event, and which slots it fills beside
	// those of its type; nil where the types say all, see Measure.Types. Proof says the
	// same in SQL.
	Counts func(e *Event, row *Row) bool
}

// Dimension is a column that parts the rows of a metric.
type Dimension struct {
	Name       string
	Definition string
	Of         func(e *Event) string // at most MaxText bytes
	Field      func(e *Event) []byte // the same as bytes of the event, which nothing has to copy; nil: there are none
}

// Measure is a column that adds up. Each slot of a row has a count of the events
// that filled it and a sum of what they brought; a measure is one of the two.
type Measure struct {
	Name       string
	Definition string
	Unit       string
	Slot       int
	Sum        bool // the sum, exact to millionths, not the count

	// Types are the types whose events fill the slot, whatever else they say, and Doer
	// whose.
	Types []string
	Doer  Doer
}

// Figure is what people read: a formula over the measures of a row of the view.
type Figure struct {
	Name       string
	Title      string
	Definition string
	Unit       string
	SQL        string // over the measures' names; a sum stands in its unit

	// Cases is the measure that the figure divides by. Below Least of them it is
	// NULL: too few to say. "" for what is no rate.
	Cases string
	Least int64
}

// Event is what a metric sees: an accepted event and its classification.
type Event struct {
	*event.Event
	Class      vocabulary.Class
	Vocabulary *vocabulary.Vocabulary
	Day        calendar.Day // of its time, in the zone of calendar.zone

	// Who are the columns of the event's customer, as they were before it while metrics
	// count; nil for events of machines.
	Who Who

	// Level is the customer's level of risk before the event; 0 for events of machines.
	Level uint8

	reader *propertyReader // made when first asked

	deviceHash uint16 // see device; 0: not known yet

	visited bool  // visit is what is said of Who
	visits  visit // see visit
}

// See goes on to another event, and keeps the memory of the reader. The class comes by
// its address: a copy of one that was just written makes the processor wait for the
// memory of what was written before.
func (e *Event) See(ev *event.Event, class *vocabulary.Class, vocab *vocabulary.Vocabulary, who Who, day calendar.Day) {
	e.Event, e.Class, e.Vocabulary, e.Who, e.Day, e.visited, e.deviceHash, e.Level = ev, *class, vocab, who, day, false, 0, 0
}

// TypeName is the type in the vocabulary.
func (e *Event) TypeName() string { return e.Vocabulary.TypeName(e.Class.Type) }

// Person says whether the event is an engagement of a person: neither what the
// company sent, nor of a scanner or a bot.
func (e *Event) Person() bool { return !e.Class.Machine && e.Class.Kind != vocabulary.Exposure }

// Daily says whether the rows of the table are of days, not of windows.
func (m *Metric) Daily() bool { return m.Family != Windowed }

// Table is the metric's table.
func (m *Metric) Table() wire.Table {
	if m.Daily() {
		return wire.Table(string(m.Family) + "_" + m.Name)
	}

	return wire.Table("rollups_" + m.Name)
}

// Width is how many slots a row has.
func (m *Metric) Width() int {
	width := 0
	for _, measure := range m.Measures {
		width = max(width, measure.Slot+1)
	}

	return width
}

// Dimensions are the names of the dimensions.
func (m *Metric) Dimensions() []string {
	names := make([]string, len(m.By))
	for i := range m.By {
		names[i] = m.By[i].Name
	}

	return names
}

// Columns are the names of the measures.
func (m *Metric) Columns() []string {
	names := make([]string, len(m.Measures))
	for i := range m.Measures {
		names[i] = m.Measures[i].Name
	}

	return names
}

// AppendKey appends what tells the event's row from others.
func (m *Metric) AppendKey(dst []byte, e *Event) []byte {
	for i := range m.By {
		if d := &m.By[i]; d.Field != nil {
			dst = AppendPart(dst, d.Field(e))
		} else {
			dst = AppendPart(dst, d.Of(e))
		}
	}

	return dst
}

// AppendPart appends a dimension of a key.
func AppendPart[T string | []byte](dst []byte, text T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// Parts are the dimensions of a key that AppendPart made.
func Parts(key []byte) []string {
	var parts []string
	for len(key) > 0 {
		n, size := binary.Uvarint(key)
		key = key[size:]
		parts = append(parts, string(key[:n]))
		key = key[n:]
	}

	return parts
}

// Texts are the dimensions of an event's row.
func (m *Metric) Texts(e *Event) []string {
	texts := make([]string, len(m.By))
	for i := range m.By {
		texts[i] = strings.Clone(m.By[i].Of(e)) // the event's own bytes don't last
	}

	return texts
}

// Row is what one event adds to the slots of its row.
type Row struct {
	filled uint32
	sums   [MaxSlots]windows.Sum
}

// Count fills a slot: its count goes up by one.
func (r *Row) Count(slot int) { r.Add(slot, windows.Sum{}) }

// Add fills a slot and adds to its sum, in millionths of the measure's unit. An
// event fills a slot once.
func (r *Row) Add(slot int, millionths windows.Sum) {
	r.filled |= 1 << slot
	r.sums[slot] = millionths
}

// Reset empties the row but for the slots that are given as a bit each.
func (r *Row) Reset(fills uint32) {
	r.filled = fills
	for ; fills != 0; fills &= fills - 1 {
		r.sums[bits.TrailingZeros32(fills)] = windows.Sum{}
	}
}

// Filled are the slots that are filled, as a bit each, and what they add to their sums; of
// the others that means nothing.
func (r *Row) Filled() (slots uint32, sums []windows.Sum) { return r.filled, r.sums[:] }

// Next is the lowest slot from one on that is filled, and what it adds to its sum;
// false where there is none.
func (r *Row) Next(from int) (slot int, sum windows.Sum, ok bool) {
	left := r.filled >> from
	if left == 0 {
		return 0, windows.Sum{}, false
	}
	slot = from + bits.TrailingZeros32(left)

	return slot, r.sums[slot], true
}
