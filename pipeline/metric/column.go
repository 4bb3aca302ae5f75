package metric

import "slices"

// StateColumn is so many bytes that are kept of every customer, so that metrics can
// tell what an event means to this one: whether it is their first order, how long they
// were away, on which channel they were before.
//
// A column is kept while a metric is on that reads it, or a rollup of a user does, and
// costs nothing where none is.
//
// It is a function of the customer's accepted events in the order of the stream, from
// the first one of their present life on, and from the configuration on that brought
// it: who has left and comes again begins with zeroes, and so do all where the first
// metric that reads it is switched on. Late events beyond the lateness are not among them, nor are those of machines,
// which are nobody's. Where an
// anonymous customer signs in, what is kept of them moves to the known one, with a record
// of its own; see Merge. It is forgotten where it was: who goes on with the anonymous id
// alone begins with zeroes.
//
// Its bytes travel in snapshots by name and width. So one that is new begins with zeroes
// in a program that has it, one whose width is another begins anew, and both say from
// when on. Whoever gives the same bytes another meaning gives the column another name.
type StateColumn struct {
	Name       string
	Definition string
	Bytes      int

	// Takes says which events of a customer the column may take at all, by their type;
	// nil: any.
	Takes Filter

	// Observe takes an event into the column's bytes, after metrics have counted it.
	Observe func(e *Event, state []byte)

	// Merge adds the bytes of who is the same customer, an anonymous one who has signed
	// in, to those of the known one. Definition says what that comes to. It holds for any
	// bytes: what no column can be is passed over.
	//
	// nil: the column does not move, and stays what the events under the known id say.
	// That are those of a moment (contacts, session, path, issues: by hours or days, of
	// what was under way when somebody signed in) and those that are an order of events
	// (products, touch: what came first, what last), which nobody knows of two partitions.
	Merge func(into, from []byte)

	at int // where it begins in Who
}

// Kept are the columns that some of the metrics or some rollups of users read, in the
// order of Columns.
func Kept(names []string, rollups []Rollup) []*StateColumn {
	var read []string
	for i := range rollups {
		read = append(read, rollups[i].reads()...)
	}
	for _, m := range Tables() {
		if slices.Contains(names, m.Name) {
			read = append(read, m.Reads...)
		}
	}

	return slices.DeleteFunc(Columns(), func(c *StateColumn) bool { return !slices.Contains(read, c.Name) })
}

// MaxColumnBytes bounds what all columns take together, of one customer.
const MaxColumnBytes = 256

// Who is what the columns hold of one customer: as it was before an event, while
// metrics count it. It is nil where there is nobody, for events of machines; then
// everything that is asked of it is as of a customer of whom nothing is known. Columns that
// are not kept are zero in it; where none is, it is nil, too.
type Who []byte

// In are the bytes of the column; nil where there is nobody.
func (c *StateColumn) In(w Who) []byte {
	if w == nil {
		return nil
	}

	return w[c.at : c.at+c.Bytes : c.at+c.Bytes]
}

// From is where the column begins in Who.
func (c *StateColumn) From() int { return c.at }

// Width is how many bytes columns take together.
func Width(columns []*StateColumn) int {
	width := 0
	for _, c := range columns {
		width = max(width, c.at+c.Bytes)
	}

	return width
}
