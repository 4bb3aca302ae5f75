package replay

import (
	"errors"
	"fmt"
	"io"

	"ebb/pipeline/amount"

	"github.com/zeebo/xxh3"
)

// maxGroups is how many groups of a file are remembered, of about 90 bytes each.
const maxGroups = 1 << 22

// Groups are the orders of a file of order lines: rows of one customer, type and
// currency that say the same in the column of Mapping.Group are one event. It is that
// of the first of them in the file, with its time and what else it says, and worth the
// sum of all, in millionths of the currency, so that revenue is the same as without
// grouping. They need not stand together.
//
// A row that would be refused, and one without a group, stands alone. What is
// remembered is bounded: of more than 4 million groups, the first in the file are
// grouped, and Beyond counts the rows of others.
type Groups struct {
	Events int64 `json:"events"` // groups of several rows
	Merged int64 `json:"merged"` // rows that went into the event of another
	Beyond int64 `json:"beyond"`

	most   int
	places map[xxh3.Uint128]int32
	list   []group
	key    []byte
}

type group struct {
	first int64 // row
	rows  int64
	sum   amount.Amount
	worth bool // some row has a value
}

func newGroups(most int) *Groups {
	return &Groups{most: most, places: make(map[xxh3.Uint128]int32)}
}

// keyOf tells the group of a row; false where it has none.
func (g *Groups) keyOf(row *Row, d *draft) (xxh3.Uint128, bool) {
	if len(d.text[fieldGroup]) == 0 {
		return xxh3.Uint128{}, false
	}
	g.key = g.key[:0]
	for _, part := range [][]byte{row.Customer, row.Type, d.text[fieldCurrency], d.text[fieldGroup]} {
		g.key = append(append(g.key, part...), 0)
	}

	return xxh3.Hash128(g.key), true
}

// add takes a row of the pass that finds the groups.
func (g *Groups) add(row *Row, d *draft) {
	key, ok := g.keyOf(row, d)
	if !ok || row.Problem != nil {
		return
	}
	place, known := g.places[key]
	if !known {
		if len(g.list) >= g.most {
			g.Beyond++

			return
		}
		place = int32(len(g.list)) // bounded by most
		g.places[key] = place
		g.list = append(g.list, group{first: row.Number})
	}
	of := &g.list[place]
	if of.rows++; of.rows > 1 {
		g.Merged++
	}
	if of.rows == 2 {
		g.Events++
	}
	if value, ok := d.amount(fieldValue); ok {
		of.sum, of.worth = of.sum.Add(value), true
	}
}

// of is the group of a row if there are others in it, else nil.
func (g *Groups) of(row *Row, d *draft) *group {
	key, ok := g.keyOf(row, d)
	if !ok || row.Problem != nil {
		return nil
	}
	place, known := g.places[key]
	if !known || g.list[place].rows < 2 {
		return nil
	}

	return &g.list[place]
}

// Words says to a person what was grouped, in sentences; none where nothing was.
func (g *Groups) Words() []string {
	if g == nil {
		return nil
	}
	var words []string
	if g.Merged > 0 {
		words = append(words, fmt.Sprintf("%s of several rows: %s into the first of theirs, with the sum of the values.",
			number(g.Events, "event is", "events are"), number(g.Merged, "row went", "rows went")))
	}
	if g.Beyond > 0 {
		words = append(words, fmt.Sprintf("There are more groups than are kept (%d): %s alone. Sum them up before the import.",
			g.most, number(g.Beyond, "row of others stands", "rows of others stand")))
	}

	return words
}

// FindGroups reads the file for them alone; nil where the mapping groups nothing.
func FindGroups(source Source, m *Mapping) (*Groups, error) { return findGroups(source, m, nil, nil) }

// findGroups reads the file once more where the mapping groups rows, when whose they
// are and which can be believed is known.
func findGroups(source Source, m *Mapping, timeline *Timeline, joins *Joins) (*Groups, error) {
	if m.Group == "" {
		return nil, nil //nolint:nilnil // nothing is grouped, and nothing went wrong
	}
	groups := newGroups(maxGroups)
	reader, err := NewReader(source, m, ReadOptions{Timeline: timeline, Joins: joins, grouping: groups})
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	var row Row
	for {
		err := reader.nextInFile(&row)
		if errors.Is(err, io.EOF) {
			groups.key = nil

			return groups, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// group says whether the row is part of an event that another row is, or gives it the
// value of all rows of its event, for which its body is to be written again.
func (r *Reader) group(row *Row) (again bool) {
	if r.grouping != nil {
		r.grouping.add(row, &r.draft)

		return false
	}
	if r.groups == nil {
		return false
	}
	of := r.groups.of(row, &r.draft)
	switch {
	case of == nil:
		return false
	case of.first != row.Number:
		row.merged = true

		return false
	case of.worth:
		r.draft.setAmount(fieldValue, of.sum)
		row.HasAmount = true
	}

	return true
}

// multiply makes the value of quantity and price, where the mapping names both. What
// can't be multiplied stays as text, and is refused as a value.
func (r *Reader) multiply() {
	d := &r.draft
	for _, f := range []field{fieldQuantity, fieldPrice} {
		if len(d.text[f]) == 0 {
			d.text[f], d.number[f] = r.constants[f], true
		}
		if len(d.text[f]) == 0 {
			return
		}
	}
	quantity, ok := d.amount(fieldQuantity)
	price, also := d.amount(fieldPrice)
	if value, fits := quantity.Times(price); ok && also && fits {
		d.setAmount(fieldValue, value)

		return
	}
	d.number[fieldValue] = false
	d.text[fieldValue] = fmt.Appendf(nil, "%s × %s", d.text[fieldQuantity], d.text[fieldPrice])
}

// amount is the text of a field as an amount.
func (d *draft) amount(f field) (amount.Amount, bool) {
	text := d.text[f]
	if len(text) == 0 || d.composed[f] {
		return amount.Amount{}, false
	}
	from := len(d.arena)
	if d.numbers != (Numbers{}) && !d.number[f] {
		var ok bool
		if d.arena, ok = d.numbers.plain(d.arena, text); !ok {
			return amount.Amount{}, false
		}
		text, from = d.arena[from:], len(d.arena)
	}
	var ok bool
	if d.arena, ok = appendNumber(d.arena, text); !ok {
		return amount.Amount{}, false
	}

	return amount.ParseBytes(d.arena[from:])
}

func (d *draft) setAmount(f field, value amount.Amount) {
	from := len(d.arena)
	d.arena = value.Append(d.arena)
	d.text[f], d.number[f], d.composed[f] = d.arena[from:len(d.arena):len(d.arena)], true, false
}
