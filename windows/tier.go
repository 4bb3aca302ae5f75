package windows

import (
	"slices"
	"sort"
)

// noEnd stands for the end last emitted before the first Advance: all slices
// lie after it.
const noEnd int64 = -1 << 60

// fewCells is room for the keys of one event.
const fewCells = 5

// maxFree bounds how many freed arrays a tier keeps for new slices.
const maxFree = 64

// tier holds the slices of all lengths that share a slide. Slice i is the time
// [i × slide, (i+1) × slide); end e is the time e × slide. The window of span n
// slices that ends at e is made of the slices e−n to e−1, so slice i lies in
// the windows that end at i+1 to i+n.
type tier struct {
	slide    int64
	most     int64 // the longest span of its windows, in slices
	distinct int   // how many of the lowest keys count customers
	windows  []*window
	slices   []slice // ascending, only those that hold something
	end      int64   // the last end emitted, as its index
	marks    []mark

	// Where customers' recent slices are kept: in the caller's Activity at
	// place, or in sparse if that is not nil.
	place  place
	sparse *activeSets

	hotStart, hotIndex int64 // the slice of the last time asked for

	found int // where the last search ended; a guess for the next one

	freeCells  [][]cell
	freeCounts [][]int32
}

// window is one length of a tier, with its running totals at the tier's end.
type window struct {
	index   int   // in Config.Lengths
	span    int64 // in slices
	ordinal int   // in its tier
	totals  []total
	active  []Key // ascending: those whose total has events
	scratch []Key // reused by merge
	row     Row   // reused by emit
}

// total is what a window holds of a key.
type total struct {
	events    int64
	sum       Sum
	customers int32
	slices    int32 // that have a cell of it; a key with none is not active
}

// slice is what one slice holds: a cell per key that has events, and for the
// distinct keys how many customers come and go with it.
type slice struct {
	index int64
	cells []cell // by ascending key
	// counts has a come and a go for each distinct key and window, or is nil.
	// Come: customers active here and in none of the span slices before. Go:
	// customers active here and in none of the span slices after. A window's
	// customers change by the comes of the slice that enters it and the goes of
	// the slice that leaves it.
	counts []int32
}

// cell is what a slice holds of a key: events, or nothing where somebody has come of
// whom another set has them.
type cell struct {
	events int64
	sum    Sum
	key    Key
	state  uint32 // markChanged, markNew
}

// A cell whose slice lies in windows that were emitted already is marked until
// the next Advance corrects them.
const (
	markChanged = 1 << iota // got an event
	markNew                 // had none before
)

type mark struct {
	index int64
	key   Key
	fresh bool // had no event before
}

// indexOf is the index of the slice that holds time t.
func (tr *tier) indexOf(t int64) int64 {
	if uint64(t-tr.hotStart) >= uint64(tr.slide) {
		tr.hotIndex = floorDiv(t, tr.slide)
		tr.hotStart = tr.hotIndex * tr.slide
	}

	return tr.hotIndex
}

// search is the position of the first slice with at least this index.
func (tr *tier) search(index int64) int {
	n := len(tr.slices)
	if n == 0 || tr.slices[n-1].index < index {
		return n
	}

	// Slices without gaps, the usual case, need no search.
	if back := tr.slices[n-1].index - index; back < int64(n) {
		if at := n - 1 - int(back); tr.slices[at].index == index {
			return at
		}
	}

	for at := tr.found; at < min(tr.found+2, n); at++ {
		if tr.slices[at].index == index {
			tr.found = at

			return at
		}
	}

	tr.found = sort.Search(n, func(i int) bool { return tr.slices[i].index >= index })

	return tr.found
}

// find is the slice with this index, or nil.
func (tr *tier) find(index int64) *slice {
	if at := tr.search(index); at < len(tr.slices) && tr.slices[at].index == index {
		return &tr.slices[at]
	}

	return nil
}

// at is the slice with this index, made if need be. It stays valid until the
// next call.
func (tr *tier) at(index int64) *slice {
	at := tr.search(index)
	if at < len(tr.slices) && tr.slices[at].index == index {
		return &tr.slices[at]
	}

	cells := pop(&tr.freeCells)
	if cells == nil {
		cells = make([]cell, 0, fewCells)
	}

	tr.slices = slices.Insert(tr.slices, at, slice{index: index, cells: cells})

	return &tr.slices[at]
}

// cell is the cell of a key, made if need be; true means that it is new.
func (sl *slice) cell(key Key) (*cell, bool) {
	at, ok := sl.position(key)
	if !ok {
		sl.cells = slices.Insert(sl.cells, at, cell{key: key})
	}

	return &sl.cells[at], !ok
}

func (sl *slice) position(key Key) (int, bool) {
	n := len(sl.cells)
	if n == 0 || sl.cells[n-1].key < key {
		return n, false
	}

	// Low keys are in nearly every slice, each at its own place.
	if int(key) < n && sl.cells[key].key == key {
		return int(key), true
	}

	lo, hi := 0, min(n-1, int(key))
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if sl.cells[mid].key < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}

	return lo, sl.cells[lo].key == key
}

// add counts events of a key in a slice, and in the running totals if that
// slice lies in windows already emitted.
func (tr *tier) add(index int64, key Key, events int64, value Sum) {
	tr.addTo(tr.at(index), key, events, value)
}

// addTo is add where the slice is known.
func (tr *tier) addTo(sl *slice, key Key, events int64, value Sum) {
	c, fresh := sl.cell(key)
	c.events += events
	c.sum.plus(value)

	index := sl.index
	if index >= tr.end {
		return
	}

	if c.state == 0 {
		c.state = markChanged
		if fresh {
			c.state |= markNew
		}

		tr.marks = append(tr.marks, mark{index: index, key: key, fresh: fresh})
	}

	for _, w := range tr.windows {
		if index >= tr.end-w.span {
			w.add(key, events, value, fresh)
		}
	}
}

// add counts what came into a slice that the window holds, into a cell that is fresh
// or was there.
func (w *window) add(key Key, events int64, value Sum, fresh bool) {
	t := &w.totals[key]
	if t.slices == 0 {
		at, _ := slices.BinarySearch(w.active, key)
		w.active = slices.Insert(w.active, at, key)
	}

	if fresh {
		t.slices++
	}

	t.events += events
	t.sum.plus(value)
}

// come is the place of a window's comes in slice.counts, and goes of its goes.
func (tr *tier) come(key Key, w *window) int { return 2 * (int(key)*len(tr.windows) + w.ordinal) }
func (tr *tier) goes(key Key, w *window) int { return tr.come(key, w) + 1 }

// firstNeeded is the index of the first slice that an event in time, or a row
// that is not final, can still ask for.
func (tr *tier) firstNeeded(watermark int64) int64 {
	// Slice i matters up to end i + most + 1, where its leaving gives the zero
	// row, and ends up to the watermark are final.
	return floorDiv(watermark, tr.slide) - tr.most
}

// drop forgets the slices that are not needed any more.
func (tr *tier) drop(watermark int64) {
	first := tr.firstNeeded(watermark)
	n := tr.search(first)

	for i := range n {
		push(&tr.freeCells, tr.slices[i].cells[:0])

		if c := tr.slices[i].counts; c != nil {
			clear(c)
			push(&tr.freeCounts, c)
		}
	}

	if n > 0 {
		tr.slices = slices.Delete(tr.slices, 0, n)
	}

	if tr.sparse != nil {
		tr.sparse.drop(first)
	}
}

func (tr *tier) newCounts() []int32 {
	if c := pop(&tr.freeCounts); c != nil {
		return c
	}

	return make([]int32, 2*tr.distinct*len(tr.windows))
}

func pop[T any](free *[][]T) []T {
	n := len(*free)
	if n == 0 {
		return nil
	}

	last := (*free)[n-1]
	(*free)[n-1] = nil
	*free = (*free)[:n-1]

	return last
}

func push[T any](free *[][]T, array []T) {
	if cap(array) > 0 && len(*free) < maxFree {
		*free = append(*free, array)
	}
}
