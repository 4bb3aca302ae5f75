package backtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/churn"
	"ebb/pipeline/replay"
	"ebb/pipeline/vocabulary"
)

func TestReadGivesTheVerdictsOfAShard(t *testing.T) {
	mapping := mustMapping(t, `
name: shop
fields: {id: key, time: event_time, customer: customer_id, type: event_type, arrival: known}
vocabulary: {unknown_types: reject}
lateness: 1h
skew: 1m
`)
	var b strings.Builder
	b.WriteString("key,event_time,customer_id,event_type,known\n")
	add := func(id string, days float64, customer, kind string, known float64) {
		b.WriteString(strings.Join([]string{id, at(days), customer, kind, at(known)}, ",") + "\n")
	}
	add("1", 0, "anna", "order.completed", 0)
	add("2", 1, "bert", "page.viewed", 1)
	add("2", 1, "bert", "page.viewed", 1)                // again
	add("3", 1.99, "anna", "order.completed", 2)         // in time, a quarter of an hour after
	add("4", 1.5, "anna", "order.completed", 2)          // late
	add("5", 2.5, "anna", "order.completed", 2)          // too far ahead
	add("6", 3, "anna", "no.such.type", 3)               // refused
	add("7", 3, "carl", "order.completed", 3)            // of somebody else
	add("8", 4, "anna", "email.clicked", 4)              // micro
	add("9", 4, "", "email.clicked", 4)                  // of nobody
	add("10", 5, "anna", "subscription.canceled", 5.125) // late, negative
	read := options()
	read.Only = map[string]struct{}{"anna": {}, "bert": {}}
	var told uint64
	log, err := Read(t.Context(), textSource(b.String()), mapping, read, func(_, total uint64) { told = total })
	if err != nil {
		t.Fatal(err)
	}
	got := []int64{log.Rows, log.Refused, log.Duplicates, log.Late, log.Others, int64(len(log.Events))}
	if want := []int64{11, 3, 1, 2, 1, 6}; !slices.Equal(got, want) {
		t.Errorf("rows, refused, duplicates, late, others, events are %v, want %v", got, want)
	}
	if want := []string{"anna", "bert"}; !slices.Equal(log.Customers, want) {
		t.Errorf("customers %v, want %v", log.Customers, want)
	}
	var marks []string
	for _, event := range log.Events {
		mark := log.Customers[event.Customer]
		if event.Qualifying {
			mark += " qualifies"
		}
		if event.Late {
			mark += " late"
		}
		marks = append(marks, mark)
	}
	want := []string{"anna qualifies", "bert", "anna qualifies", "anna qualifies late", "anna qualifies", "anna late"}
	if !slices.Equal(marks, want) {
		t.Errorf("events %v, want %v", marks, want)
	}
	if log.First != begins || log.Last != begins+5*dayMS+dayMS/8 || told != 12 {
		t.Errorf("from %d to %d, told of %d rows", log.First, log.Last, told)
	}
}

// Who browsed before they signed in is one customer, from the first visit on.
func TestReadJoinsAnonymousVisits(t *testing.T) {
	mapping := mustMapping(t, "name: shop\nfields: {time: event_time, customer: customer_id, anonymous_id: visitor, type: event_type}\n")
	var b strings.Builder
	b.WriteString("event_time,customer_id,visitor,event_type\n")
	for day, who := range []string{",v1", ",v2", ",v3", "anna,v1", "bert,v2", "anna,", ",v1", "bert,v1", ",v1"} {
		b.WriteString(at(float64(day)) + "," + who + ",cart.added\n")
	}
	log, err := Read(t.Context(), textSource(b.String()), mapping, options(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var who []string
	for _, event := range log.Events {
		who = append(who, log.Customers[event.Customer])
	}
	if want := []string{"anna", "bert", "anonymous:v3", "anna", "bert", "anna", "anna", "bert", "bert"}; !slices.Equal(who, want) {
		t.Errorf("events of %v, want %v", who, want)
	}
	if words := strings.Join(log.Survey.Words(""), " "); !strings.Contains(words, "2 anonymous ids are 2 customers by rows that hold both") {
		t.Errorf("the survey says %q", words)
	}
}

func TestReadRefuses(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Read(canceled, textSource(csvHeader+csvRow(0, "anna", "order.completed")), plainMapping(t), options(), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	_, err = Read(t.Context(), textSource(csvHeader+"yesterday,anna,order.completed,\n"), plainMapping(t), options(), nil)
	if !errors.Is(err, ErrNoEvents) || !strings.Contains(err.Error(), "events.csv") {
		t.Errorf("no event: %v", err)
	}
	if _, err = Read(t.Context(), textSource("a,b\n"), plainMapping(t), options(), nil); err == nil {
		t.Error("other columns: no error")
	}
	bad := plainMapping(t)
	bad.Vocabulary.UnknownTypes = "perhaps"
	if _, err = Read(t.Context(), textSource(csvHeader), bad, options(), nil); err == nil {
		t.Error("bad vocabulary: no error")
	}
	negative := options()
	negative.Lateness = -1e9
	if _, err = Read(t.Context(), textSource(csvHeader), plainMapping(t), negative, nil); err == nil {
		t.Error("negative lateness: no error")
	}
}

// Types of a file's own count as its column of kinds says, or all of them where
// nothing tells; a log without types is all engagement.
func TestReadLearnsWhatIsEngagement(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []bool
	}{
		"kinds": {
			"event_time,customer_id,event_type,engagement,value\n" +
				at(0) + ",a,played,micro,\n" + at(1) + ",a,viewed,passive,\n" + at(2) + ",a,mailed,exposure,\n" + at(3) + ",a,order.completed,passive,\n",
			[]bool{true, false, false, true},
		},
		"types":         {csvHeader + csvRow(0, "a", "played") + csvRow(1, "a", "viewed"), []bool{true, true}},
		"a known type":  {csvHeader + csvRow(0, "a", "played") + csvRow(1, "a", "order.completed"), []bool{false, true}},
		"without types": {"event_time,customer_id\n" + at(0) + ",a\n" + at(1) + ",b\n", []bool{true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			source := textSource(test.text)
			mapping, err := replay.LoadMapping("", source)
			if err != nil {
				t.Fatal(err)
			}
			log, err := Read(t.Context(), source, mapping, options(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []bool
			for _, event := range log.Events {
				got = append(got, event.Qualifying)
			}
			if !slices.Equal(got, test.want) || log.Survey == nil {
				t.Errorf("qualifying %v, want %v", got, test.want)
			}
		})
	}
}

func TestReadRefusesALogWithoutEngagement(t *testing.T) {
	text := csvHeader + csvRow(0, "anna", "page.viewed") + csvRow(1, "anna", "message.sent") + csvRow(2, "bert", "unsubscribed")
	_, err := Read(t.Context(), textSource(text), plainMapping(t), options(), nil)
	if !errors.Is(err, ErrNoEngagement) || !strings.Contains(err.Error(),
		"events.csv: none of the 3 events to test on counts as engagement (passive: page.viewed (1 row); exposure: message.sent (1 row); negative: unsubscribed (1 row)); say what is engagement") {
		t.Errorf("error %v", err)
	}
	yes := true
	configured := options()
	configured.Vocabulary.Types = []vocabulary.TypeConfig{{Type: "page.viewed", Qualifying: &yes}}
	if log, err := Read(t.Context(), textSource(text), plainMapping(t), configured, nil); err != nil || !log.Events[0].Qualifying {
		t.Errorf("with qualifying set: %+v, %v", log, err)
	}
	configured.Only = map[string]struct{}{"bert": {}}
	if _, err := Read(t.Context(), textSource(text), plainMapping(t), configured, nil); !errors.Is(err, ErrNoEngagement) {
		t.Errorf("of a customer without engagement: %v", err)
	}
}

// Whatever the order of arrival, quiet and lost are what looking at all events
// says: nothing came, or the relation was ended after the latest that did.
func TestQuietAgreesWithLookingAtAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := &Log{Customers: []string{"a", "b", "c"}}
		for range rapid.IntRange(0, 30).Draw(t, "events") {
			log.Events = append(log.Events, Event{
				Event: churn.Event{
					Time:       rapid.Int64Range(0, 50).Draw(t, "time"),
					Qualifying: rapid.Bool().Draw(t, "qualifying"),
					Ends:       rapid.IntRange(0, 3).Draw(t, "ends") == 0,
				},
				Customer: uint32(rapid.IntRange(0, 2).Draw(t, "customer")),
				Late:     rapid.Bool().Draw(t, "late"),
			})
		}
		who := uint32(rapid.IntRange(0, 2).Draw(t, "who"))
		from := rapid.Int64Range(-1, 51).Draw(t, "from")
		to := from + rapid.Int64Range(0, 20).Draw(t, "length")
		want := !slices.ContainsFunc(log.Events, func(e Event) bool {
			return e.Customer == who && e.Qualifying && e.Time > from && e.Time <= to
		})
		last, end := int64(-1), int64(-1)
		for _, e := range log.Events {
			if e.Customer == who && e.Time <= to && e.Qualifying {
				last = max(last, e.Time)
			}
			if e.Customer == who && e.Time <= to && e.Ends {
				end = max(end, e.Time)
			}
		}
		if got := truthOf(log).lost(who, from, to); got != (want || end >= last) {
			t.Fatalf("lost is %v; quiet %v, the last at %d, ended at %d", got, want, last, end)
		}
		if got := truthOf(log).quiet(who, from, to); got != want {
			t.Fatalf("quiet is %v, want %v", got, want)
		}
	})
}
