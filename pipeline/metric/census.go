package metric

import (
	"slices"

	"ebb/pipeline/amount"
	"ebb/pipeline/calendar"
)

// A census counts the customers themselves, once a day: how many are new, how many
// come back, how the customers of a week fare later. It is taken when nothing can
// count for the day any more: when the clock has passed the day's end by the
// lateness. What it counts is what is known of every customer at that place of the
// input, so a census is never corrected. Days that the clock jumps over have one
// each, at that place.

// Census is a table of calendar days: which customers are counted, and by what.
type Census struct {
	Name       string // a-z and _: the table is census_<name>, its view v_<name>
	Title      string // for people, a few words
	Definition string // one or two sentences
	Source     string // of the formulas, where they are not plain counts
	FedBy      string // the events that it waits for, for people

	By       []CensusDimension
	Measures []Measure
	Figures  []Figure // what the view derives from the measures

	// Ordered says that what is known of customers follows from the order in which their
	// events came, and not only from which came.
	Ordered bool

	// Reads names the columns that it reads, Seen and Engaged included; see Metric.
	Reads []string

	// Modelled names dimensions and measures that follow from the churn model, whose
	// arithmetic no SQL repeats: the proof says what each measure is at most.
	Modelled []string

	// Counts counts a customer in as many rows as they belong to. The proof, the file
	// of the metric's name in folder sql, says the same in SQL.
	Counts func(p *Person, t *Tally)
}

// CensusDimension is a column that parts the rows of a census. Its values are
// numbers while customers are counted, because texts would cost each of them.
type CensusDimension struct {
	Name       string
	Definition string
	Text       func(value int32) string // at most MaxText bytes
}

// Person is what is known of a customer when a census is taken.
type Person struct {
	Day     calendar.Day // that is counted
	Who     Who          // columns
	Seen    Days         // with any event of the customer but machines', exposures apart
	Engaged Days         // with a qualifying event
	Level   uint8        // of risk: 0 healthy, 1 cooling, 2 at risk, 3 lapsed

	Outlook func() Outlook // what the churn model expects; it costs time
}

// Tally is the rows of a census on their way. It belongs to one goroutine.
type Tally struct {
	rows   map[[MaxBy]int32]*CensusRow
	recent [recentRows]*CensusRow // by a hash of its values, so that most customers find theirs at once
	places [MostPlaces]*CensusRow // see At
}

const recentRows = 256

// MostPlaces is how many places At has.
const MostPlaces = 64

// CensusRow is what the slots of a row hold.
type CensusRow struct {
	by     [MaxBy]int32
	counts [MaxSlots]int64
	sums   [MaxSlots]amount.Amount
}

// NewTally is that of a census without anybody. A table without dimensions has its
// row always, so that it says that the day was counted.
func (c *Census) NewTally() *Tally {
	t := &Tally{rows: make(map[[MaxBy]int32]*CensusRow)}
	if len(c.By) == 0 {
		t.Row()
	}

	return t
}

// Row is the row of some values of the dimensions, in their order.
func (t *Tally) Row(by ...int32) *CensusRow {
	var key [MaxBy]int32
	copy(key[:], by)
	hash := uint32(0)
	for _, value := range key {
		hash = (hash ^ uint32(value)) * 0x9e3779b1
	}
	recent := &t.recent[hash>>24]
	if *recent != nil && (*recent).by == key {
		return *recent
	}
	row := t.rows[key]
	if row == nil {
		row = &CensusRow{by: key}
		t.rows[key] = row
	}
	*recent = row

	return row
}

// At is the row of some values that a place below MostPlaces stands for, and no other
// values: it is found without looking.
func (t *Tally) At(place int32, by ...int32) *CensusRow {
	if t.places[place] == nil {
		t.places[place] = t.Row(by...)
	}

	return t.places[place]
}

// Count counts a customer in a slot.
func (r *CensusRow) Count(slot int) { r.counts[slot]++ }

// CountIf counts a customer in a slot where something holds.
func (r *CensusRow) CountIf(holds bool, slot int) {
	if holds {
		r.counts[slot]++
	}
}

// Add adds to the sum of a slot, in millionths of the measure's unit.
func (r *CensusRow) Add(slot int, millionths amount.Amount) {
	r.sums[slot] = r.sums[slot].Add(millionths)
}

// Slot is what a slot holds.
func (r *CensusRow) Slot(slot int) (count int64, sum amount.Amount) {
	return r.counts[slot], r.sums[slot]
}

// Rows are the rows in the order of their values.
func (t *Tally) Rows() []*CensusRow {
	rows := make([]*CensusRow, 0, len(t.rows))
	for _, row := range t.rows {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *CensusRow) int { return slices.Compare(a.by[:], b.by[:]) })

	return rows
}

// Texts are the dimensions of a row.
func (c *Census) Texts(r *CensusRow) []string {
	texts := make([]string, len(c.By))
	for i := range c.By {
		texts[i] = c.By[i].Text(r.by[i])
	}

	return texts
}

// Rows is the table of a census as a metric: what sinks, schema and descriptions follow.
func (c *Census) Rows() *Metric {
	m := &Metric{
		Family: Counted, Name: c.Name, Title: c.Title, Definition: c.Definition, Source: c.Source, FedBy: c.FedBy,
		Measures: c.Measures, Figures: c.Figures, Ordered: c.Ordered, Reads: c.Reads, Modelled: c.Modelled,
	}
	for _, d := range c.By {
		m.By = append(m.By, Dimension{Name: d.Name, Definition: d.Definition})
	}

	return m
}

// Censuses are those of this version, in the order of their pages. The first one has
// a row for every day that was counted.
func Censuses() []*Census {
	return []*Census{
		reachDaily(),
		lifecycle(),
		retention(),
		stages(),
		segments(),
		breadth(),
		members(),
		proxies(),
		worth(),
	}
}
