package shard

import (
	"slices"

	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/windows"
)

// This file gives window keys to the rows of metrics. A row has as many keys, one
// behind the other, as its metric has slots; its first key names it.

// measured is a metric that a shard counts.
type measured struct {
	*metric.Metric
	code   func(*metric.Event) (uint32, bool) // Metric.Code
	recent []recentRow                        // where it is not nil; made when first asked

	place int // in the registry
	width int
	rows  map[string]windows.Key // by what metric.AppendKey writes

	columns []slotColumns // by slot

	retired bool // it is of another version: its rows are published no more

	key []byte // scratch
}

// slotColumns are the places of the measures that say what a slot holds; -1 for none.
type slotColumns struct{ count, sum int8 }

func newMeasured(m *metric.Metric, place int) measured {
	columns := make([]slotColumns, m.Width())
	for i := range columns {
		columns[i] = slotColumns{-1, -1}
	}
	for i, measure := range m.Measures {
		if c := &columns[measure.Slot]; measure.Sum {
			c.sum = int8(i)
		} else {
			c.count = int8(i)
		}
	}

	return measured{Metric: m, code: m.Code, place: place, width: len(columns), rows: make(map[string]windows.Key), columns: columns}
}

// recentRows are as many rows as are found by their code, without their names. Where
// one stands follows from all bits of the code: codes are often pairs, such as of the
// channels before and after, and a pair stands apart from its reverse.
const (
	recentBits   = 8
	recentRows   = 1 << recentBits
	recentSpread = 0x9E3779B1 // odd, near 2^32 over the golden ratio (Knuth 1973, section 6.4)
)

// recentRow is the row of a code.
type recentRow struct {
	code uint32
	base windows.Key // noKey: none
}

// MaxMeasuredKeys is how many keys a partition has for rows of metrics, those of types and
// channels included; rows beyond are other. It leaves room for keys of types by currency.
const MaxMeasuredKeys = 40_000

// noKey is that of a row for which there is no room at all. It takes more currencies
// and names of rollups in the life of a stream than there are; what belongs there is
// not counted, because a partition that stops would be worse.
const noKey windows.Key = 0

// rollups says which rollups of users are counted from here on. Rows that there are
// stay: those of a rollup that is gone run empty.
func (k *keys) rollups(declared []metric.Rollup) {
	k.counters = nil
	for _, r := range declared {
		k.counters = append(k.counters, metric.NewCounter(r))
	}
}

// countRollups counts an event in the rollups of users.
func (k *keys) countRollups(set *windows.Set, e *metric.Event) error {
	for _, c := range k.counters {
		in := k.custom
		switch {
		case c.Cuts():
			if in = k.cuts; !c.Fills(e, &k.adds) {
				continue
			}
		case !c.Takes(e):
			continue
		}
		base, err := k.rollupRow(set, in, c, e)
		if err != nil {
			return err
		}
		if base == noKey {
			continue
		}
		if c.Cuts() {
			k.addRow(set, base, e.Time)

			continue
		}
		var value windows.Sum
		if c.Value && e.Has(event.HasValue) {
			value = windows.Sum(e.Value)
		}
		set.AddSum(base, e.Time, value)
	}

	return nil
}

// rollupRow finds the row of an event in a rollup of a table.
func (k *keys) rollupRow(set *windows.Set, in *measured, c *metric.Counter, e *metric.Event) (windows.Key, error) {
	in.key = c.AppendKey(in.key[:0], e)
	if base, ok := in.rows[string(in.key)]; ok {
		return base, nil
	}
	by, counted := metric.Parts(in.key), rolledKey{in, c.Name}
	if metric.IsOther(by) {
		return k.otherRow(set, in, by)
	}
	if k.rolled[counted] < c.Most() && len(k.rows) < MaxMeasuredKeys {
		k.rolled[counted]++

		return k.newRow(set, in, by)
	}
	in.key = c.AppendOther(in.key[:0], e)

	return k.otherRow(set, in, metric.Parts(in.key))
}

// addRow adds what an event brings to the slots of a row.
func (k *keys) addRow(set *windows.Set, base windows.Key, at int64) {
	filled, sums := k.adds.Filled()
	set.AddRow(base, at, filled, sums)
}

// measure says what is counted from here on.
func (k *keys) measure(metrics []*metric.Metric) {
	k.measured = make([]measured, len(metrics))
	for i, m := range metrics {
		k.measured[i] = newMeasured(m, i)
	}
	k.switchOn(nil, true)
	custom, cuts := newMeasured(metric.Custom(), len(metrics)), newMeasured(metric.Cuts(), len(metrics)+1)
	k.custom, k.cuts = &custom, &cuts
	k.rolled = make(map[rolledKey]int)
}

// count counts an event in the metrics that look at it, and in the rollups of users; the
// others have it by its plan. An error means that the keys can no longer be trusted.
func (k *keys) count(set *windows.Set, e *metric.Event, p *countPlan) error {
	for i := range p.takers {
		t := &p.takers[i]
		if !e.Has(t.needs) {
			continue
		}
		k.adds.Reset(t.fills)
		if t.counts != nil && !t.counts(e, &k.adds) {
			continue
		}
		base := t.base
		if base == noKey {
			var err error
			if base, err = k.row(set, t.measured, e); err != nil {
				return err
			}
			if base == noKey {
				continue
			}
			if t.byClass {
				t.base = base
			}
		}
		k.addRow(set, base, e.Time)
	}
	if len(k.counters) == 0 {
		return nil
	}

	return k.countRollups(set, e)
}

// switchOn says which metrics are counted from here on. Rows that there are stay: those
// of a metric that is off run empty.
func (k *keys) switchOn(names []string, all bool) {
	k.on, k.plans = nil, countPlans{}
	for i := range k.measured { // by index: they are large
		k.measured[i].recent = nil // codes may mean something else
		if m := &k.measured[i]; all || slices.Contains(names, m.Name) {
			k.on = append(k.on, m)
		}
	}
}

// recentOf is where the row of an event is kept by its code, and whether it is there; nil
// where it has none.
func (m *measured) recentOf(e *metric.Event) (recent *recentRow, found bool) {
	if m.code == nil {
		return nil, false
	}
	code, ok := m.code(e)
	if !ok {
		return nil, false
	}
	if m.recent == nil {
		m.recent = make([]recentRow, recentRows)
	}
	recent = &m.recent[code*recentSpread>>(32-recentBits)]
	if recent.code == code && recent.base != noKey {
		return recent, true
	}
	recent.code, recent.base = code, noKey

	return recent, false
}

// row finds the row of an event.
func (k *keys) row(set *windows.Set, m *measured, e *metric.Event) (windows.Key, error) {
	recent, found := m.recentOf(e)
	if found {
		return recent.base, nil
	}
	m.key = m.AppendKey(m.key[:0], e)
	base, ok := m.rows[string(m.key)]
	if !ok {
		var err error
		if base, err = k.admit(set, m, m.Texts(e)); err != nil {
			return 0, err
		}
	}
	if recent != nil {
		recent.base = base
	}

	return base, nil
}

// admit finds the row for dimensions that have none yet: a new one, or that of what
// is beyond the metric's bound.
func (k *keys) admit(set *windows.Set, m *measured, by []string) (windows.Key, error) {
	if len(m.rows) < m.AtMost && len(k.rows) < MaxMeasuredKeys {
		return k.newRow(set, m, by)
	}
	other := make([]string, len(by))
	for i := range other {
		other[i] = metric.Other
	}

	return k.otherRow(set, m, other)
}

// otherRow is the row for what is beyond a bound, noKey where there is no room for it.
func (k *keys) otherRow(set *windows.Set, m *measured, by []string) (windows.Key, error) {
	if base, ok := m.rows[rowKey(by)]; ok {
		return base, nil
	}
	if len(k.rows)+m.width > allKeys {
		return noKey, nil
	}

	return k.newRow(set, m, by)
}

func (k *keys) newRow(set *windows.Set, m *measured, by []string) (windows.Key, error) {
	base := k.keepRow(m, by)

	return base, set.Group(base, m.width)
}

// keepRow gives keys to a row.
func (k *keys) keepRow(m *measured, by []string) windows.Key {
	base := windows.Key(len(k.rows))
	for range m.width {
		k.rows = append(k.rows, keyName{table: m.Table(), measured: m, base: base, by: by})
	}
	m.rows[rowKey(by)] = base

	return base
}

// group tells the windows of the rows that they hold already.
func (k *keys) group(set *windows.Set) error {
	for i := range k.rows {
		if m := k.rows[i].measured; m != nil && k.rows[i].base == windows.Key(i) {
			if err := set.Group(windows.Key(i), m.width); err != nil {
				return err
			}
		}
	}

	return nil
}

func rowKey(by []string) string {
	var key []byte
	for _, text := range by {
		key = metric.AppendPart(key, text)
	}

	return string(key)
}
