package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
)

// Whoever invents ids does not fill the stream: a cut tells of so many pairs, and of the
// others when they come again.
func TestJoinsOfACutAreBounded(t *testing.T) {
	config := meaning.DefaultConfig()
	config.Partitions, config.Join = 1, true
	s, err := shard.NewShard(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC).UnixMilli()
	var told []int
	for sequence := range uint64(3_000) {
		at, pair := clock+int64(sequence/1_500)*10_000, sequence%1_500
		record := event.Record{
			Sequence: sequence + 1, Clock: at, Stored: at, Lane: event.LaneEvent,
			Data: fmt.Appendf(nil, `{"id":"e%d","customer":"c1","anonymous_id":"a%d","type":"page.viewed","time":%q}`,
				sequence, pair, time.UnixMilli(at).UTC().Format(time.RFC3339)),
		}
		if err := s.Process(&record, func(cut *shard.Cut) { told = append(told, len(cut.Joins)) }); err != nil {
			t.Fatal(err)
		}
	}
	end := event.Record{Sequence: 3_001, Clock: clock + 60_000, Stored: clock + 60_000, Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}")}
	if err := s.Process(&end, func(cut *shard.Cut) { told = append(told, len(cut.Joins)) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, []int{1_000, 500}) {
		t.Errorf("cuts tell of %d pairs, want 1,000 and the 500 others", told)
	}
}

// A record of a move that can't be is a dead letter that says why, and counts nobody.
func TestMovesThatAreRefused(t *testing.T) {
	clock := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC).UnixMilli()
	const trace = `"final":1,"traces":[{"newest":1777895940000,"active":[{"slide_ms":60000,"steps":[29631599]}]}]`
	for name, c := range map[string]struct{ body, want string }{
		"no JSON":                {`{`, "unexpected end"},
		"of nobody":              {`{` + trace + `}`, "customer"},
		"of another partition":   {`{"customer":"c2",` + trace + `}`, "partition"},
		"of the future":          {`{"customer":"c1","final":1,"traces":[{"newest":1777899660000}]}`, "ahead of the clock"},
		"before time":            {`{"customer":"c1","final":1,"traces":[{"newest":-9000000000000000000}]}`, "ahead of the clock"},
		"of no kind":             {`{"customer":"c1","final":1,"traces":[{"kind":"exposure","newest":1}]}`, "exposure"},
		"of a kind twice":        {`{"customer":"c1","final":1,"traces":[{"newest":1},{"newest":1}]}`, "at most once"},
		"of a later history":     {`{"customer":"c1","final":1,"history":{"newest":1777899660000}}`, "history.newest"},
		"of another program":     {`{"customer":"c1","final":1,"history":{"layout":9}}`, "layout 9"},
		"of half a history":      {`{"customer":"c1","final":1,"history":{"layout":1,"state":"AAAA"}}`, "history"},
		"that goes back in time": {`{"customer":"c1","final":1,"traces":[{"newest":1,"active":[{"slide_ms":60000,"steps":[5,-1]}]}]}`, "-1"},
	} {
		t.Run(name, func(t *testing.T) {
			config := meaning.DefaultConfig()
			config.Partitions = 2
			home := event.PartitionOf("c1", config.Partitions)
			s, err := shard.NewShard(config, home)
			if err != nil {
				t.Fatal(err)
			}
			var letters []string
			for i, record := range []event.Record{
				{Lane: event.LaneEvent, Data: fmt.Appendf(nil, `{"id":"a","customer":"c1","type":"page.viewed","time":%q}`, time.UnixMilli(clock).UTC().Format(time.RFC3339))},
				{Lane: event.LaneControl, Control: event.ControlMove, Data: []byte(c.body)},
				{Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}")},
			} {
				record.Sequence, record.Partition, record.Clock, record.Stored = uint64(i+1), home, clock+int64(i)*2000, clock+int64(i)*2000
				if err := s.Process(&record, func(cut *shard.Cut) {
					for _, letter := range cut.Outputs[shard.DeadLetters] {
						letters = append(letters, letter.Subject+" "+letter.Header[event.HeaderError])
					}
				}); err != nil {
					t.Fatal(err)
				}
			}
			if len(letters) != 1 || !strings.Contains(letters[0], c.want) {
				t.Errorf("dead letters are %q, want one that says %q", letters, c.want)
			}
		})
	}
}
