package replay

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/klauspost/compress/s2"
)

// Bounds of sorting: what is held in memory, and how many parts of that size
// may lie on disk. Together they bound the file: at 256 bytes a row, to 64
// million rows.
const (
	sortBytes = 64 << 20
	maxRuns   = 256
	spillUnit = 64 << 10 // bytes that are packed, written and read at once
)

// ErrTooLargeToSort says that a file is not in order and too large to be
// brought in order here.
var ErrTooLargeToSort = errors.New("the file is not in the order of time and too large to be sorted here; sort it by time first, " +
	"such as with sort, or by ORDER BY where it comes from")

// sortedRows yields the rows of a file in the order of their clocks, and rows
// with the same clock in the order of the file: an external merge sort. What
// does not fit into memory lies packed in temporary files.
type sortedRows struct {
	limit int
	arena []byte      // rows that are held, one after the other
	index []sortEntry // where they are
	runs  runs        // what waits to be merged, the next row on top
	files []spilled
	clock int64
	shift int64
	bad   *int64
}

// spilled is a sorted part of the rows on disk, and what must come back of it.
type spilled struct {
	*os.File

	rows  int
	bytes int // of the longest row
}

// sortEntry is a row's place in the order and in the arena.
type sortEntry struct {
	key, number int64
	from, to    int
}

func (e sortEntry) compare(other sortEntry) int {
	return cmp.Or(cmp.Compare(e.key, other.key), cmp.Compare(e.number, other.number))
}

// sort reads the whole file.
func (r *Reader) sort() error {
	s := &sortedRows{limit: sortBytes, clock: r.options.Clock, shift: r.options.ShiftMS, bad: &r.bad}
	r.order = s
	var row Row
	for {
		err := r.nextInFile(&row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = s.add(&row)
		}
		if err != nil {
			return err
		}
	}
	r.bad = 0 // counted anew as rows are given out

	return s.merge()
}

func (s *sortedRows) add(row *Row) error {
	from := len(s.arena)
	s.arena = appendRow(s.arena, row)
	s.index = append(s.index, sortEntry{row.key, row.Number, from, len(s.arena)})
	if len(s.arena) < s.limit {
		return nil
	}

	return s.spill()
}

// spill writes what is held to a file of its own.
func (s *sortedRows) spill() error {
	if len(s.files) == maxRuns {
		return ErrTooLargeToSort
	}
	file, err := os.CreateTemp("", "ebb-sort-")
	if err != nil {
		return spillError(err)
	}
	s.files = append(s.files, spilled{File: file, rows: len(s.index)})
	longest := &s.files[len(s.files)-1].bytes
	slices.SortFunc(s.index, sortEntry.compare)
	packed := s2.NewWriter(file, s2.WriterBlockSize(spillUnit), s2.WriterConcurrency(1))
	var size [binary.MaxVarintLen64]byte
	for _, e := range s.index {
		*longest = max(*longest, e.to-e.from)
		_, err := packed.Write(size[:binary.PutUvarint(size[:], uint64(e.to-e.from))])
		if err == nil {
			_, err = packed.Write(s.arena[e.from:e.to])
		}
		if err != nil {
			return spillError(err)
		}
	}
	s.arena, s.index = s.arena[:0], s.index[:0]

	if err := packed.Close(); err != nil {
		return spillError(err)
	}

	return nil
}

func spillError(err error) error {
	return fmt.Errorf("sort the file by time: %w; make room in %s, name another folder with TMPDIR, or sort the file first", err, os.TempDir())
}

// merge begins to give the rows out.
func (s *sortedRows) merge() error {
	slices.SortFunc(s.index, sortEntry.compare)
	for _, file := range s.files {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return spillError(err)
		}
		packed := s2.NewReader(file, s2.ReaderMaxBlockSize(spillUnit), s2.ReaderAllocBlock(spillUnit))
		run := &run{in: bufio.NewReaderSize(packed, 4<<10), left: file.rows, longest: file.bytes}
		if err := run.advance(); err != nil {
			return spillError(err)
		}
		s.runs = append(s.runs, run)
	}
	if len(s.index) > 0 {
		run := &run{arena: s.arena, index: s.index}
		if err := run.advance(); err != nil {
			return spillError(err)
		}
		s.runs = append(s.runs, run)
	}
	heap.Init(&s.runs)

	return nil
}

func (s *sortedRows) next(row *Row) error {
	if len(s.runs) == 0 {
		return io.EOF
	}
	run := s.runs[0]
	if err := readRow(run.row, row); err != nil {
		return spillError(err)
	}
	switch err := run.advance(); {
	case errors.Is(err, io.EOF):
		heap.Pop(&s.runs)
	case err != nil:
		return spillError(err)
	default:
		heap.Fix(&s.runs, 0)
	}
	if row.Problem != nil {
		*s.bad++
	}
	s.clock = max(s.clock, row.key+s.shift)
	row.Clock = s.clock

	return nil
}

// close removes the temporary files.
func (s *sortedRows) close() error {
	var problems []error
	for _, file := range s.files {
		problems = append(problems, file.Close(), os.Remove(file.Name()))
	}
	s.files, s.runs = nil, nil

	return errors.Join(problems...)
}

// run is a sorted part of the file.
type run struct {
	in      *bufio.Reader // of a file
	left    int           // rows in it that are still to come
	longest int           // bytes of a row

	arena []byte // or in memory
	index []sortEntry

	row         []byte // the next; memory of its own
	key, number int64
}

// advance goes on to the next row. io.EOF ends the run.
func (r *run) advance() error {
	if r.in == nil {
		if len(r.index) == 0 {
			return io.EOF
		}
		e := r.index[0]
		r.index = r.index[1:]
		r.row, r.key, r.number = r.arena[e.from:e.to], e.key, e.number

		return nil
	}
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	size, err := binary.ReadUvarint(r.in)
	if err != nil || size > uint64(r.longest) {
		return fmt.Errorf("%w: a row of %d bytes, the longest has %d: %v", errSpilled, size, r.longest, err) //nolint:errorlint // so that an early end of the file is not taken for its end
	}
	r.row = make([]byte, size) // the row's body is part of it
	if _, err := io.ReadFull(r.in, r.row); err != nil {
		return fmt.Errorf("%w: %v", errSpilled, err) //nolint:errorlint // so that an early end of the file is not taken for its end
	}
	r.key, r.number, err = rowPlace(r.row)

	return err
}

// runs is a heap of runs, that with the next row on top.
type runs []*run //nolint:recvcheck // as in container/heap: only Push and Pop change the slice itself

func (r runs) Len() int      { return len(r) }
func (r runs) Swap(i, j int) { r[i], r[j] = r[j], r[i] }
func (r runs) Less(i, j int) bool {
	if r[i].key != r[j].key {
		return r[i].key < r[j].key
	}

	return r[i].number < r[j].number
}

func (r *runs) Push(x any) { *r = append(*r, x.(*run)) }

func (r *runs) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]

	return last
}
