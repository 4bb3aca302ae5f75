package trial

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Comparison is a view in two databases, of the columns that both have.
type Comparison struct {
	View     string   `json:"view"`
	Rows     uint64   `json:"rows"`   // of the one
	Others   uint64   `json:"others"` // of the other
	Only     uint64   `json:"only"`   // rows that the other does not have
	Missing  uint64   `json:"missing"`
	Columns  []string `json:"columns,omitempty"`          // whose values differ
	Examples []string `json:"examples,omitempty"`         // of rows that the other does not have
	Absent   []string `json:"examples_missing,omitempty"` // of those that the one does not have
	Lost     []string `json:"columns_lost,omitempty"`     // columns that only the other has
	New      []string `json:"columns_new,omitempty"`      // columns that only the one has
}

// Same says that the one has all that the other has, and no other rows.
func (c *Comparison) Same() bool { return c.Only == 0 && c.Missing == 0 && len(c.Lost) == 0 }

func (c *Comparison) String() string {
	text := fmt.Sprintf("%s: %d of %d rows are not among the other's %d; %d of those are not among these", c.View, c.Only, c.Rows, c.Others, c.Missing)
	if len(c.Lost) > 0 {
		text += "; lost " + strings.Join(c.Lost, ", ")
	}
	if len(c.Columns) > 0 {
		text += "; differing in " + strings.Join(c.Columns, ", ")
	}
	for _, example := range c.Examples {
		text += "\n    here:      " + shortened(example)
	}
	for _, example := range c.Absent {
		text += "\n    the other: " + shortened(example)
	}

	return text
}

// shortened keeps an example on a few lines. All of it is in the JSON.
func shortened(example string) string {
	if runes := []rune(example); len(runes) > longestExample {
		return string(runes[:longestExample]) + "…"
	}

	return example
}

const longestExample = 300

// sides are the databases that are compared. The engine holds one at a time.
type sides struct {
	dirs  [2]string
	views [2]map[string]view
}

const one, other = 0, 1

// Compare compares all views of what two demos left in their folders, row by row, but
// for the places at which rows came. A view that only one has is one without rows in
// the other; if it is the other that has it, all its columns are lost.
func Compare(ctx context.Context, dir, otherDir string) ([]Comparison, error) {
	s := sides{dirs: [2]string{one: dir, other: otherDir}}
	for side := range s.dirs {
		err := s.open(side, func(conn driver.Conn) (err error) {
			s.views[side], err = readViews(ctx, conn)

			return err
		})
		if err != nil {
			return nil, err
		}
	}
	found, differ, err := s.digests(ctx)
	if err != nil {
		return nil, err
	}

	return found, s.explain(ctx, differ)
}

func (s *sides) open(side int, read func(driver.Conn) error) error {
	if err := open(s.dirs[side], read); err != nil {
		return fmt.Errorf("%s: %w", s.dirs[side], err)
	}

	return nil
}

// shared are the columns of a view that both have.
func (s *sides) shared(table string) []string {
	var names []string
	for name := range s.views[one][table] {
		if _, has := s.views[other][table][name]; has {
			names = append(names, name)
		}
	}
	slices.Sort(names)

	return names
}

// row is an expression for the text of a row, of the columns that both have.
func (s *sides) row(side int, table string) string { return s.texts(side, table, expression) }

func (s *sides) texts(side int, table string, of func(table, column, kind string) string) string {
	var columns []string
	for _, name := range s.shared(table) {
		columns = append(columns, of(table, name, s.views[side][table][name]))
	}

	return "[" + strings.Join(columns, ", ") + "]"
}

// digests compares the views as wholes.
func (s *sides) digests(ctx context.Context) (all []Comparison, differ []*Comparison, err error) {
	names := slices.Collect(maps.Keys(s.views[one]))
	for name := range s.views[other] {
		if _, has := s.views[one][name]; !has {
			names = append(names, name)
		}
	}
	slices.Sort(names)

	all = make([]Comparison, len(names))
	wholes := [2][]digested{make([]digested, len(names)), make([]digested, len(names))}
	for side := range s.dirs {
		err := s.open(side, func(conn driver.Conn) error {
			for i, name := range names {
				if len(s.shared(name)) == 0 {
					continue
				}
				if wholes[side][i], err = digest(ctx, conn, name, s.row(side, name)); err != nil {
					return err
				}
			}

			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	for i, name := range names {
		c := &all[i]
		*c = Comparison{
			View: name, Rows: wholes[one][i].Rows, Others: wholes[other][i].Rows,
			New: s.columnsBut(one, name), Lost: s.columnsBut(other, name),
		}
		if wholes[one][i] != wholes[other][i] {
			differ = append(differ, c)
		}
	}

	return all, differ, nil
}

// columnsBut are the columns of a view that only one side has.
func (s *sides) columnsBut(side int, table string) []string {
	var names []string
	for name := range s.views[side][table] {
		if _, has := s.views[1-side][table][name]; !has {
			names = append(names, name)
		}
	}
	slices.Sort(names)

	return names
}

// explain says in which rows and columns views differ.
func (s *sides) explain(ctx context.Context, differ []*Comparison) error {
	if len(differ) == 0 {
		return nil
	}
	rows := [2][][]uint64{}
	columns := [2][]map[string]digested{}
	for side := range s.dirs {
		err := s.open(side, func(conn driver.Conn) error {
			for _, c := range differ {
				found, err := hashes(ctx, conn, c.View, s.row(side, c.View))
				if err != nil {
					return err
				}
				rows[side] = append(rows[side], found)
				by := make(map[string]digested)
				for _, name := range s.shared(c.View) {
					if by[name], err = digest(ctx, conn, c.View, expression(c.View, name, s.views[side][c.View][name])); err != nil {
						return err
					}
				}
				columns[side] = append(columns[side], by)
			}

			return nil
		})
		if err != nil {
			return err
		}
	}
	left := [2][][]uint64{}
	for i, c := range differ {
		mine, theirs := apart(rows[one][i], rows[other][i])
		left[one], left[other] = append(left[one], mine), append(left[other], theirs)
		c.Only, c.Missing = uint64(len(mine)), uint64(len(theirs))
		for _, name := range s.shared(c.View) {
			if columns[one][i][name] != columns[other][i][name] {
				c.Columns = append(c.Columns, name)
			}
		}
	}

	for side := range s.dirs {
		err := s.open(side, func(conn driver.Conn) error {
			for i, c := range differ {
				found, err := examples(ctx, conn, c.View, s.row(side, c.View), s.texts(side, c.View, labeled), left[side][i])
				if err != nil {
					return err
				}
				if side == one {
					c.Examples = found
				} else {
					c.Absent = found
				}
			}

			return nil
		})
		if err != nil {
			return err
		}
	}

	return nil
}

// apart are the hashes that only one of two sorted lists has; one that is there twice
// has to be in the other twice.
func apart(a, b []uint64) (onlyA, onlyB []uint64) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			onlyA, a = append(onlyA, a[0]), a[1:]
		case a[0] > b[0]:
			onlyB, b = append(onlyB, b[0]), b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}

	return append(onlyA, a...), append(onlyB, b...)
}
