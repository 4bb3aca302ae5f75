package windows

import (
	"cmp"
	"math/big"
	"slices"
)

// fact is one accepted event as the oracle keeps it.
type fact struct {
	key      Key
	customer uint32
	t, value int64
	wide     uint // the value counts times two to its power
}

// oracle keeps every event and recomputes every row from the definitions alone.
type oracle struct {
	config  Config
	facts   []fact
	clock   int64
	started bool
	emitted map[rowKey]Row
	groups  []group
}

type rowKey struct {
	length int
	end    int64
	key    Key
}

func newOracle(c Config) *oracle { return &oracle{config: c, emitted: map[rowKey]Row{}} }

func (o *oracle) add(f fact) { o.facts = append(o.facts, f) }

// ends gives the window ends at which an event can matter to a length.
func ends(l Length, t int64) []int64 {
	var out []int64
	for end := l.FirstEnd(t); end <= l.FirstEnd(t)+l.Size; end += l.Slide {
		out = append(out, end)
	}

	return out
}

// row computes one row by definition; false means that it does not exist.
func (o *oracle) row(length int, key Key, end int64) (Row, bool) {
	l := o.config.Lengths[length]
	now, before := l.Window(end), l.Window(end-l.Slide)
	out := Row{Length: length, End: end, Key: key}
	customers := map[uint32]bool{}
	total := new(big.Int)
	exists := false

	for _, f := range o.facts {
		if f.key != key {
			continue
		}

		exists = exists || now.Contains(f.t) || before.Contains(f.t)

		if now.Contains(f.t) {
			out.Events++
			total.Add(total, new(big.Int).Lsh(big.NewInt(f.value), f.wide))
			customers[f.customer] = true
		}
	}

	out.Sum = sumOf(total)
	if int(key) < o.config.DistinctKeys {
		out.Customers = int64(len(customers))
	}

	return out, exists
}

// sumOf is a number that fits into 128 bits.
func sumOf(v *big.Int) Sum {
	low := new(big.Int).And(v, new(big.Int).SetUint64(1<<64-1))

	return Sum{Lo: low.Uint64(), Hi: new(big.Int).Rsh(v, 64).Int64()}
}

// big is the sum as a number of any size.
func bigOf(s Sum) *big.Int {
	return new(big.Int).Add(new(big.Int).Lsh(big.NewInt(s.Hi), 64), new(big.Int).SetUint64(s.Lo))
}

// sum is the fact's value.
func (f fact) sum() Sum { return sumOf(new(big.Int).Lsh(big.NewInt(f.value), f.wide)) }

// rows gives all rows with end ≤ clock.
func (o *oracle) rows(clock int64) map[rowKey]Row {
	out := map[rowKey]Row{}

	for _, f := range o.facts {
		for i, l := range o.config.Lengths {
			for _, end := range ends(l, f.t) {
				at := rowKey{i, end, f.key}
				if _, done := out[at]; done || end > clock {
					continue
				}

				if r, ok := o.row(i, f.key, end); ok {
					out[at] = r
				}
			}
		}
	}

	return out
}

// advance gives the rows that a set must emit, in their order: those that were
// not emitted yet or are different now, and beside them those of their groups
// that are not zero.
func (o *oracle) advance(clock int64) []Row {
	if o.started {
		clock = max(clock, o.clock)
	}

	o.clock, o.started = clock, true

	rows, changed := o.rows(clock), map[rowKey]bool{}

	for at, r := range rows {
		if was, ok := o.emitted[at]; !ok || was != r {
			o.emitted[at] = r
			changed[at] = true
		}
	}

	var out []Row

	for at, r := range rows {
		if changed[at] || r.Events != 0 && o.beside(at, changed) {
			out = append(out, r)
		}
	}

	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Length, b.Length), cmp.Compare(a.End, b.End), cmp.Compare(a.Key, b.Key))
	})

	return out
}

// beside reports whether a row of the same group, length and end is among those
// given.
func (o *oracle) beside(at rowKey, changed map[rowKey]bool) bool {
	for _, g := range o.groups {
		for key := g.first; g.holds(at.key) && key < g.end(); key++ {
			if changed[rowKey{at.length, at.end, key}] {
				return true
			}
		}
	}

	return false
}

func (g group) holds(key Key) bool { return g.first <= key && key < g.end() }
