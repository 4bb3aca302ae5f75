package shard

import (
	"slices"

	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// This file gives window keys to the rows of metrics. A row has as many keys, one
// behind the other, as its metric has slots; its first key names it.

// measured is a metric that a shard counts.
type measured struct {
	*metric.Metric
	place int // in the registry
	width int
	rows  map[string]windows.Key // by what metric.AppendKey writes

	retired bool // it is of another version: its rows are published no more

	recent []recentRow // where the metric is by class; made when first asked

	row metric.Row // scratch
	key []byte     // scratch
}

// recentClasses are as many classes as are looked up without their names: nearly all
// that a business has.
const recentClasses = 512

// recentRow is the row of a class.
type recentRow struct {
	class uint64 // 0: none
	base  windows.Key
}

// taker is a metric that may take the events of a type, and the slots that these fill
// by their type alone.
type taker struct {
	*measured
	fills uint32
}

// classCode tells classifications apart, as far as dimensions follow from them.
func classCode(c *vocabulary.Class) uint64 {
	return 1<<32 | uint64(c.Type)<<16 | uint64(c.Channel)<<8 | uint64(c.Kind)
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
		if !c.Takes(e) {
			continue
		}
		k.custom.key = c.AppendKey(k.custom.key[:0], e)
		base, ok := k.custom.rows[string(k.custom.key)]
		if !ok {
			var err error
			if base, err = k.admitRollup(set, c, e); err != nil {
				return err
			}
		}
		if base == noKey {
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

// admitRollup finds the row for dimensions that have none yet, whose key is in
// custom.key.
func (k *keys) admitRollup(set *windows.Set, c *metric.Counter, e *metric.Event) (windows.Key, error) {
	by := metric.Parts(k.custom.key)
	if metric.IsOther(by) {
		return k.otherRow(set, k.custom, by)
	}
	if k.rolled[c.Name] < c.Most() && len(k.rows) < MaxMeasuredKeys {
		k.rolled[c.Name]++

		return k.newRow(set, k.custom, by)
	}
	k.custom.key = c.AppendOther(k.custom.key[:0], e)

	return k.otherRow(set, k.custom, metric.Parts(k.custom.key))
}

// measure says what is counted from here on.
func (k *keys) measure(metrics []*metric.Metric) {
	k.measured = make([]measured, len(metrics))
	for i, m := range metrics {
		k.measured[i] = measured{Metric: m, place: i, width: m.Width(), rows: make(map[string]windows.Key)}
	}
	custom := metric.Custom()
	k.switchOn(nil, true)
	k.custom = &measured{Metric: custom, place: len(metrics), width: custom.Width(), rows: make(map[string]windows.Key)}
	k.rolled = make(map[string]int)
}

// count counts an event in all metrics that take it. An error means that the keys
// can no longer be trusted.
func (k *keys) count(set *windows.Set, e *metric.Event) error {
	for _, t := range k.takersOf(e) {
		m := t.measured
		m.row.Reset(t.fills)
		if m.Counts != nil && !m.Counts(e, &m.row) {
			continue
		}
		base, err := k.row(set, m, e)
		if err != nil {
			return err
		}
		if base == noKey {
			continue
		}
		for slot, sum, ok := m.row.Next(0); ok; slot, sum, ok = m.row.Next(slot + 1) {
			set.AddSum(base+windows.Key(slot), e.Time, sum)
		}
	}
	if len(k.counters) == 0 {
		return nil
	}

	return k.countRollups(set, e)
}

// switchOn says which metrics are counted from here on. Rows that there are stay: those
// of a metric that is off run empty.
func (k *keys) switchOn(names []string, all bool) {
	k.on, k.takers = nil, nil
	for i := range k.measured { // by index: they are large
		if m := &k.measured[i]; all || slices.Contains(names, m.Name) {
			k.on = append(k.on, m)
		}
	}
}

// takersOf are the metrics that may take an event. They follow from its type, and from
// whether a machine did it, and are found out when such an event first comes.
func (k *keys) takersOf(e *metric.Event) []taker {
	at := 2 * int(e.Class.Type)
	if e.Class.Machine {
		at++
	}
	if at < len(k.takers) && k.takers[at] != nil {
		return k.takers[at]
	}
	takers := []taker{}
	name := e.Vocabulary.TypeName(e.Class.Type)
	for _, m := range k.on {
		if fills, asked := m.Asked(&e.Class, name); asked {
			takers = append(takers, taker{m, fills})
		}
	}
	if more := at + 1 - len(k.takers); more > 0 {
		k.takers = append(k.takers, make([][]taker, more)...)
	}
	k.takers[at] = takers

	return takers
}

// row finds the row of an event.
func (k *keys) row(set *windows.Set, m *measured, e *metric.Event) (windows.Key, error) {
	var recent *recentRow
	code := classCode(&e.Class)
	if m.ByClass {
		if m.recent == nil {
			m.recent = make([]recentRow, recentClasses)
		}
		recent = &m.recent[(code^code>>13)%recentClasses]
		if recent.class == code {
			return recent.base, nil
		}
	}
	m.key = m.AppendKey(m.key[:0], e)
	base, ok := m.rows[string(m.key)]
	if !ok {
		var err error
		if base, err = k.admit(set, m, m.Texts(e)); err != nil {
			return 0, err
		}
	}
	if recent != nil && base != noKey {
		*recent = recentRow{code, base}
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
	base := k.addRow(m, by)

	return base, set.Group(base, m.width)
}

// addRow gives keys to a row.
func (k *keys) addRow(m *measured, by []string) windows.Key {
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
