package shard

import (
	"encoding/binary"
	"slices"

	"github.com/zeebo/xxh3"

	"ebb/pipeline/metric"
)

// This file counts the items of cohorts. An item is known by a hash of 64 bits of its
// customer and its key, and by nothing else: the state names nobody. That two of a
// million items which are open in a partition share one has a chance of 3 in 100
// million; then they count as one.
//
// What is kept of an item, in 64 bits from the highest:
//
//	1   it is there
//	12  marks
//	2   rank of the event that begins it
//	21  its row
//	28  the time of that event, Unix ms, without the higher bits, which follow from
//	    the row's day

const (
	itemThere     = 1 << 63
	itemMarks     = 51
	itemRank      = 49
	itemRow       = 28
	itemRowMask   = 1<<21 - 1
	itemTimeMask  = 1<<28 - 1
	mostRows      = itemRowMask
	widestZone    = 16 * 3_600_000 // ms; no zone is farther from UTC
	mostOpenItems = 16 << 20       // in all partitions together, about 400 MB
)

// cohorts are all of a shard.
type cohorts struct {
	all    []*cohort
	on     []*cohort // of all, those that are counted
	stamp  int64     // of the last publishing; see publish
	hashed []byte    // scratch

	at     *place
	counts *Counts
	out    *outputs
	cutter *cutter
}

// cohort is the state of one.
type cohort struct {
	*metric.Cohort
	rowsOf *metric.Metric
	items  items
	rows   cohortRows
	most   int // items that may be open

	floor   int64  // the first day that is open
	early   int64  // the first day that was not closed before its time
	live    int    // items that are open
	over    int    // items that are not, and still in the table
	hurried uint64 // items that were closed before their time, for want of room
	refused uint64 // events for which there was no room at all

	item metric.Item // scratch
}

func newCohorts(declared []*metric.Cohort, partitions int) cohorts {
	var c cohorts
	for _, one := range declared {
		c.all = append(c.all, newCohort(one, max(mostOpenItems/partitions/len(declared), segmentItems)))
	}

	return c
}

func newCohort(of *metric.Cohort, most int) *cohort {
	return &cohort{Cohort: of, rowsOf: of.Rows(), most: most, rows: newCohortRows(of)}
}

// switchOn says which cohorts are counted from here on. What is known of the others
// stays for as long as it would have.
func (c *cohorts) switchOn(names []string) {
	c.on = nil
	for _, one := range c.all {
		if slices.Contains(names, one.Name) {
			c.on = append(c.on, one)
		}
	}
}

// count counts an accepted event in the cohorts that take it. day is that of its time,
// and today that of the clock.
func (c *cohorts) count(e *metric.Event, day, today int64) {
	for _, one := range c.on {
		one.item = metric.Item{Key: one.item.Key[:0]}
		if !one.Takes(e, &one.item) {
			continue
		}
		c.hashed = append(binary.LittleEndian.AppendUint16(c.hashed[:0], uint16(len(e.Customer))), e.Customer...)
		c.hashed = append(c.hashed, one.item.Key...)
		one.advance(today)
		one.count(e, xxh3.Hash(c.hashed), day)
		c.tell()
	}
}

// tell says what there was no room for.
func (c *cohorts) tell() {
	c.counts.Hurried, c.counts.Crowded = 0, 0
	for _, one := range c.all {
		c.counts.Hurried += one.hurried
		c.counts.Crowded += one.refused
	}
}

// advance closes the days whose span is over.
func (c *cohort) advance(today int64) {
	if first := max(today-int64(c.Span), c.early); first > c.floor {
		c.close(first)
	}
}

// close closes the days before a day, and says how many items were open in them.
func (c *cohort) close(first int64) int {
	closed := c.rows.close(c.floor, first)
	c.floor = first
	c.live, c.over = c.live-closed, c.over+closed
	if c.over > c.live/8+segmentItems {
		c.items.sweep(c.dropped)
	}

	return closed
}

// dropped says whether a state is of an item that is closed, and forgets it: the caller
// takes it out of the table.
func (c *cohort) dropped(state uint64) bool {
	if c.rows.slab[rowIn(state)].day >= c.floor {
		return false
	}
	c.over--
	c.rows.leave(rowIn(state), c.floor)

	return true
}

// count counts an event of an item.
func (c *cohort) count(e *metric.Event, hash uint64, day int64) {
	if day < c.floor {
		return // its row is final
	}
	state := c.items.get(hash)
	if state == 0 || c.rows.slab[rowIn(state)].day < c.floor {
		c.begin(e, hash, day)

		return
	}
	row := rowIn(state)
	next, to := state|uint64(c.item.Marks)<<itemMarks, row
	if c.begins(state, e.Time) {
		if at, ok := c.rows.of(e, day); ok {
			next, to = stateOf(marksIn(next), c.item.Rank, at, e.Time), at
		}
	}
	if next == state {
		return
	}
	if to != row {
		c.rows.change(row, marksIn(state), -1)
		c.rows.change(to, marksIn(next), 1)
		c.rows.slab[row].items--
		c.rows.enter(to)
		c.rows.days[c.rows.slab[row].day].items--
	} else {
		c.rows.change(row, marksIn(state), -1)
		c.rows.change(row, marksIn(next), 1)
	}
	c.items.put(hash, next, c.dropped)
}

// begins says whether an event begins an item in place of the one that did.
func (c *cohort) begins(state uint64, time int64) bool {
	if rank := uint8(state >> itemRank & 3); c.item.Rank != rank {
		return c.item.Rank < rank
	}

	return time < timeIn(state, c.rows.slab[rowIn(state)].day)
}

// begin begins an item. One of the same hash that is closed may still be in the table.
func (c *cohort) begin(e *metric.Event, hash uint64, day int64) {
	if c.live >= c.most && !c.hurry(day) {
		c.refused++

		return
	}
	row, ok := c.rows.of(e, day)
	if ok {
		if old := c.items.get(hash); old != 0 {
			c.dropped(old)
		}
		ok = c.items.put(hash, stateOf(c.item.Marks, c.item.Rank, row, e.Time), c.dropped)
	}
	if !ok {
		c.refused++

		return
	}
	c.live++
	c.rows.enter(row)
	c.rows.change(row, c.item.Marks, 1)
}

// hurry closes the oldest day before its time, to make room for an item of a later one.
func (c *cohort) hurry(day int64) bool {
	oldest, ok := c.rows.oldest(c.floor)
	if !ok || oldest >= day {
		return false
	}
	c.early = oldest + 1
	c.hurried += uint64(c.close(c.early))

	return true
}

func stateOf(marks metric.Marks, rank uint8, row uint32, time int64) uint64 {
	return itemThere | uint64(marks)<<itemMarks | uint64(rank)<<itemRank | uint64(row)<<itemRow | uint64(time)&itemTimeMask
}

func marksIn(state uint64) metric.Marks {
	return metric.Marks(state >> itemMarks & (1<<metric.MaxMarks - 1))
}

func rowIn(state uint64) uint32 { return uint32(state >> itemRow & itemRowMask) }

// timeIn is the time in a state, whose row is of a day.
func timeIn(state uint64, day int64) int64 {
	from := day*dayMS - widestZone

	return from + (int64(state)-from)&itemTimeMask
}
