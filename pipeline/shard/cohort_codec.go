package shard

import (
	"fmt"
	"slices"

	"ebb/pipeline/metric"
	"ebb/windows/codec"
)

// What is known of cohorts, in a snapshot: of each its name and shape, how far its days
// are closed, its rows by day and dimensions, and its items by hash, whose rows are
// told by their place among those. What is closed and published is left out.

// capture encodes the rows, and shares the items.
func (c *cohorts) capture() appender {
	var w codec.Writer
	w.Int(c.stamp)
	w.Uint(uint64(len(c.all)))
	parts := []appender{func(dst []byte) []byte { return append(dst, w.Bytes()...) }}
	for _, one := range c.all {
		parts = append(parts, one.capture())
	}

	return func(dst []byte) []byte {
		for _, part := range parts {
			dst = part(dst)
		}

		return dst
	}
}

func (c *cohort) capture() appender {
	var w codec.Writer
	w.Text(c.Name)
	writeTexts(&w, c.shape())
	for _, n := range [...]int64{c.floor, c.early} {
		w.Int(n)
	}
	for _, n := range [...]uint64{c.hurried, c.refused} {
		w.Uint(n)
	}
	places := c.writeRows(&w)
	w.Uint(uint64(c.live))
	segments := c.items.share()

	return func(dst []byte) []byte {
		w := codec.To(append(dst, w.Bytes()...))
		var sorted []item
		for _, s := range segments {
			sorted = s.sorted(sorted)
			for _, i := range sorted {
				place := places[rowIn(i.state)]
				if place < 0 {
					continue // it is closed
				}
				w.Fixed64(i.hash)
				w.Fixed64(i.state&^(itemRowMask<<itemRow) | uint64(place)<<itemRow)
			}
		}

		return w.Bytes()
	}
}

// writeRows writes the rows, and gives the places of those that are open, -1 for the
// others.
func (c *cohort) writeRows(w *codec.Writer) []int32 {
	r := &c.rows
	var rows []uint32
	for at := range r.slab {
		if row := &r.slab[at]; row.counts != nil && (row.day >= c.floor || row.dirty) {
			rows = append(rows, uint32(at))
		}
	}
	slices.SortFunc(rows, r.compare)
	places := make([]int32, len(r.slab))
	for at := range places {
		places[at] = -1
	}
	w.Uint(uint64(len(rows)))
	for place, at := range rows {
		row := &r.slab[at]
		if row.day >= c.floor {
			places[at] = int32(place)
		}
		w.Int(row.day)
		for _, text := range row.by {
			w.Text(text)
		}
		for _, n := range row.counts {
			w.Uint(uint64(n))
		}
		w.Bool(row.dirty)
	}

	return places
}

// shape is what marks, dimensions and measures mean. Under another one nothing can be
// carried over.
func (c *cohort) shape() []string {
	shape := append(slices.Clone(c.Marks), "by")
	for i := range c.By {
		shape = append(shape, c.By[i].Name)
	}
	shape = append(shape, "measures")
	for i := range c.Measures {
		m := &c.Measures[i]
		shape = append(shape, fmt.Sprintf("%s %x %x %x", m.Name, m.All, m.None, m.Any))
	}

	return shape
}

func writeTexts(w *codec.Writer, texts []string) {
	w.Uint(uint64(len(texts)))
	for _, text := range texts {
		w.Text(text)
	}
}

func readTexts(r *codec.Reader, what string) []string {
	var texts []string
	n := r.Count(1, what)
	for i := 0; i < n && r.Err() == nil; i++ {
		texts = append(texts, r.Text())
	}

	return texts
}

// read reads what capture wrote. A cohort that this program has not, or has in another
// shape, is dropped, and one that the snapshot has not starts empty.
func (c *cohorts) read(r *codec.Reader) {
	c.stamp = r.Int()
	n := r.Count(1, "cohorts")
	for i := 0; i < n && r.Err() == nil; i++ {
		name, shape := r.Text(), readTexts(r, "parts of a cohort")
		at := slices.IndexFunc(c.all, func(one *cohort) bool { return one.Name == name && slices.Equal(one.shape(), shape) })
		into := unknownCohort(shape)
		if at >= 0 {
			into = c.all[at]
		}
		if into == nil {
			r.Fail("cohort %q is none", name)

			return
		}
		into.read(r)
	}
	c.tell()
}

// unknownCohort reads the state of a cohort that is dropped.
func unknownCohort(shape []string) *cohort {
	by, measures := slices.Index(shape, "by"), slices.Index(shape, "measures")
	if by < 0 || measures < by {
		return nil
	}

	return newCohort(&metric.Cohort{
		By: make([]metric.Dimension, measures-by-1), Measures: make([]metric.Share, len(shape)-measures-1),
	}, 0)
}

func (c *cohort) read(r *codec.Reader) {
	c.floor, c.early = r.Int(), r.Int()
	c.hurried, c.refused = r.Uint(), r.Uint()
	n := r.Count(2+len(c.By)+len(c.Measures), "rows of a cohort")
	if n > mostRows {
		r.Fail("%d rows of a cohort", n)
	}
	for i := 0; i < n && r.Err() == nil; i++ {
		c.readRow(r)
	}
	c.readItems(r)
}

func (c *cohort) readRow(r *codec.Reader) {
	day := r.Int()
	by := make([]string, len(c.By))
	for i := range by {
		by[i] = r.Text()
	}
	key := c.rows.keyOf(day, by)
	if _, twice := c.rows.index[key]; twice && r.Err() == nil {
		r.Fail("a cohort has the row %q of day %d twice", by, day)
	}
	at, _ := c.rows.add(key, day, by)
	for i := range c.Measures {
		c.rows.slab[at].counts[i] = int64(r.Uint())
	}
	if r.Bool("whether a row has changed") {
		c.rows.slab[at].dirty = true
		c.rows.dirty = append(c.rows.dirty, at)
	}
}

func (c *cohort) readItems(r *codec.Reader) {
	n := r.Count(16, "items of a cohort")
	for i := 0; i < n && r.Err() == nil; i++ {
		hash, state := r.Fixed64(), r.Fixed64()
		switch row := rowIn(state); {
		case r.Err() != nil:
			return
		case state&itemThere == 0 || int(row) >= len(c.rows.slab) || c.rows.slab[row].day < c.floor:
			r.Fail("an item of a cohort is of no open row")
		case c.items.get(hash) != 0:
			r.Fail("an item of a cohort stands twice")
		case !c.items.put(hash, state, c.dropped):
			r.Fail("%d items of a cohort have no room", n)
		default:
			c.live++
			c.rows.enter(row)
		}
	}
}
