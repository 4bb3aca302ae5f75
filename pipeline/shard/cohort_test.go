package shard

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/windows/codec"
)

// told is an event as the cohort of these tests sees it.
type told struct {
	customer, key, arm string
	rank               uint8
	marks              metric.Marks
	time               int64
}

// trialCohort counts what told says. It is open for 3 days, of 2 arms each.
func trialCohort(say *told) *metric.Cohort {
	return &metric.Cohort{
		Name:  "trial",
		By:    []metric.Dimension{{Name: "arm", Of: func(*metric.Event) string { return say.arm }}},
		Marks: []string{"sent", "opened", "clicked"},
		Measures: []metric.Share{
			{Name: "sent", All: 1}, {Name: "opened", All: 3}, {Name: "silent", All: 1, None: 2}, {Name: "unsent", None: 1, Any: 6},
		},
		Span: 3, AtMost: 2,
		Takes: func(_ *metric.Event, item *metric.Item) bool {
			item.Key, item.Rank, item.Marks = append(item.Key, say.key...), say.rank, say.marks

			return say.marks != 0
		},
	}
}

// life is an item, in full.
type life struct {
	begun told
	day   int64
	arm   string // of its row
	marks metric.Marks
}

// oracle is a cohort without bounds, that keeps everything in maps.
type oracle struct {
	open map[[2]string]*life
	all  []*life
	arms map[int64][]string // by day, in the order in which they came
	span int64
}

// take is what an event does, by the definition.
func (o *oracle) take(e told, today int64) {
	day := e.time / dayMS
	if e.marks == 0 || today-day > o.span {
		return
	}
	key := [2]string{e.customer, e.key}
	l := o.open[key]
	if l == nil || today-l.day > o.span {
		l = &life{begun: e, day: day, arm: o.row(day, e.arm)}
		o.open[key], o.all = l, append(o.all, l)
	}
	if e.rank < l.begun.rank || e.rank == l.begun.rank && e.time < l.begun.time {
		l.begun, l.day, l.arm = e, day, o.row(day, e.arm)
	}
	l.marks |= e.marks
}

func (o *oracle) row(day int64, arm string) string {
	switch arms := o.arms[day]; {
	case slices.Contains(arms, arm) || arm == metric.Other:
	case len(arms) == 2:
		return metric.Other
	default:
		o.arms[day] = append(arms, arm)
	}

	return arm
}

// rows are the counts by day and arm, those of nothing but 0 left out.
func (o *oracle) rows(measures []metric.Share) map[string]string {
	counts := map[string][]int64{}
	for _, l := range o.all {
		key := fmt.Sprint(l.day, " ", l.arm)
		if counts[key] == nil {
			counts[key] = make([]int64, len(measures))
		}
		for i := range measures {
			if measures[i].Counts(l.marks) {
				counts[key][i]++
			}
		}
	}

	return shown(counts)
}

func shown(counts map[string][]int64) map[string]string {
	rows := map[string]string{}
	for key, n := range counts {
		if slices.Max(n) > 0 {
			rows[key] = fmt.Sprint(n)
		}
	}

	return rows
}

// trial is the shard's cohort, and what it has published.
type trial struct {
	cohorts
	say       *told
	published map[string][]int64
}

func newTrial(most int) *trial {
	say := &told{}
	tr := &trial{say: say, published: map[string][]int64{}}
	tr.all = []*cohort{newCohort(trialCohort(say), most)}
	tr.switchOn([]string{"trial"})
	tr.at, tr.counts, tr.out = &place{}, &Counts{}, &outputs{}
	tr.cutter = &cutter{at: tr.at, out: tr.out}

	return tr
}

type require interface{ Fatalf(string, ...any) }

func (tr *trial) take(e told, now int64) {
	*tr.say = e
	tr.at.clock = now
	tr.count(&metric.Event{Event: &event.Event{Customer: []byte(e.customer), Time: e.time}}, e.time/dayMS, now/dayMS)
}

// cut publishes, and takes down what was.
func (tr *trial) cut(t require) {
	tr.publish()
	for _, message := range tr.out.rollups {
		m, err := wire.ParseMetrics(message.Data)
		if err != nil {
			t.Fatalf("%v", err)
		}
		for _, d := range m.Days {
			for row := range d.Rows() {
				counts := make([]int64, len(d.Measures))
				for i := range counts {
					counts[i] = d.Measures[i].Counts[row]
				}
				tr.published[fmt.Sprint(d.Day, " ", d.By[0][row])] = counts
			}
		}
	}
	*tr.out = outputs{}
}

// reload goes on from a snapshot, which must be written again to the byte.
func (tr *trial) reload(t require) {
	snapshot := tr.capture()(nil)
	r := codec.From(snapshot, errBody)
	tr.all = []*cohort{newCohort(trialCohort(tr.say), tr.all[0].most)}
	tr.switchOn([]string{"trial"})
	tr.read(&r)
	if err := r.End(); err != nil {
		t.Fatalf("%v", err)
	}
	if again := tr.capture()(nil); !bytes.Equal(again, snapshot) {
		t.Fatalf("%d bytes of a snapshot become %d others", len(snapshot), len(again))
	}
}

// drawTold draws events of few customers and messages, some of long ago.
func drawTold(now int64) *rapid.Generator[told] {
	return rapid.Custom(func(t *rapid.T) told {
		return told{
			customer: rapid.SampledFrom([]string{"a", "b", "ab"}).Draw(t, "customer"), key: rapid.SampledFrom([]string{"m", "bm", "n"}).Draw(t, "key"),
			arm: rapid.SampledFrom([]string{"A", "B", "C", "", "other"}).Draw(t, "arm"), rank: uint8(rapid.IntRange(0, 2).Draw(t, "rank")),
			marks: metric.Marks(rapid.IntRange(0, 7).Draw(t, "marks")),
			time:  now - rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(-300_000, 5*dayMS)).Draw(t, "ago"),
		}
	})
}

// A cohort counts what a map of everything counts, whatever comes, in any order, over
// the ends of spans, with cuts and restarts anywhere.
func TestCohortsAgreeWithAMapOfEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := newTrial(1 << 20)
		o := &oracle{open: map[[2]string]*life{}, arms: map[int64][]string{}, span: 3}
		now := int64(1_777_900_000_000)
		for range rapid.IntRange(1, 120).Draw(t, "events") {
			now += rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, 2*dayMS)).Draw(t, "pause")
			e := drawTold(now).Draw(t, "event")
			tr.take(e, now)
			o.take(e, now/dayMS)
			switch rapid.IntRange(0, 9).Draw(t, "then") {
			case 0:
				tr.cut(t)
			case 1:
				tr.reload(t)
			}
		}
		tr.at.clock += minute
		tr.cut(t)
		if got, want := shown(tr.published), o.rows(tr.all[0].Measures); !maps.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
		checkTrial(t, tr)
	})
}

// checkTrial holds what is counted of the state against the state.
func checkTrial(t require, tr *trial) {
	c := tr.all[0]
	live, over, rows := 0, 0, map[uint32]int{}
	for s := range c.items.each {
		for _, i := range s.sorted(nil) {
			rows[rowIn(i.state)]++
			if c.rows.slab[rowIn(i.state)].day >= c.floor {
				live++
			} else {
				over++
			}
		}
	}
	if live != c.live || over != c.over {
		t.Fatalf("%d items are open and %d over, counted as %d and %d", live, over, c.live, c.over)
	}
	for at := range c.rows.slab {
		if row := &c.rows.slab[at]; row.items != rows[uint32(at)] {
			t.Fatalf("row %d has %d items, counted as %d", at, rows[uint32(at)], row.items)
		}
	}
}

// Any order of the same events within the span gives the same rows.
func TestTheOrderOfEventsDoesNotMatterToCohorts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := int64(1_777_900_000_000)
		events := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) told {
			e := drawTold(now).Draw(t, "event")
			e.time = now - rapid.Int64Range(0, 2*dayMS).Draw(t, "ago")
			e.arm = rapid.SampledFrom([]string{"A", "B"}).Draw(t, "arm")

			return e
		}), 1, 30).Draw(t, "events")
		for i := range events {
			events[i].time = events[i].time/100*100 + int64(i) // no two at once
		}
		play := func(order []told) map[string]string {
			tr := newTrial(1 << 20)
			for _, e := range order {
				tr.take(e, now)
			}
			tr.at.clock += minute
			tr.cut(t)

			return shown(tr.published)
		}
		if got, want := play(rapid.Permutation(events).Draw(t, "order")), play(events); !maps.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
	})
}

// With more items than there is room for, the oldest day is closed before its time, and
// what is of one day alone is refused; both are counted, and no row that is closed
// counts less than before.
func TestCohortsAreBounded(t *testing.T) {
	const most = 2000
	tr := newTrial(most)
	now := int64(1_777_900_000_000)
	day := now / dayMS
	send := func(n int, at int64, prefix string) {
		for i := range n {
			tr.take(told{customer: fmt.Sprint(prefix, i), key: "m", arm: "A", marks: 1, time: at}, now)
		}
	}
	send(1500, now, "a")
	now += dayMS
	send(1000, now, "b")
	c := tr.all[0]
	if c.hurried != 1500 || c.live != 1000 || c.refused != 0 || c.early != day+1 {
		t.Errorf("%d closed early, %d open, %d refused, closed before day %d", c.hurried, c.live, c.refused, c.early)
	}
	send(1000, now-dayMS, "a") // known no more, and of a day that is closed
	send(1500, now, "c")
	if c.live != most || c.refused != 500 || c.hurried != 1500 {
		t.Errorf("%d open, %d refused, %d closed early", c.live, c.refused, c.hurried)
	}
	*tr.counts = Counts{}
	if tr.reload(t); tr.counts.Hurried != 1500 || tr.counts.Crowded != 500 {
		t.Errorf("counted %+v", *tr.counts)
	}
	tr.at.clock = now + minute
	tr.cut(t)
	want := map[string]string{fmt.Sprint(day, " A"): "[1500 0 1500 0]", fmt.Sprint(day+1, " A"): "[2000 0 2000 0]"}
	if got := shown(tr.published); !maps.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	checkTrial(t, tr)
}

// What is over gives its memory back: a year of days takes no more than a few.
func TestCohortsForgetWhatIsOver(t *testing.T) {
	tr := newTrial(1 << 20)
	now := int64(1_777_900_000_000)
	var most int64
	for d := range 120 {
		for i := range 3000 {
			tr.take(told{customer: fmt.Sprint(i), key: fmt.Sprint(d), arm: "A", marks: 1, time: now}, now)
		}
		now += dayMS
		tr.at.clock = now
		tr.cut(t)
		if d == 20 {
			most = tr.all[0].items.bytes()
		}
	}
	c := tr.all[0]
	if got := c.items.bytes(); got > most*3/2 || len(c.rows.slab) > 12 || len(c.rows.days) > 8 || len(c.rows.index) > 8 {
		t.Errorf("%d bytes, %d at first; %d rows, %d days, %d keys", got, most, len(c.rows.slab), len(c.rows.days), len(c.rows.index))
	}
	checkTrial(t, tr)
}

// A snapshot of items shares them: it copies and encodes nothing of them while records
// wait, and is of its place whatever comes meanwhile.
func TestASnapshotSharesItems(t *testing.T) {
	tr := newTrial(1 << 20)
	const now = 1_777_900_000_000
	const people = 100_000
	for i := range people {
		tr.take(told{customer: fmt.Sprint(i), key: "m", arm: "A", marks: 1, time: now}, now)
	}
	want := tr.capture()(nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	write := tr.capture()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<10 {
		t.Errorf("%d bytes of %d were allocated while records waited", took, len(want))
	}
	encoded := make(chan []byte)
	go func() { encoded <- write(nil) }()
	for i := range 2 * people {
		tr.take(told{customer: fmt.Sprint(i), key: "m", arm: "A", rank: 1, marks: 2, time: now}, now)
	}
	if !bytes.Equal(<-encoded, want) {
		t.Error("the snapshot is not of its place")
	}
	if perItem := float64(tr.all[0].items.bytes()) / (2 * people); perItem > 44 {
		t.Errorf("an item takes %.1f bytes", perItem)
	}
	checkTrial(t, tr)
}

// Bytes that can't be a snapshot are refused, and nothing is made of lies about sizes.
func TestDamagedCohortsAreRefused(t *testing.T) {
	tr := newTrial(1 << 20)
	const now = 1_777_900_000_000
	for i := range 5 {
		tr.take(told{customer: fmt.Sprint(i), key: "m", arm: "A", marks: 1, time: now + int64(i)}, now)
	}
	whole := tr.capture()(nil)
	read := func(body []byte) error {
		other := newTrial(1 << 20)
		r := codec.From(body, errBody)
		other.read(&r)

		return r.End()
	}
	for n := range whole {
		if read(whole[:n]) == nil {
			t.Errorf("%d bytes of %d are taken for all", n, len(whole))
		}
	}
	twice := slices.Clone(whole)
	copy(twice[len(twice)-16:], twice[len(twice)-32:len(twice)-16])
	if read(twice) == nil {
		t.Error("an item stands twice")
	}
	none := slices.Clone(whole)
	none[len(none)-1] &^= 0x80
	if read(none) == nil {
		t.Error("an item is not there")
	}
}

// A cohort of another shape starts empty, and those around it are read.
func TestACohortOfAnotherShapeStartsEmpty(t *testing.T) {
	tr := newTrial(1 << 20)
	const now = 1_777_900_000_000
	tr.take(told{customer: "a", key: "m", arm: "A", marks: 1, time: now}, now)
	tr.all = append(tr.all, newCohort(trialCohort(tr.say), 1<<20))
	tr.all[1].Name = "second"
	tr.switchOn([]string{"trial", "second"})
	tr.take(told{customer: "b", key: "m", arm: "A", marks: 1, time: now}, now)
	snapshot := tr.capture()(nil)

	other := newTrial(1 << 20)
	other.all[0].Measures = other.all[0].Measures[:3]
	other.all = append(other.all, newCohort(trialCohort(other.say), 1<<20))
	other.all[1].Name = "second"
	r := codec.From(snapshot, errBody)
	other.read(&r)
	if err := r.End(); err != nil || other.all[0].live != 0 || other.all[1].live != 1 {
		t.Errorf("%v; %d and %d items", err, other.all[0].live, other.all[1].live)
	}
}

// A partition of nobody but machines still waits for the minute in which its rows are
// published, and for nothing once they are.
func TestRowsOfNobodyAreWaitedFor(t *testing.T) {
	config := meaning.DefaultConfig()
	config.Partitions = 1
	sh, err := NewShard(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	const start = 1_777_900_020_000 // a minute begins
	published := 0
	emit := func(cut *Cut) {
		for _, message := range cut.Outputs[Rollups] {
			if strings.HasPrefix(message.Subject, "rollups.cohorts_campaigns.") {
				published++
			}
		}
	}
	process := func(record event.Record) {
		record.Sequence, record.Stored = sh.sequence+1, record.Clock
		if err := sh.Process(&record, emit); err != nil {
			t.Fatal(err)
		}
	}
	tick := func(at int64) { process(event.Record{Lane: event.LaneControl, Control: event.ControlTick, Clock: at}) }
	tick(start)
	tick(start + 1000)
	process(event.Record{Clock: start + 2000, Data: []byte(`{"id":"1","customer":"c","type":"email.opened","message":"m","machine":true,"time":"` +
		time.UnixMilli(start+2000).UTC().Format(time.RFC3339) + `"}`)})
	tick(start + 4000)
	if w := sh.Status().Waits; published > 0 || w.Cut || w.Due != start+minute {
		t.Errorf("published %d; waits %+v, want until %d", published, w, start+minute)
	}
	tick(start + minute)
	tick(start + minute + 1000)
	if w := sh.Status().Waits; published != 1 || w.Due != Never {
		t.Errorf("published %d; waits %+v", published, w)
	}
}

// The table agrees with a map, also where the hashes are made to meet.
func TestItemsAgreeWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table items
		want := map[uint64]uint64{}
		over := func(state uint64) bool { return state&1 == 1 }
		hashes := rapid.SampledFrom([]uint64{1<<64 - 1, 0xff, 0xffff << 48, 1<<63 | 3}).Draw(t, "mask")
		x := rapid.Uint64().Draw(t, "seed")
		var shared []*segment
		var then []item
		for i := range rapid.IntRange(1, 6000).Draw(t, "items") {
			x = x*6364136223846793005 + 1442695040888963407
			hash, state := (x^x>>29)&hashes, itemThere|uint64(i)<<1
			if table.put(hash, state, over) {
				want[hash] = state
			} else if _, known := want[hash]; known {
				t.Fatalf("no room for one that is there")
			}
			if i == 2000 {
				shared = table.share()
				then = all(shared)
			}
		}
		table.sweep(over)
		for hash, state := range want {
			if got := table.get(hash); got != state {
				t.Fatalf("%x is %x, want %x", hash, got, state)
			}
		}
		if got := all(table.share()); len(got) != len(want) || !slices.IsSortedFunc(got, func(a, b item) int { return cmp.Compare(a.hash, b.hash) }) {
			t.Fatalf("%d items in no order, want %d", len(got), len(want))
		}
		if !slices.Equal(all(shared), then) {
			t.Fatalf("what was shared has changed")
		}
	})
}

func all(segments []*segment) (all []item) {
	for _, s := range segments {
		all = append(all, s.sorted(nil)...)
	}

	return all
}

// The time of the event that begins an item is known from its day and 28 bits, in every
// zone.
func TestTheTimeOfAnItem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := rapid.Int64Range(-1, 84_370).Draw(t, "day")
		at := day*dayMS + rapid.Int64Range(-14*3_600_000, dayMS+14*3_600_000).Draw(t, "within")
		state := stateOf(5, 2, 77, at)
		if got := timeIn(state, day); got != at || marksIn(state) != 5 || rowIn(state) != 77 || state>>itemRank&3 != 2 {
			t.Fatalf("%d of day %d comes back as %d", at, day, got)
		}
	})
}
