package shard

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/section"
	"ebb/pipeline/vocabulary"
	"ebb/windows/codec"
)

// columnsBody is a section of columns, each with the byte of its place everywhere.
func columnsBody(customers int, columns ...*metric.StateColumn) []byte {
	var w codec.Writer
	w.Uint(uint64(len(columns)))
	for i, c := range columns {
		w.Text(c.Name)
		w.Uint(uint64(c.Bytes))
		w.Uint(uint64(i))
		w.Int(int64(10 * i))
	}
	for range customers {
		for i, c := range columns {
			w.Raw(bytes.Repeat([]byte{byte(i + 1)}, c.Bytes))
		}
	}

	return w.Bytes()
}

// Columns come back by name and width: what is not known is dropped, what is missing
// or has another width begins anew, and says so, also in the next snapshot.
func TestColumnsComeBackByName(t *testing.T) {
	for name, c := range map[string]struct {
		written []*metric.StateColumn
		want    byte // everywhere in stage
		since   section.Since
	}{
		"the same":             {[]*metric.StateColumn{{Name: "stage", Bytes: 2}}, 1, section.Since{}},
		"behind others":        {[]*metric.StateColumn{{Name: "gone", Bytes: 3}, {Name: "stage", Bytes: 2}}, 2, section.Since{Sequence: 1, Clock: 10}},
		"before others":        {[]*metric.StateColumn{{Name: "stage", Bytes: 2}, {Name: "gone", Bytes: 7}}, 1, section.Since{}},
		"missing":              {[]*metric.StateColumn{{Name: "gone", Bytes: 2}}, 0, section.Since{Sequence: 6, Clock: 99}},
		"of another width":     {[]*metric.StateColumn{{Name: "stage", Bytes: 3}}, 0, section.Since{Sequence: 6, Clock: 99}},
		"no columns of before": {nil, 0, section.Since{Sequence: 6, Clock: 99}},
	} {
		t.Run(name, func(t *testing.T) {
			shard, _ := busyShard(t, 3, 2)
			for index := range shard.customers.Count {
				clear(shard.customers.Columns(index))
			}
			shard.sequence, shard.clock = 6, 99
			if err := readColumns(shard, columnsBody(3, c.written...)); err != nil {
				t.Fatal(err)
			}
			check := func(shard *Shard) {
				t.Helper()
				stage := shard.customers.kept.columns[slices.IndexFunc(shard.customers.kept.columns, func(c keptColumn) bool { return c.Name == "stage" })]
				for index := range shard.customers.Count {
					if got := stage.In(shard.customers.peekWho(index)); !bytes.Equal(got, []byte{c.want, c.want}) {
						t.Errorf("customer %d has %v, want %d everywhere", index, got, c.want)
					}
				}
				if got, ok := shard.ColumnSince("stage"); !ok || got != c.since {
					t.Errorf("it tells since %+v, want %+v", got, c.since)
				}
			}
			check(shard)
			body := writeColumns(shard)(nil)
			again, _ := busyShard(t, 3, 2)
			if err := readColumns(again, body); err != nil {
				t.Fatal(err)
			}
			check(again)
		})
	}
}

// Bytes that are no columns are refused with a word.
func TestColumnsThatAreNoneAreRefused(t *testing.T) {
	stage := &metric.StateColumn{Name: "stage", Bytes: 2}
	good := columnsBody(3, stage)
	for want, body := range map[string][]byte{
		"stands twice":      columnsBody(3, stage, stage),
		"bytes are left of": good[:len(good)-1],
		"too many":          append(bytes.Clone(good), 0),
		"at most 256":       columnsBody(3, &metric.StateColumn{Name: "wide", Bytes: 257}),
		"nobody has":        columnsBody(4, stage),
	} {
		shard, _ := busyShard(t, 3, 2)
		if want == "nobody has" {
			shard.customers.LeaveFree()
		}
		if err := readColumns(shard, body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		} else if want != "nobody has" && !errors.Is(err, errBody) {
			t.Errorf("%v is none of errBody", err)
		}
	}
}

// Columns are kept while a metric is on that reads them: with the base metrics no byte,
// and who is switched on later begins there, and says so, also after a restart.
func TestColumnsAreKeptWhereTheyAreRead(t *testing.T) {
	config := meaning.DefaultConfig()
	config.Partitions, config.Metrics = 1, metric.Base()
	s, err := NewShard(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	clock, sequence := int64(1_770_000_000_000), uint64(0)
	process := func(record event.Record) {
		t.Helper()
		sequence, clock = sequence+1, clock+1000
		record.Sequence, record.Stored, record.Clock = sequence, clock, clock
		if err := s.Process(&record, func(*Cut) {}); err != nil {
			t.Fatal(err)
		}
	}
	visit := func(customer, what string) {
		t.Helper()
		process(event.Record{Data: fmt.Appendf(nil, `{"id":"e%d","time":%q,"customer":%q,"type":%q,"channel":"web"}`,
			sequence, time.UnixMilli(clock).UTC().Format("2006-01-02T15:04:05.000Z"), customer, what)})
	}
	version := uint64(0)
	switchOn := func(names ...string) {
		t.Helper()
		version++
		to := config
		to.Metrics = names
		body, err := EncodeConfig(version, to)
		if err != nil {
			t.Fatal(err)
		}
		process(event.Record{Lane: event.LaneControl, Control: event.ControlConfig, Data: body})
		if s.counts.DeadLetters > 0 {
			t.Fatal("the configuration is a dead letter")
		}
	}
	check := func(when string, width int, since map[string]uint64) {
		t.Helper()
		if got := s.customers.Width(); got != width {
			t.Errorf("%s: %d bytes a customer, want %d", when, got, width)
		}
		for _, c := range metric.Columns() {
			got, ok := s.ColumnSince(c.Name)
			if want, kept := since[c.Name]; ok != kept || got.Sequence != want {
				t.Errorf("%s: column %s is kept: %v, since %d; want %v, %d", when, c.Name, ok, got.Sequence, kept, want)
			}
		}
	}
	who := func(customer string) metric.Who {
		t.Helper()
		index, known := s.customers.Find([]byte(customer))
		if !known {
			t.Fatalf("%s is not known", customer)
		}

		return s.customers.peekWho(index)
	}

	visit("a", "order.completed")
	check("with the base metrics", 0, nil)

	switchOn("journey", "sessions")
	check("with two", 20, map[string]uint64{"stage": 2, "session": 2})
	visit("a", "page.viewed")
	visit("b", "page.viewed")
	if w := who("a"); w.Reached(vocabulary.Purchase) || !w.Reached(vocabulary.Awareness) || w.Sessions() != 1 || w.Channels() != 0 {
		t.Errorf("of a %v is known: it has to begin with the configuration", w)
	}

	switchOn("stages", "conversions")
	check("with others", 5, map[string]uint64{"stage": 2, "touch": 5})
	if w := who("b"); !w.Reached(vocabulary.Awareness) || w.Sessions() != 0 || w.Lead() {
		t.Errorf("of b %v is known: what goes on to be read goes on", w)
	}

	var body []byte
	capture := s.Capture()
	frozen := make(chan struct{})
	go func() { // while the columns change their shape
		defer close(frozen)
		body = capture.AppendBinary(nil)
	}()
	switchOn(metric.Switchable()...)
	visit("b", "order.completed")
	<-frozen
	check("with all", metric.Width(metric.Columns()), sinceOf(6, map[string]uint64{"stage": 2, "touch": 5}))
	if w := who("b"); w.FurthestStage() != vocabulary.Purchase || !w.Ordered() || w.Spent().Any {
		t.Errorf("of b %v is known", w)
	}

	again, err := RestoreShard(config, 0, body)
	if err != nil {
		t.Fatal(err)
	}
	s = again
	check("as it was frozen", 5, map[string]uint64{"stage": 2, "touch": 5})
	if w := who("b"); !w.Reached(vocabulary.Awareness) || w.Ordered() {
		t.Errorf("of b %v is known", w)
	}
	switchOn()
	check("with none", 0, nil)
}

// sinceOf is a place for every column, but for some that have their own.
func sinceOf(sequence uint64, own map[string]uint64) map[string]uint64 {
	for _, c := range metric.Columns() {
		if _, has := own[c.Name]; !has {
			own[c.Name] = sequence
		}
	}

	return own
}

// What another program kept, or in other bytes, is passed over where it comes, and so is
// what does not move; what was taken out is not kept any more.
func TestColumnsThatComeFromElsewhere(t *testing.T) {
	shard, _ := busyShard(t, 3, 2)
	p := &shard.customers
	stage := slices.IndexFunc(p.kept.columns, func(c keptColumn) bool { return c.Name == "stage" })
	for index := range p.Count {
		clear(p.Columns(index))
	}
	same := func(channel uint8) uint8 { return channel }
	before := bytes.Clone(p.Columns(1))
	p.bringIn(1, []fact.Column{
		{Name: "gone", State: []byte{1, 2}}, {Name: "stage", State: []byte{1, 2, 0}}, {Name: "stage"}, {Name: "session", State: bytes.Repeat([]byte{1}, 18)},
		{Name: metric.ChannelsColumn, State: []byte{1}},
	}, same)
	if !bytes.Equal(p.Columns(1), before) {
		t.Errorf("%v is kept of what can't be", p.Columns(1))
	}
	p.bringIn(1, []fact.Column{{Name: "stage", State: []byte{2, 1 << 2}}}, same)
	p.bringIn(1, []fact.Column{{Name: metric.ChannelsColumn, State: append(append(make([]byte, 31), 1<<3), 3, 1, 0, 0, 0, 0, 0, 0)}}, func(uint8) uint8 { return 5 })
	if who := p.peekWho(1); who.Stage() != 2 || !who.SeenOn(5) || who.SeenOn(3) {
		t.Errorf("%v is kept, want the stage and the channel that came", who)
	}
	told := p.takeOut(1)
	if len(told) != 2 || !bytes.Equal(p.Columns(1), before) {
		t.Errorf("%v are taken out, and %v is left", told, p.kept.columns[stage].in(p.Columns(1)))
	}
	p.bringIn(2, told, same)
	if who := p.peekWho(2); who.Stage() != 2 || !who.SeenOn(5) {
		t.Errorf("%v is kept, want what was taken out elsewhere", who)
	}
	if got := p.takeOut(0); got != nil {
		t.Errorf("%v is told of who did nothing", got)
	}
}
