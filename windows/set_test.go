package windows

import (
	"slices"
	"testing"
	"unsafe"
)

func defaultConfig() Config {
	return Config{Lengths: Defaults(), Lateness: 10 * minute, Skew: 5 * minute, DistinctKeys: 4}
}

func TestActivityIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Activity{}); size != ActivitySize || size > 48 {
		t.Errorf("an Activity takes %d bytes", size)
	}
}

// An event that breaks the rule about times is counted nowhere but in Refused.
func TestRefused(t *testing.T) {
	s := newSubject(t, defaultConfig())
	s.advance(benchStart)

	late := benchStart - 10*minute - 1
	s.add(fact{t: late})
	s.add(fact{t: MaxTime + 1})

	if got := s.Refused(); got != 4 {
		t.Errorf("Refused() = %d, want 4", got)
	}

	if rows := s.advance(benchStart + day); len(rows) != 0 {
		t.Errorf("refused events gave rows %v", rows)
	}

	// An activity so far ahead that the bitmaps do not reach back.
	s = newSubject(t, defaultConfig())
	s.add(fact{t: hour})
	s.Touch(0, 0, s.activities[person{}], 0)

	if got := s.Refused(); got != 1 {
		t.Errorf("Refused() = %d, want 1", got)
	}

	s.reload(t)

	if got := s.Refused(); got != 1 {
		t.Errorf("Refused() = %d after a restore, want 1", got)
	}
}

func TestKeyOutOfRangePanics(t *testing.T) {
	s := newSubject(t, defaultConfig())
	s.Add(MaxKeys-1, 0, 0)

	defer func() {
		if recover() == nil {
			t.Error("a key that is too large was taken")
		}
	}()

	s.Add(MaxKeys, 0, 0)
}

// Keys that do not count customers leave the activity alone.
func TestTouchOfAPlainKey(t *testing.T) {
	s := newSubject(t, defaultConfig())

	var a Activity
	s.Touch(4, 0, &a, 0)

	if a != (Activity{}) {
		t.Error("the activity changed")
	}
}

func TestClockAndValueBounds(t *testing.T) {
	s := newSubject(t, defaultConfig())
	if _, ok := s.Clock(); ok {
		t.Error("a new set has a clock")
	}

	s.add(fact{t: benchStart})
	s.advance(benchStart)

	if clock, ok := s.Clock(); !ok || clock != benchStart {
		t.Errorf("Clock() = %d, %v", clock, ok)
	}

	end := Defaults()[0].FirstEnd(benchStart)

	if r, ok := s.Value(0, 0, end); !ok || r.Events != 1 || r.Customers != 1 {
		t.Errorf("the pending row is %v, %v", r, ok)
	}

	for _, c := range []struct {
		length int
		key    Key
		end    int64
	}{
		{-1, 0, end}, {6, 0, end}, {0, 0, end + 1}, {0, 1, end}, {0, 0, end + 2*minute}, {0, 0, end - hour},
	} {
		if r, ok := s.Value(c.length, c.key, c.end); ok {
			t.Errorf("Value(%v) = %v", c, r)
		}
	}
}

// A customer number goes to another customer with a zero Activity; what the
// former did must not hide the newcomer, whichever way activity is kept.
func TestCustomerNumberIsReused(t *testing.T) {
	for _, lateness := range []int64{10 * minute, 3 * day} {
		c := defaultConfig()
		c.Lateness = lateness
		s := newSubject(t, c)

		for range 3 {
			for customer := range uint32(50) {
				s.Add(0, 30_000, 0)
				s.Touch(0, customer, &Activity{}, 30_000)
			}
		}

		for _, r := range s.advance(minute) {
			if r.Customers != 150 {
				t.Errorf("lateness %d: %d customers, want 150", lateness, r.Customers)
			}
		}
	}
}

// Empty time costs nothing, and what is not needed is forgotten.
func TestLongSilence(t *testing.T) {
	s := newSubject(t, defaultConfig())
	rows := 0
	activity := Activity{}

	for year := range int64(2000) {
		at := (year - 1000) * 365 * day
		s.Add(0, at, 1)
		s.Touch(0, 1, &activity, at)
		s.Advance(at+day, func(Row) { rows++ })
	}

	// Per event: n rows of each length and a zero row.
	if want := 2 + 6 + 13 + 25 + 29 + 29; rows < 1999*want || rows > 2000*want {
		t.Errorf("%d rows, want about %d", rows, 2000*want)
	}

	if got := s.Bytes(); got > 100_000 {
		t.Errorf("the set holds %d bytes", got)
	}
}

// Steady work takes no memory.
func TestSteadyWorkDoesNotAllocate(t *testing.T) {
	s := newSubject(t, defaultConfig())
	activities := make([]Activity, 100)
	clock, rows := benchStart, 0
	emit := func(Row) { rows++ }
	work := func() {
		for i := range 1000 {
			clock += 50
			s.Add(0, clock, 1)
			s.Add(Key(4+i%30), clock-int64(i*97%2000), 1)
			s.Touch(0, uint32(i%100), &activities[i%100], clock)
		}

		s.Advance(clock, emit)
	}

	for range 4000 {
		work()
	}

	if n := testing.AllocsPerRun(100, work); n > 0.5 {
		t.Errorf("%.1f allocations per 1000 events", n)
	}
}

func TestMerge(t *testing.T) {
	for _, c := range []struct{ before, after, want []Key }{
		{nil, []Key{1, 2}, []Key{1, 2}},
		{[]Key{1, 2}, []Key{3}, []Key{1, 2, 3}},
		{[]Key{5, 6}, []Key{1, 2}, []Key{1, 2, 5, 6}},
		{[]Key{1, 5, 9}, []Key{0, 4, 6, 10}, []Key{0, 1, 4, 5, 6, 9, 10}},
	} {
		w := window{active: append(slices.Clone(c.before), c.after...)}
		w.merge(len(c.before))

		if !slices.Equal(w.active, c.want) {
			t.Errorf("%v and %v give %v", c.before, c.after, w.active)
		}
	}
}

// Different keys and minutes meet at the same place of the pending table.
func TestPendingPlacesCollide(t *testing.T) {
	type at struct {
		end int64
		key Key
	}

	c := defaultConfig()
	c.Lengths = c.Lengths[:1]
	c.Lateness = 101 * hour
	s := newSubject(t, c)
	want := map[at]int64{}

	for i := range int64(100_000) {
		// The same keys in minutes of four days.
		f := fact{key: Key(i * i % 2003), t: benchStart + i*i*i%6007*minute, value: i}
		s.Add(f.key, f.t, f.value)
		want[at{c.Lengths[0].FirstEnd(f.t), f.key}] += f.value
	}

	for _, r := range s.advance(benchStart + 101*hour) {
		if r.Sum != SumOf(want[at{r.End, r.Key}]) {
			t.Fatalf("row %v, want sum %d", r, want[at{r.End, r.Key}])
		}

		delete(want, at{r.End, r.Key})
	}

	if len(want) != 0 {
		t.Errorf("%d rows are missing", len(want))
	}
}

// A Touch without an Add breaks the rule, but leaves nothing behind.
func TestTouchAlone(t *testing.T) {
	s := newSubject(t, defaultConfig())
	s.Touch(0, 1, &Activity{}, 0)

	if rows := s.advance(day); len(rows) != 0 {
		t.Errorf("rows %v without an event", rows)
	}

	s.add(fact{t: day})

	for _, r := range s.advance(day + minute) {
		if r.Customers != 1 {
			t.Errorf("row %v, want 1 customer", r)
		}
	}
}

// The longest reach of each kind of place: one slice more takes the next kind.
func TestReachAtItsLimits(t *testing.T) {
	for span := int64(28); span <= 66; span++ {
		if span == 34 {
			span = 60
		}

		for disorder := range int64(4) {
			c := Config{Lengths: []Length{{Name: "a", Size: 10 * span, Slide: 10}}, Lateness: 10 * disorder, DistinctKeys: 1}

			// Two slices of a customer as far apart as a window reaches, one
			// further, and one less; then an event as late as can be.
			for apart := span - 1; apart <= span+1; apart++ {
				s, o := newSubject(t, c), newOracle(c)

				for _, f := range []fact{{t: 0}, {t: 10 * apart}, {t: 10 * (apart - disorder)}, {t: 10 * (apart + span)}} {
					s.add(f)
					o.add(f)
				}

				compare(t, s.advance(5000), o.advance(5000))
			}
		}
	}
}
