package shard

import (
	"fmt"

	"ebb/pipeline/metric"
	"ebb/pipeline/section"
	"ebb/windows/codec"
)

// writeColumns writes which columns are kept, and then their bytes by customer.
func writeColumns(s *Shard) appender {
	var w codec.Writer
	columns := s.customers.kept.columns
	w.Uint(uint64(len(columns)))
	for i := range columns {
		w.Text(columns[i].Name)
		w.Uint(uint64(columns[i].Bytes))
		w.Uint(columns[i].since.Sequence)
		w.Int(columns[i].since.Clock)
	}
	frozen := s.customers.FreezeColumns()

	return func(dst []byte) []byte { return frozen.AppendBinary(append(dst, w.Bytes()...)) }
}

// writtenColumn is a column as a snapshot has it.
type writtenColumn struct {
	from  int // where it begins, of a customer
	width int
	to    *keptColumn // nil for what this shard does not keep
}

// readColumns reads the bytes of columns that the shard keeps: by name, where they are
// as wide. Others are dropped, and those that are missing begin here.
func readColumns(s *Shard, body []byte) error {
	r := reading(body)
	var written []writtenColumn
	names, width := make(map[string]bool), 0
	begun := section.Since{Sequence: s.sequence, Clock: s.clock}
	columns := s.customers.kept.columns
	for i := range columns {
		columns[i].since = begun
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
		for i := range columns {
			if c := &columns[i]; c.Name == name && c.Bytes == bytes {
				column.to, c.since = c, since
			}
		}
		written = append(written, column)
		width += bytes
	}
	s.customers.kept.tell()
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
	bytes := s.customers.Columns(index)
	for _, c := range written {
		if c.to != nil {
			copy(c.to.in(bytes), one[c.from:c.from+c.width])
		}
	}

	return rest, nil
}
