package metric

import (
	"fmt"

	"ebb/pipeline/wire"
)

// Cohort is a table keyed by the day on which something was sent or begun: how many of
// the items of that day have come how far, each item at most once a measure. An item is
// something of one customer, such as a message; what is known of it is a set of marks.
//
// An event belongs to an item as long as the item is open: from the event on that makes
// it known until the clock has passed Span days after the item's day. What comes later
// makes an item anew. The item's day and dimensions are those of the event that begins
// it: of the lowest rank that has come, and among those of the earliest time; of two of
// the same time, of the one that came first. So all but that does not depend on the
// order in which events come, as long as they come within the span.
//
// A row counts items, so it also goes down: where the send comes behind what followed
// it, the item moves to the row of the send.
type Cohort struct {
	Name       string // a-z and _: the table is cohorts_<name>, its view v_<name>
	Title      string // for people, a few words
	Definition string // one or two sentences
	Source     string // of the formulas, where they are not plain counts
	FedBy      string // the events that it waits for, for people

	By       []Dimension // of the event that begins the item; they name neither customer nor message
	Marks    []string    // what can be known of an item, by bit
	Measures []Share
	Figures  []Figure // what the view derives from the measures

	// Span is for how many days after its own an item is open, by the clock.
	Span int

	// AtMost bounds how many combinations of dimensions a partition tells apart on a
	// day, in the order in which they come first. What is beyond counts under Other.
	AtMost int

	// Takes says whether an event belongs to an item, which one, and what it tells of it.
	// Proof says the same in SQL.
	Takes func(e *Event, item *Item) bool
}

// MaxMarks is how many marks an item has at most.
const MaxMarks = 12

// Ranks is how many ranks there are.
const Ranks = 4

// Marks is a set of marks.
type Marks uint16

// Share is a measure of a cohort: the items that have all of some marks, none of
// others, and any of third ones. No marks at all ask nothing.
type Share struct {
	Name       string
	Definition string
	Unit       string
	All        Marks
	None       Marks
	Any        Marks
}

// Counts says whether an item of these marks counts.
func (s *Share) Counts(m Marks) bool {
	return m&s.All == s.All && m&s.None == 0 && (s.Any == 0 || m&s.Any != 0)
}

// Item is what an event says of the item that it belongs to.
type Item struct {
	Key   []byte // what tells the item from others of its customer; appended to
	Rank  uint8  // below Ranks; of the events of an item those of the lowest begin it
	Marks Marks  // that the event adds
}

// Table is the cohort's table.
func (c *Cohort) Table() wire.Table { return wire.Table(string(Cohorts) + "_" + c.Name) }

// Rows is the table as a metric: what sinks, schema and descriptions follow.
func (c *Cohort) Rows() *Metric {
	m := &Metric{
		Family: Cohorts, Name: c.Name, Title: c.Title, Definition: c.Definition, Source: c.Source, FedBy: c.FedBy,
		By: c.By, Figures: c.Figures, AtMost: c.AtMost, Span: c.Span,
	}
	for i, s := range c.Measures {
		m.Measures = append(m.Measures, Measure{Name: s.Name, Definition: s.Definition, Unit: s.Unit, Slot: i})
	}

	return m
}

// Proof is what Takes says, in SQL over the accepted events: a row for each that the
// cohort takes, with partition, sequence, time, customer, item, rank, the dimensions,
// and each mark. It is the file of the cohort's name in folder sql.
func (c *Cohort) Proof() (string, error) {
	text, err := proofs.ReadFile("sql/" + c.Name + ".sql")
	if err != nil {
		return "", fmt.Errorf("cohort %s has no proof: %w", c.Name, err)
	}

	return string(text), nil
}

// AllCohorts are the cohorts of this version, in the order of their pages.
func AllCohorts() []*Cohort {
	return []*Cohort{
		campaigns(),
	}
}
