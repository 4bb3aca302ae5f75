package metric_test

import (
	"bytes"
	"slices"
	"testing"

	"ebb/pipeline/amount"
	"ebb/pipeline/calendar"
	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"

	"pgregory.net/rapid"
)

// visitor draws what somebody does from a day on.
func visitor(t *rapid.T, v *vocabulary.Vocabulary, label string, day calendar.Day, most int) (events []metric.Event, last calendar.Day) {
	types := []string{"page.viewed", "order.completed", "order.returned", "loyalty.enrolled", "points.earned", "survey.answered", "page.pinged", "case.opened", "cart.updated"}
	for range rapid.IntRange(0, most).Draw(t, label) {
		day += calendar.Day(rapid.OneOf(rapid.IntRange(0, 2), rapid.IntRange(0, 100)).Draw(t, "days"))
		ev := &event.Event{
			Type: []byte(rapid.SampledFrom(types).Draw(t, "type")), Time: int64(day) * 86_400_000, Fields: event.HasValue | event.HasSentiment,
			Channel: []byte(rapid.SampledFrom([]string{"web", "email", "app", ""}).Draw(t, "channel")), Device: []byte(rapid.SampledFrom([]string{"", "d1", "d2", "d3", "d4"}).Draw(t, "device")),
			Value: amount.Of(int64(rapid.IntRange(-50, 90).Draw(t, "value"))), Currency: []byte(rapid.SampledFrom([]string{"EUR", "EUR", "EUR", "USD"}).Draw(t, "currency")),
			Sentiment: float64(rapid.IntRange(-10, 10).Draw(t, "sentiment")) / 10,
		}
		class, err := v.Classify(ev)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, metric.Event{Event: ev, Class: class, Vocabulary: v, Day: day})
	}

	return events, day
}

// columnOf is what a column holds of somebody who did all of this.
func columnOf(c *metric.StateColumn, some ...[]metric.Event) []byte {
	who := make(metric.Who, metric.Width(metric.Columns()))
	for _, e := range slices.Concat(some...) {
		if e.Who = who; c.Takes == nil || c.Takes(&e.Class, e.TypeName()) {
			c.Observe(&e, c.In(who))
		}
	}

	return c.In(who)
}

// whoHas is somebody of whom this column is known.
func whoHas(c *metric.StateColumn, state []byte) metric.Who {
	who := make(metric.Who, metric.Width(metric.Columns()))
	copy(c.In(who), state)

	return who
}

// merging are the columns that move.
func merging() []*metric.StateColumn {
	return slices.DeleteFunc(metric.Columns(), func(c *metric.StateColumn) bool { return c.Merge == nil })
}

// What is known of who signs in after all that they did under an anonymous id is what it
// would be of one id; of what depends on an order that is not known, the known one's wins.
func TestMergedColumnsAreThoseOfOneID(t *testing.T) {
	v := vocabulary.DefaultVocabulary()
	columns := merging()
	if len(columns) != 7 {
		t.Errorf("%d columns move, want 7", len(columns))
	}
	rapid.Check(t, func(t *rapid.T) {
		before, day := visitor(t, v, "before", 20_000, 12)
		after, _ := visitor(t, v, "after", day, 12)
		for _, c := range columns {
			got, from, want := columnOf(c, after), columnOf(c, before), columnOf(c, before, after)
			known, former, kept := whoHas(c, got), whoHas(c, from), bytes.Clone(from)
			c.Merge(got, from)
			if !bytes.Equal(from, kept) {
				t.Fatalf("%s: it changes the other one", c.Name)
			}
			switch was, now := whoHas(c, want), whoHas(c, got); {
			case bytes.Equal(got, want):
			case c.Name == "spent" && known.Spent().Any && former.Spent().Any && known.Spent().Currency != former.Spent().Currency:
				if now.Spent() != known.Spent() {
					t.Fatalf("spent %+v, want what the known one has: %+v", now.Spent(), known.Spent())
				}
			case c.Name == metric.ChannelsColumn: // which devices, depends on their order
				newest, placed := now.LastChannel()
				if other, there := was.LastChannel(); now.Channels() != was.Channels() || now.Devices() != was.Devices() || newest != other || placed != there {
					t.Fatalf("channels %v, want %v", got, want)
				}
				for channel := range uint8(20) {
					if now.SeenOn(channel) != was.SeenOn(channel) {
						t.Fatalf("channel %d: seen %v", channel, now.SeenOn(channel))
					}
				}
			default:
				t.Fatalf("%s: %v of %v and %v, want %v", c.Name, got, from, columnOf(c, after), want)
			}
		}
	})
}

// Of who was there under both ids by turns, sets and sums are those of one; they are where
// the known one is, and have paid in their currency.
func TestMergedColumnsThatOverlap(t *testing.T) {
	v := vocabulary.DefaultVocabulary()
	rapid.Check(t, func(t *rapid.T) {
		known, _ := visitor(t, v, "known", 20_000, 12)
		other, _ := visitor(t, v, "anonymous", 20_000+calendar.Day(rapid.IntRange(-200, 200).Draw(t, "from")), 12)
		all := rapid.Permutation(slices.Concat(known, other)).Draw(t, "order")
		for _, c := range merging() {
			got, from, want := columnOf(c, known), columnOf(c, other), columnOf(c, all)
			before, former, was := whoHas(c, bytes.Clone(got)), whoHas(c, from), whoHas(c, want)
			c.Merge(got, from)
			now := whoHas(c, got)
			switch c.Name {
			case "stage":
				if now.FurthestStage() != was.FurthestStage() || got[1] != want[1] {
					t.Fatalf("stages %v, want %v", got, want)
				}
				if at := before.Stage(); at != 0 && now.Stage() != at || at == 0 && now.Stage() != former.Stage() {
					t.Fatalf("in %v, and the known one was in %v", now.Stage(), at)
				}
			case "spent":
				switch mine, theirs := before.Spent(), former.Spent(); {
				case !mine.Any && now.Spent() != theirs, !theirs.Any && now.Spent() != mine, mine.Any && theirs.Any && mine.Currency != theirs.Currency && now.Spent() != mine:
					t.Fatalf("spent %+v of %+v and %+v", now.Spent(), mine, theirs)
				case mine.Any && theirs.Any && mine.Currency == theirs.Currency && now.Spent().Amount != mine.Amount.Add(theirs.Amount):
					t.Fatalf("spent %+v of %+v and %+v", now.Spent(), mine, theirs)
				}
			case metric.ChannelsColumn:
				last, placed := before.LastChannel()
				if newest, _ := now.LastChannel(); now.Channels() != was.Channels() || now.Devices() != was.Devices() || placed && newest != last {
					t.Fatalf("channels %v, want %v", got, want)
				}
			default: // sets and sums
				if !bytes.Equal(got, want) {
					t.Fatalf("%s: %v, want %v", c.Name, got, want)
				}
			}
		}
	})
}

// Bytes that no column can have come to no harm, in either place: whatever is asked of
// them then, is answered.
func TestMergeHoldsForAnyBytes(t *testing.T) {
	v := vocabulary.DefaultVocabulary()
	ev := &event.Event{Type: []byte("order.completed"), Time: 20_000 * 86_400_000, Fields: event.HasValue, Value: amount.Of(1), Currency: []byte("EUR"), Channel: []byte("web")}
	class, err := v.Classify(ev)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		who := make(metric.Who, metric.Width(metric.Columns()))
		e := metric.Event{Event: ev, Class: class, Vocabulary: v, Day: 20_000, Who: who}
		for _, c := range merging() {
			draw := func(label string) []byte {
				sparse := rapid.OneOf(rapid.Just(byte(0)), rapid.Just(byte(0xff)), rapid.Byte())

				return rapid.SliceOfN(sparse, c.Bytes, c.Bytes).Draw(t, label)
			}
			c.Merge(draw("into"), draw("from"))
			c.Merge(c.In(who), draw("from"))
			c.Merge(c.In(who), draw("again"))
		}
		for _, c := range metric.Censuses() {
			tally := c.NewTally()
			c.Counts(&metric.Person{Day: 20_000, Who: who, Seen: who.Seen(), Engaged: who.Engaged()}, tally)
			for _, row := range tally.Rows() {
				c.Texts(row)
			}
		}
		for _, m := range metric.All() {
			var row metric.Row
			if _, asked := m.Asked(&class, "order.completed"); asked && m.Counts != nil && m.Counts(&e, &row) {
				m.Texts(&e)
			}
		}
		for _, c := range metric.Columns() {
			if c.Takes == nil || c.Takes(&class, "order.completed") {
				c.Observe(&e, c.In(who))
			}
		}
	})
}

// Channels have other numbers in another partition.
func TestChannelsAreRenumbered(t *testing.T) {
	v := vocabulary.DefaultVocabulary()
	rapid.Check(t, func(t *rapid.T) {
		some, _ := visitor(t, v, "events", 20_000, 6)
		c := merging()[slices.IndexFunc(merging(), func(c *metric.StateColumn) bool { return c.Name == metric.ChannelsColumn })]
		state := columnOf(c, some)
		before := whoHas(c, state)
		to := rapid.Permutation(slices.Collect(func(yield func(uint8) bool) {
			for n := range 256 {
				if !yield(uint8(n)) {
					return
				}
			}
		})).Draw(t, "numbers")
		metric.RenumberChannels(state, func(n uint8) uint8 { return to[n] })
		now := whoHas(c, state)
		for n := range 256 {
			if before.SeenOn(uint8(n)) != now.SeenOn(to[n]) {
				t.Fatalf("channel %d is %d: seen %v", n, to[n], now.SeenOn(to[n]))
			}
		}
		was, placed := before.LastChannel()
		if is, there := now.LastChannel(); placed != there || placed && is != to[was] {
			t.Fatalf("the newest is %d, want %d", is, to[was])
		}
	})
}
