package windows

import (
	"fmt"
	"math/bits"
)

// Key names what is counted: a small dense number that the caller gives to the
// total, each kind, channel, type and so on. It must be less than [MaxKeys].
type Key uint32

// Row is what a window of a key holds, as absolute values.
type Row struct {
	// Length is an index in Config.Lengths.
	Length int
	// End is the window's end in Unix milliseconds.
	End int64
	Key Key
	// Events is the number of events.
	Events int64
	// Sum is the exact sum of their values, in the unit in which they were
	// given.
	Sum Sum
	// Customers is the number of distinct customers, 0 for keys that do not
	// count them.
	Customers int64
}

// Set holds the windows of all lengths and keys of one shard. Its methods must
// not be called from inside the emit function of Advance.
//
// An event goes first into a small table of pending counts by key and base
// slice; from there it goes into one slice of each tier, at the latest when
// rows or bytes are asked for. So the cost of an event does not depend on how
// many windows hold it.
type Set struct {
	config   Config
	tiers    []tier // finest first
	lengths  []home
	base     int64
	clock    int64
	floor    int64 // the greatest clock less lateness: no event is accepted before it
	reach    int64 // how far accepted events can lie apart
	started  bool  // Advance was called
	refused  int64
	distinct Key
	keys     int     // length of all totals
	groups   []group // ascending, apart

	pending  []pending
	occupied []uint16 // places in pending that hold something
	hotStart int64    // the base slice of the last event
	hotPlace uint32   // where its keys begin in pending
	hotSlice uint32   // its place in a bundle

	bundles []bundle
	filled  []uint32 // places in bundles that hold something

	corrections []Row // reused by Advance
}

// home is where a length is kept.
type home struct {
	tier   *tier
	window *window
}

// pending is what came in for a key in a base slice since the last flush.
type pending struct {
	start  int64
	events int64 // 0: empty
	sum    Sum
	key    Key
}

// pendingSize is a power of two that has room for the keys of a few minutes.
const pendingSize = 1024

// longPast is how many base slices what is pending lies behind an event where time
// passes faster than events come, as in history: then all of it is emptied, in the
// order of time, so that each slice is found beside the one before.
const longPast = 64

// New returns an empty set, or an error that wraps [ErrConfig].
func New(c Config) (*Set, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}

	s := &Set{
		config:   c,
		tiers:    newTiers(c),
		lengths:  make([]home, len(c.Lengths)),
		clock:    MinTime,
		floor:    MinTime,
		reach:    c.Lateness + c.Skew,
		distinct: Key(c.DistinctKeys),
		keys:     c.DistinctKeys,
		pending:  make([]pending, pendingSize),
		hotStart: MinTime - maxDuration,
	}
	s.config.Lengths = append([]Length(nil), c.Lengths...)
	s.base = baseSlice(s.tiers)
	placeActivity(s.tiers, s.reach)

	for i := range s.tiers {
		tr := &s.tiers[i]
		for _, w := range tr.windows {
			s.lengths[w.index] = home{tier: tr, window: w}
		}
	}

	return s, nil
}

// Add is [Set.AddSum] of a value that fits into 64 bits.
func (s *Set) Add(key Key, t, value int64) { s.AddSum(key, t, SumOf(value)) }

// AddSum counts one accepted event of a key: its time t, which must lie between
// the caller's clock less the lateness and that clock plus the skew, where the
// caller's clock is the last Advance's or later; and its value, a fixed-point
// number, below 2^80 in magnitude.
//
// An event before the last Advance's clock less the lateness breaks this rule;
// it is not counted, since its rows may be final, and [Set.Refused] tells.
// AddSum panics if key is not less than [MaxKeys].
func (s *Set) AddSum(key Key, t int64, value Sum) {
	if t < s.floor {
		s.refused++
		return
	}

	if uint64(t-s.hotStart) >= uint64(s.base) && !s.seek(t) {
		return
	}

	s.count(key, value)
}

// AddRow is AddSum for several keys side by side: for each bit i of filled key first+i, of
// which the event brings values[i].
func (s *Set) AddRow(first Key, t int64, filled uint32, values []Sum) {
	if t < s.floor {
		s.refused++
		return
	}

	if uint64(t-s.hotStart) >= uint64(s.base) && !s.seek(t) {
		return
	}

	for ; filled != 0; filled &= filled - 1 {
		i := bits.TrailingZeros32(filled)
		s.count(first+Key(i), values[i])
	}
}

// count counts an event of a key in the hot base slice.
func (s *Set) count(key Key, value Sum) {
	p := &s.pending[(s.hotPlace+uint32(key))%pendingSize]
	if p.key != key || p.start != s.hotStart || p.events == 0 {
		s.claim(p, key)
	}

	p.events++
	p.sum.plus(value)
}

// seek makes the base slice of t the hot one.
func (s *Set) seek(t int64) bool {
	if t > MaxTime {
		s.refused++
		return false
	}

	index := floorDiv(t, s.base)
	s.hotStart = index * s.base
	// The keys of a base slice lie side by side and do not collide; different
	// base slices begin at scattered places.
	s.hotPlace = uint32(uint64(index) * 0x9E3779B97F4A7C15 >> 40)
	s.hotSlice = uint32(index) % bundleSlices

	return true
}

// claim makes a place in pending ready for a key and the hot base slice.
func (s *Set) claim(p *pending, key Key) {
	if key >= MaxKeys {
		panic(fmt.Sprintf("windows: key %d is out of range, use keys less than %d", key, MaxKeys))
	}

	s.grow(key)

	if p.events > 0 && s.hotStart-p.start >= longPast*s.base {
		s.flush()
	}

	if p.events > 0 {
		s.spread(p)
	} else {
		s.occupied = append(s.occupied, uint16((s.hotPlace+uint32(key))%pendingSize))
	}

	*p = pending{start: s.hotStart, key: key}
}

// grow makes room for a key in the running totals.
func (s *Set) grow(key Key) {
	if int(key) < s.keys {
		return
	}

	s.keys = max(int(key)+1, min(2*s.keys, MaxKeys))
	for _, l := range s.lengths {
		l.window.totals = append(l.window.totals, make([]total, s.keys-len(l.window.totals))...)
	}
}

// spread counts a pending place in the slices of all tiers.
func (s *Set) spread(p *pending) {
	for i := range s.tiers {
		tr := &s.tiers[i]
		tr.add(tr.indexOf(p.start), p.key, p.events, p.sum)
	}
}

// flush empties pending.
func (s *Set) flush() {
	for _, at := range s.occupied {
		p := &s.pending[at]
		s.spread(p)
		p.events = 0
	}

	s.occupied = s.occupied[:0]
	s.flushBundles()
}

// Clock is the clock of the last Advance; false means that there was none.
func (s *Set) Clock() (int64, bool) { return s.clock, s.started }

// Refused is how many calls of Add and Touch broke the rule about times and
// were not counted.
func (s *Set) Refused() int64 { return s.refused }

// Bytes is about how much memory the set holds.
func (s *Set) Bytes() int64 {
	n := int64(len(s.pending))*48 + int64(cap(s.occupied))*2 + int64(cap(s.corrections))*56 +
		int64(cap(s.groups))*16 + int64(cap(s.bundles))*(24+16*bundleSlices) + int64(cap(s.filled))*4

	for i := range s.bundles {
		n += int64(cap(s.bundles[i].shares)) * 16
	}

	for i := range s.tiers {
		n += s.tiers[i].bytes()
	}

	return n
}

func (tr *tier) bytes() int64 {
	n := int64(cap(tr.slices))*56 + int64(cap(tr.marks))*16

	for i := range tr.slices {
		n += int64(cap(tr.slices[i].cells))*32 + int64(cap(tr.slices[i].counts))*4
	}

	for _, c := range tr.freeCells {
		n += int64(cap(c)) * 32
	}

	for _, c := range tr.freeCounts {
		n += int64(cap(c)) * 4
	}

	for _, w := range tr.windows {
		n += int64(cap(w.totals))*32 + int64(cap(w.active)+cap(w.scratch))*4
	}

	if tr.sparse != nil {
		n += tr.sparse.bytes()
	}

	return n
}
