package simulate

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/vocabulary"
)

func begin() time.Time { return time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) }

func newSimulator(t testing.TB, change func(*Config)) *Simulator {
	t.Helper()
	config := Defaults(begin())
	config.Customers = 300
	if change != nil {
		change(&config)
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}

	return s
}

func drain(s *Simulator) []Item {
	var items []Item
	for {
		item, ok := s.Next()
		if !ok {
			return items
		}
		items = append(items, item)
	}
}

func TestConfigIsChecked(t *testing.T) {
	tests := map[string]struct {
		spoil func(*Config)
		want  string
	}{
		"nobody":              {func(c *Config) { c.Customers = 0 }, "customers is 0"},
		"end before start":    {func(c *Config) { c.End = c.Start.Add(-1) }, "set it after start"},
		"far start":           {func(c *Config) { c.Start = time.Time{} }, "start is"},
		"negative joins":      {func(c *Config) { c.JoinsPerDay = -1 }, "joins per day is -1"},
		"no gap":              {func(c *Config) { c.MedianGap = 0 }, "median gap is 0s"},
		"no stay":             {func(c *Config) { c.MeanStay = 0 }, "mean stay is 0s"},
		"one-timers":          {func(c *Config) { c.OneTimers = 2 }, "one-timers is 2"},
		"share not a number":  {func(c *Config) { c.GarbageShare = math.NaN() }, "garbage share is NaN"},
		"too little is sound": {func(c *Config) { c.GarbageShare, c.DuplicateShare = 0.3, 0.3 }, "0.5 together"},
		"late share":          {func(c *Config) { c.LateShare = 0.6 }, "late share is 0.6"},
		"lateness":            {func(c *Config) { c.Lateness = 0 }, "lateness is 0s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config := Defaults(begin())
			test.spoil(&config)
			if _, err := New(config); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func digest(s *Simulator) string {
	sum := sha256.New()
	for {
		item, ok := s.Next()
		if !ok {
			return fmt.Sprintf("%x", sum.Sum(nil))
		}
		fmt.Fprintf(sum, "%d %s %v %s %s\n", item.Arrival, item.Customer, item.Duplicate, item.Reason, item.Body)
	}
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	one, same := digest(newSimulator(t, nil)), digest(newSimulator(t, nil))
	other := digest(newSimulator(t, func(c *Config) { c.Seed = 2 }))
	if one != same {
		t.Error("two runs with one seed differ")
	}
	if one == other {
		t.Error("two seeds gave the same")
	}
}

func TestTheEndDoesNotMatter(t *testing.T) {
	whole := drain(newSimulator(t, nil))

	s := newSimulator(t, func(c *Config) { c.End = c.Start })
	var parts []Item
	for end := begin(); end.Before(begin().AddDate(0, 0, 90)); end = end.Add(7*time.Hour + time.Millisecond) {
		s.Until(end)
		got := drain(s)
		for _, item := range got {
			if item.Arrival >= end.UnixMilli() {
				t.Fatalf("an item arrives at %d, the end is %d", item.Arrival, end.UnixMilli())
			}
		}
		parts = append(parts, got...)
	}
	s.Until(begin().AddDate(0, 0, 90))
	parts = append(parts, drain(s)...)

	if !slices.EqualFunc(whole, parts, func(a, b Item) bool {
		return a.Arrival == b.Arrival && bytes.Equal(a.Body, b.Body) && a.Customer == b.Customer
	}) {
		t.Errorf("%d items at once, %d in parts, or in another order", len(whole), len(parts))
	}
}

func TestItemsArriveInOrder(t *testing.T) {
	items := drain(newSimulator(t, nil))
	if !slices.IsSortedFunc(items, func(a, b Item) int { return int(a.Arrival - b.Arrival) }) {
		t.Error("an item arrives before the one that came before it")
	}
	if first := items[0].Arrival; first < begin().UnixMilli() {
		t.Errorf("the first item arrives at %d, before the start", first)
	}
}

// A reader accepts exactly what is not garbage, and refuses the rest for the
// reason that is given.
func TestBodiesAreWhatTheySay(t *testing.T) {
	vocab := vocabulary.DefaultVocabulary()
	decoder := native.NewDecoder(0)
	seen := map[string]int{}
	kinds := map[vocabulary.Kind]int{}
	seenIn := map[string]int{}
	ids := map[string][]byte{}
	for _, item := range drain(newSimulator(t, func(c *Config) { c.GarbageShare = 0.05 })) {
		var ev event.Event
		err := decoder.Decode(item.Body, &ev)
		reason := ""
		if refusal := (*event.Refusal)(nil); errors.As(err, &refusal) {
			reason = refusal.Reason.String()
		} else if err != nil {
			t.Fatal(err)
		} else if ev.Time > item.Arrival+int64(time.Hour/time.Millisecond) {
			reason = "too_far_ahead"
		}
		if reason != item.Reason || item.Garbage != (reason != "") {
			t.Fatalf("reason %q, error %v; want %q for %s", reason, err, item.Reason, item.Body)
		}
		seen[reason]++
		if item.Garbage {
			continue
		}
		if string(ev.Customer) != item.Customer {
			t.Fatalf("customer %q in the body of %q", ev.Customer, item.Customer)
		}
		if ev.Time > item.Arrival {
			t.Fatalf("arrives at %d before its time %d", item.Arrival, ev.Time)
		}
		class, err := vocab.Classify(&ev)
		if err != nil {
			t.Fatal(err)
		}
		kinds[class.Kind]++
		seenIn[vocab.Channels()[class.Channel]]++

		first, known := ids[string(ev.ID)]
		switch {
		case item.Duplicate && !bytes.Equal(first, item.Body):
			t.Fatalf("a copy %s of %s", item.Body, first)
		case !item.Duplicate && known:
			t.Fatalf("id %s occurs twice", ev.ID)
		}
		ids[string(ev.ID)] = item.Body
	}
	if len(seen) != spoils {
		t.Errorf("reasons %v, want all %d", seen, spoils)
	}
	for _, kind := range []vocabulary.Kind{vocabulary.Passive, vocabulary.Micro, vocabulary.Active, vocabulary.Exposure} {
		if kinds[kind] < 500 {
			t.Errorf("%d events of kind %v", kinds[kind], kind)
		}
	}
	if kinds[vocabulary.Unknown] > 0 || seenIn[vocabulary.ChannelOther] > 0 || seenIn[vocabulary.ChannelNone] > 0 {
		t.Errorf("kinds %v, channels %v; want none unknown", kinds, seenIn)
	}
	if len(seenIn) != channels {
		t.Errorf("channels %v, want all of %v", seenIn, channelNames())
	}
}

func TestSharesComeOut(t *testing.T) {
	s := newSimulator(t, func(c *Config) {
		c.Customers, c.GarbageShare, c.DuplicateShare, c.LateShare = 1000, 0.02, 0.05, 0.03
	})
	decoder := native.NewDecoder(0)
	var all, garbage, duplicate, events, late, seconds float64
	for _, item := range drain(s) {
		all++
		switch {
		case item.Garbage:
			garbage++
		case item.Duplicate:
			duplicate++
		default:
			var ev event.Event
			if err := decoder.Decode(item.Body, &ev); err != nil {
				t.Fatal(err)
			}
			events++
			switch delay := item.Arrival - ev.Time; {
			case delay > 10*minute:
				late++
			case delay < 10_000:
				seconds++
			}
		}
	}
	for name, check := range map[string][2]float64{
		"garbage":    {garbage / all, 0.02},
		"duplicates": {duplicate / all, 0.05},
		"late":       {late / events, 0.03},
	} {
		if got, want := check[0], check[1]; math.Abs(got-want) > 4*math.Sqrt(want/all) {
			t.Errorf("share of %s is %v, want %v", name, got, want)
		}
	}
	if seconds/events < 0.9 {
		t.Errorf("%v of the events arrive within seconds, want most", seconds/events)
	}
}

func TestNothingCanBeSwitchedOff(t *testing.T) {
	s := newSimulator(t, func(c *Config) { c.GarbageShare, c.DuplicateShare, c.LateShare = 0, 0, 0 })
	for _, item := range drain(s) {
		if item.Garbage || item.Duplicate {
			t.Fatalf("%+v without garbage and duplicates", item)
		}
	}
}

func TestNobodyActsOnceLost(t *testing.T) {
	s := newSimulator(t, func(c *Config) { c.MeanStay, c.JoinsPerDay = 40*24*time.Hour, 30 })
	vocab, decoder := vocabulary.DefaultVocabulary(), native.NewDecoder(0)
	type life struct{ first, last int64 }
	lives := map[string]life{}
	afterwards := 0
	items := drain(s)
	truth := map[string]Loss{}
	for _, loss := range s.Truth() {
		truth[loss.Customer] = loss
	}
	for _, item := range items {
		if item.Garbage {
			continue
		}
		var ev event.Event
		if err := decoder.Decode(item.Body, &ev); err != nil {
			t.Fatal(err)
		}
		class, err := vocab.Classify(&ev)
		if err != nil {
			t.Fatal(err)
		}
		loss, known := truth[item.Customer]
		lost := loss.LostAt != 0 && ev.Time >= loss.LostAt
		switch {
		case !known || ev.Time < loss.Joined:
			t.Fatalf("%s acts at %d: %+v", item.Customer, ev.Time, loss)
		case class.Kind == vocabulary.Exposure && lost:
			afterwards++
		case lost:
			t.Fatalf("%s does %s at %d, but was lost at %d", item.Customer, ev.Type, ev.Time, loss.LostAt)
		case class.Qualifying:
			l, seen := lives[item.Customer]
			if !seen {
				l.first = ev.Time
			}
			l.first, l.last = min(l.first, ev.Time), max(l.last, ev.Time)
			lives[item.Customer] = l
		}
	}
	if afterwards == 0 {
		t.Error("the company mails none of the lost")
	}
	losses, joined := 0, 0
	for _, loss := range truth {
		if loss.LostAt != 0 {
			losses++
		}
		if loss.Joined > begin().AddDate(0, 0, 30).UnixMilli() {
			joined++
		}
		if _, seen := lives[loss.Customer]; !seen && loss.Joined < s.end-day {
			t.Errorf("%s joined at %d and never did anything", loss.Customer, loss.Joined)
		}
	}
	if losses < len(truth)/2 || joined < 1000 {
		t.Errorf("%d of %d lost, %d joined after 30 days; want most and more than 1000", losses, len(truth), joined)
	}
}

// Who visits weekly like clockwork does; who does not, does not.
func TestGapsHaveTheirShape(t *testing.T) {
	r := newRandom(1)
	for _, shape := range []float64{0.5, 1, 3, 8} {
		const n = 200_000
		var sum, squares float64
		for range n {
			gap := r.gamma(shape)
			sum += gap
			squares += gap * gap
		}
		mean := sum / n
		variance := squares/n - mean*mean
		if math.Abs(mean-1) > 0.02 || math.Abs(variance*shape-1) > 0.05 {
			t.Errorf("shape %v: mean %v and variance %v, want 1 and %v", shape, mean, variance, 1/shape)
		}
	}
}

func TestHoursAndWeekdays(t *testing.T) {
	s := newSimulator(t, func(c *Config) { c.Customers = 1000; c.MedianGap = 14 * 24 * time.Hour })
	var hours [24]int
	var weekend, all float64
	decoder := native.NewDecoder(0)
	for _, item := range drain(s) {
		var ev event.Event
		if item.Garbage || decoder.Decode(item.Body, &ev) != nil || len(ev.Session) == 0 {
			continue
		}
		at := time.UnixMilli(ev.Time).UTC()
		hours[at.Hour()]++
		all++
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			weekend++
		}
	}
	if evening, night := hours[19], hours[3]; evening < 2*night {
		t.Errorf("%d events at 19 h, %d at 3 h", evening, night)
	}
	if share := weekend / all; share > 0.27 || share < 0.1 {
		t.Errorf("%v of the events on weekends, want less than 2 of 7, but some", share)
	}
}

func BenchmarkNext(b *testing.B) {
	s := newSimulator(b, func(c *Config) { c.Customers = 20_000; c.End = c.Start.AddDate(100, 0, 0) })
	var size int64
	for b.Loop() {
		item, ok := s.Next()
		if !ok {
			b.Fatal("the end of the simulation")
		}
		size += int64(len(item.Body))
	}
	b.ReportMetric(float64(size)/float64(b.N), "bytes/item")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
