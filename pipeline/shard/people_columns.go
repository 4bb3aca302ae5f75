package shard

import (
	"fmt"

	"ebb/pipeline/metric"
	"ebb/pipeline/section"
	"ebb/windows/codec"
)

// kept are the columns of the customers, and from when on each tells of the input.
type kept struct {
	columns []*metric.StateColumn
	since   []section.Since         // of those that began anew in a later program; zero for the others
	takers  [][]*metric.StateColumn // by type: those that may take it; nil where none came yet
}

func newKept(columns []*metric.StateColumn) kept {
	return kept{columns: columns, since: make([]section.Since, len(columns))}
}

// observe takes an event of a customer into the columns that take its type, which is
// found out when such an event first comes.
func (k *kept) observe(e *metric.Event) {
	at := int(e.Class.Type)
	if more := at + 1 - len(k.takers); more > 0 {
		k.takers = append(k.takers, make([][]*metric.StateColumn, more)...)
	}
	takers := k.takers[at]
	if takers == nil {
		takers = []*metric.StateColumn{}
		for _, c := range k.columns {
			if c.Takes == nil || c.Takes(&e.Class, e.TypeName()) {
				takers = append(takers, c)
			}
		}
		k.takers[at] = takers
	}
	for _, c := range takers {
		c.Observe(e, c.In(e.Who))
	}
}

// ColumnSince says from which record on a column tells of the customers: of one that
// no program had before, or that had another width. The zero Since is the beginning of
// the section: that of the partition, or what Since says of it.
func (s *Shard) ColumnSince(name string) section.Since {
	for i, c := range s.customers.kept.columns {
		if c.Name == name {
			return s.customers.kept.since[i]
		}
	}

	return section.Since{}
}

// writeColumns writes which columns there are, and then their bytes by customer.
func writeColumns(s *Shard) appender {
	var w codec.Writer
	w.Uint(uint64(len(s.customers.kept.columns)))
	for i, c := range s.customers.kept.columns {
		w.Text(c.Name)
		w.Uint(uint64(c.Bytes))
		w.Uint(s.customers.kept.since[i].Sequence)
		w.Int(s.customers.kept.since[i].Clock)
	}
	frozen := s.customers.FreezeColumns()

	return func(dst []byte) []byte { return frozen.AppendBinary(append(dst, w.Bytes()...)) }
}

// writtenColumn is a column as a snapshot has it.
type writtenColumn struct {
	from  int // where it begins, of a customer
	width int
	to    *metric.StateColumn // nil for what this program does not know
}

// readColumns reads the bytes of columns that this program has, too: by name, where
// they are as wide. Others are dropped, and those that are missing begin here.
func readColumns(s *Shard, body []byte) error {
	r := reading(body)
	var written []writtenColumn
	names, width := make(map[string]bool), 0
	begun := section.Since{Sequence: s.sequence, Clock: s.clock}
	for i := range s.customers.kept.since {
		s.customers.kept.since[i] = begun
	}
	for range r.Count(4, "columns") {
		name, bytes := r.Text(), int(r.UintTo(metric.MaxColumnBytes, "bytes of a column"))
		since := section.Since{Sequence: r.Uint(), Clock: r.Int()}
		if names[name] {
			r.Fail("column %q stands twice", name)
		}
		if r.Err() != nil {
			return r.End()
		}
		names[name] = true
		column := writtenColumn{from: width, width: bytes}
		for i, c := range s.customers.kept.columns {
			if c.Name == name && c.Bytes == bytes {
				column.to, s.customers.kept.since[i] = c, since
			}
		}
		written = append(written, column)
		width += bytes
	}
	all := r.Take(uint64(s.customers.Count) * uint64(width))
	if err := r.End(); err != nil {
		return err
	}
	for index := range s.customers.Count {
		var err error
		if all, err = s.readColumnsOf(index, all, width, written); err != nil {
			return err
		}
	}

	return nil
}

// readColumnsOf reads the columns of an index, and gives what is left.
func (s *Shard) readColumnsOf(index uint32, all []byte, width int, written []writtenColumn) (rest []byte, _ error) {
	one, rest := all[:width], all[width:]
	if s.customers.Vacant(index) {
		for _, b := range one {
			if b != 0 {
				return nil, fmt.Errorf("columns of index %d, which nobody has", index)
			}
		}

		return rest, nil
	}
	who := metric.Who(s.customers.Columns(index))
	for _, c := range written {
		if c.to != nil {
			copy(c.to.In(who), one[c.from:c.from+c.width])
		}
	}

	return rest, nil
}
