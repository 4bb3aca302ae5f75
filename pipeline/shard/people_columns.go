package shard

import (
	"bytes"
	"slices"

	"ebb/pipeline/fact"
	"ebb/pipeline/metric"
	"ebb/pipeline/section"
	"ebb/windows/prefetch"
)

// kept are the columns of the customers that a metric or rollup in force reads, and from when on
// each tells of the input.
type kept struct {
	all     []*metric.StateColumn // of this program
	columns []keptColumn          // in the order of all
	takers  [][]observer          // by type: the columns that may take it; nil where none came yet

	// whole says that all are kept: then the bytes in the table are as metrics see them.
	// Else they lie there side by side, and scratch is what metrics see, with zeroes in
	// place of the others.
	whole   bool
	scratch metric.Who

	told []Column // what Status says
}

// Column is a column that is kept of every customer. Since is the clock from which on it
// tells of them, Unix ms; 0 for the beginning.
type Column struct {
	Name  string
	Bytes int
	Since int64
}

// keptColumn is a column, and where its bytes begin of those that a customer has.
type keptColumn struct {
	*metric.StateColumn
	from  int
	since section.Since // of one that began anew; zero for the others
}

// in are the column's bytes of those that a customer has.
func (c *keptColumn) in(own []byte) []byte { return own[c.from : c.from+c.Bytes] }

// observer is a column that takes events: what each event asks of it stands side by side,
// apart from the words of the column.
type observer struct {
	observe func(e *metric.Event, state []byte) // StateColumn.Observe
	seen    uint16                              // where its bytes begin of those that metrics see
	from    uint16                              // and of those that a customer has
	bytes   uint16
}

// in are the column's bytes of those that metrics see.
func (o *observer) in(who metric.Who) []byte { return who[o.seen : o.seen+o.bytes] }

func newKept(names []string, rollups []metric.Rollup) kept {
	k := kept{all: metric.Columns()}
	k.scratch = make(metric.Who, metric.Width(k.all))
	k.columns = k.of(names, rollups, section.Since{})
	k.whole = len(k.columns) == len(k.all)
	k.tell()

	return k
}

// tell makes what Status says.
func (k *kept) tell() {
	k.told = make([]Column, len(k.columns))
	for i, c := range k.columns {
		k.told[i] = Column{c.Name, c.Bytes, c.since.Clock}
	}
}

// of lays out the columns that some metrics and rollups read.
func (k *kept) of(names []string, rollups []metric.Rollup, since section.Since) (columns []keptColumn) {
	width := 0
	for _, c := range metric.Kept(names, rollups) {
		columns = append(columns, keptColumn{c, width, since})
		width += c.Bytes
	}

	return columns
}

// width is how many bytes a customer has.
func (k *kept) width() (width int) {
	for i := range k.columns {
		width += k.columns[i].Bytes
	}

	return width
}

// keepColumns goes on with the columns that some metrics and rollups read: those that are kept
// already go on, others begin with zeroes, and what nobody reads any more is forgotten.
func (p *people) keepColumns(names []string, rollups []metric.Rollup, since section.Since) {
	k := &p.kept
	k.takers = nil // types may mean something else
	former, next := k.columns, k.of(names, rollups, since)
	if slices.EqualFunc(former, next, func(a, b keptColumn) bool { return a.Name == b.Name }) {
		return
	}
	var moved [][2]keptColumn
	for i := range next {
		at := slices.IndexFunc(former, func(c keptColumn) bool { return c.Name == next[i].Name })
		if at >= 0 {
			next[i].since = former[at].since
			moved = append(moved, [2]keptColumn{next[i], former[at]})
		}
	}
	k.columns, k.whole = next, len(next) == len(k.all)
	k.tell()
	clear(k.scratch)
	p.Reshape(k.width(), func(to, from []byte) {
		for i := range moved {
			copy(moved[i][0].in(to), moved[i][1].in(from))
		}
	})
}

// approach begins to bring near what is kept of the customer whose event was read.
func (p *people) approach(id []byte) {
	index, likely := p.Approach(id)
	if !likely {
		return
	}
	columns := p.PeekColumns(index)
	if p.kept.whole {
		columns = metric.Who(columns).Often()
	}
	prefetch.Slice(columns)
}

// who are the columns of a customer, as metrics see them, until they are asked for
// another one; nil where none is kept. observe may change them.
func (p *people) who(index uint32) metric.Who {
	switch {
	case p.kept.whole:
		return p.Columns(index)
	case len(p.kept.columns) == 0:
		return nil
	}

	return p.kept.spread(p.PeekColumns(index))
}

// peekWho is who, for looking only.
func (p *people) peekWho(index uint32) metric.Who {
	if p.kept.whole {
		return p.PeekColumns(index)
	}

	return p.kept.spread(p.PeekColumns(index))
}

// spread puts each column in its place.
func (k *kept) spread(own []byte) metric.Who {
	for i := range k.columns {
		c := &k.columns[i]
		copy(c.In(k.scratch), c.in(own))
	}

	return k.scratch
}

// observe takes an event of a customer into the columns that take its type. The event has
// their columns.
func (p *people) observe(e *metric.Event, index uint32) {
	k := &p.kept
	takers := k.takersOf(e)
	for i := range takers {
		t := &takers[i]
		t.observe(e, t.in(e.Who))
	}
	if k.whole || len(takers) == 0 {
		return
	}
	own := p.Columns(index)
	for i := range takers {
		t := &takers[i]
		copy(own[t.from:t.from+t.bytes], t.in(e.Who))
	}
}

// takeOut tells what is kept of a customer, of the columns that move, and keeps it no
// longer. What is zero says nothing.
func (p *people) takeOut(index uint32) (told []fact.Column) {
	for i := range p.kept.columns {
		c := &p.kept.columns[i]
		state := c.in(p.PeekColumns(index))
		if c.Merge == nil || len(bytes.Trim(state, "\x00")) == 0 {
			continue
		}
		told = append(told, fact.Column{Name: c.Name, State: bytes.Clone(state)})
		clear(c.in(p.Columns(index)))
	}

	return told
}

// alone tells what columns that move would keep of an event alone.
func (p *people) alone(e *metric.Event) (told []fact.Column) {
	takers := p.kept.takersOf(e)
	for i := range p.kept.columns {
		c := &p.kept.columns[i]
		at := slices.IndexFunc(takers, func(t observer) bool { return int(t.seen) == c.From() })
		if c.Merge == nil || at < 0 {
			continue
		}
		state := make([]byte, c.Bytes)
		takers[at].observe(e, state)
		if len(bytes.Trim(state, "\x00")) > 0 {
			told = append(told, fact.Column{Name: c.Name, State: state})
		}
	}

	return told
}

// bringIn merges what was kept of somebody who is this customer. What this program or
// configuration does not keep, or not in so many bytes, is passed over. number gives the
// channels of another partition the numbers of this one.
func (p *people) bringIn(index uint32, told []fact.Column, number func(channel uint8) uint8) {
	for i := range p.kept.columns {
		c := &p.kept.columns[i]
		at := slices.IndexFunc(told, func(t fact.Column) bool { return t.Name == c.Name && len(t.State) == c.Bytes })
		if at < 0 || c.Merge == nil {
			continue
		}
		state := bytes.Clone(told[at].State)
		if c.Name == metric.ChannelsColumn {
			metric.RenumberChannels(state, number)
		}
		c.Merge(c.in(p.Columns(index)), state)
	}
}

// takersOf are the columns that take events of the event's type, which is found out when
// such an event first comes.
func (k *kept) takersOf(e *metric.Event) []observer {
	at := int(e.Class.Type)
	if at < len(k.takers) && k.takers[at] != nil {
		return k.takers[at]
	}
	if more := at + 1 - len(k.takers); more > 0 {
		k.takers = append(k.takers, make([][]observer, more)...)
	}
	takers := []observer{}
	for i := range k.columns {
		if c := &k.columns[i]; c.Takes == nil || c.Takes(&e.Class, e.TypeName()) {
			takers = append(takers, observer{c.Observe, uint16(c.From()), uint16(c.from), uint16(c.Bytes)})
		}
	}
	k.takers[at] = takers

	return takers
}

// ColumnSince says from which record on a column tells of the customers: of one that a
// configuration brought, or that no program had before, or that had another width. The
// zero Since is the beginning of the section: that of the partition, or what Since says
// of it. false: it is not kept.
func (s *Shard) ColumnSince(name string) (section.Since, bool) {
	for i := range s.customers.kept.columns {
		if c := &s.customers.kept.columns[i]; c.Name == name {
			return c.since, true
		}
	}

	return section.Since{}, false
}
