package shard

import (
	"fmt"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// A million distinct values leave the state of a rollup as large as its bound says,
// and nothing is lost: what is beyond counts under other.
func TestAMillionValuesOfARollup(t *testing.T) {
	const values, most = 1_000_000, 500
	vocab := vocabulary.DefaultVocabulary()
	k := newKeys(vocab, []metric.Rollup{{Name: "plan", By: []string{"properties.plan", "type"}, AtMost: most}})
	set, err := windows.New(windows.Config{Lengths: windows.Defaults(), Lateness: 600_000, Skew: 300_000, DistinctKeys: 4})
	if err != nil {
		t.Fatal(err)
	}
	ev := event.Event{Type: []byte("page.viewed"), Time: 1_700_000_000_000}
	class, err := vocab.Classify(&ev)
	if err != nil {
		t.Fatal(err)
	}
	e := metric.Event{Event: &ev, Class: class, Vocabulary: vocab}
	var before int64
	for i := range values {
		ev.Properties = fmt.Appendf(ev.Properties[:0], `{"plan":"value %d"}`, i)
		ev.Time += 10
		if err := countAll(k, set, &e); err != nil {
			t.Fatal(err)
		}
		if i%10_000 == 0 {
			set.Advance(ev.Time, func(windows.Row) {})
		}
		if i == values/10 {
			before = set.Bytes()
		}
	}
	if rows := len(k.custom.rows); rows != most+1 {
		t.Errorf("%d rows, want %d and the one for the others", rows, most+1)
	}
	if after := set.Bytes(); after > before+before/2 {
		t.Errorf("the windows hold %d bytes, after a tenth of the values they held %d", after, before)
	}
	other := k.custom.rows[rowKey([]string{"plan", "other", "other", "", ""})]
	var counted int64
	set.Advance(ev.Time+28*86_400_000, func(row windows.Row) {
		if row.Key == other && row.Length == len(windows.Defaults())-1 {
			counted = max(counted, row.Events)
		}
	})
	if counted != values-most {
		t.Errorf("other holds %d events, want %d", counted, values-most)
	}
}

// A metric that tells too much apart counts the rest under other, too.
func TestBoundOfAMetric(t *testing.T) {
	vocab := vocabulary.DefaultVocabulary()
	k := newKeys(vocab, nil)
	m := &metric.Metric{
		Name: "x", By: []metric.Dimension{{Name: "id", Of: func(e *metric.Event) string { return string(e.ID) }}},
		Measures: []metric.Measure{{Name: "n"}, {Name: "m", Slot: 1}}, AtMost: 3,
		Counts: func(_ *metric.Event, row *metric.Row) bool { row.Count(0); row.Count(1); return true },
	}
	k.measure([]*metric.Metric{m})
	set, err := windows.New(windows.Config{Lengths: windows.Defaults()[:1], DistinctKeys: 4})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		e := metric.Event{Event: &event.Event{ID: fmt.Append(nil, i%10), Time: 1_700_000_000_000}, Vocabulary: vocab}
		if err := countAll(k, set, &e); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]int64{}
	set.Advance(1_700_000_060_000, func(row windows.Row) {
		if name := k.rows[row.Key]; name.measured != nil && row.End <= 1_700_000_060_000 {
			got[fmt.Sprintf("%s%d", name.by, row.Key-name.base)] = row.Events
		}
	})
	want := map[string]int64{"[0]0": 2, "[0]1": 2, "[1]0": 2, "[1]1": 2, "[2]0": 2, "[2]1": 2, "[other]0": 14, "[other]1": 14}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Where there is no room for another key at all, a partition goes on: types still
// count, and so do rows that there are.
func TestNoRoomForMoreRows(t *testing.T) {
	vocab := vocabulary.DefaultVocabulary()
	k := newKeys(vocab, []metric.Rollup{{Name: "r", By: []string{"device"}, Value: true, AtMost: 1}})
	set, err := windows.New(windows.Config{Lengths: windows.Defaults()[:1], DistinctKeys: 4})
	if err != nil {
		t.Fatal(err)
	}
	class, err := vocab.Classify(&event.Event{Type: []byte("page.viewed")})
	if err != nil {
		t.Fatal(err)
	}
	send := func(device, currency string) {
		t.Helper()
		ev := event.Event{Time: 1_700_000_000_000, Device: []byte(device), Currency: []byte(currency), Fields: event.HasValue}
		if err := countAll(k, set, &metric.Event{Event: &ev, Class: class, Vocabulary: vocab}); err != nil {
			t.Fatal(err)
		}
	}
	send("a", "EUR")
	k.rows = append(k.rows, make([]keyName, allKeys-len(k.rows))...)
	send("a", "EUR") // its row is there
	send("b", "EUR") // would be other
	send("other", "USD")
	if len(k.rows) != allKeys {
		t.Errorf("%d keys, want %d", len(k.rows), allKeys)
	}
	for id := range k.types {
		k.ofType(uint16(id), []byte("EUR"))
	}
	if n := len(k.rows) - allKeys; n != len(k.types) || len(k.rows) > windows.MaxKeys {
		t.Errorf("%d of %d types have a key", n, len(k.types))
	}
	counted := int64(0)
	set.Advance(1_700_000_060_000, func(row windows.Row) {
		if k.rows[row.Key].measured == k.custom {
			counted += row.Events
		}
	})
	if counted != 2 {
		t.Errorf("%d events count in the rollup, want the two of the row that was there", counted)
	}
}

// countAll counts an event in all that it counts for.
func countAll(k *keys, set *windows.Set, e *metric.Event) error {
	p, err := k.planOf(set, e)
	if err != nil {
		return err
	}
	set.AddBundle(p.bundle, e.Time)

	return k.count(set, e, p)
}
