package shard

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
)

// drawHistory is an import of one partition: rows, some of them bad, late, too
// far ahead or sent twice, with ticks in between.
func drawHistory(t *rapid.T) []event.Record {
	clock := int64(1_700_000_000_000)
	add := func(records []event.Record, control event.Control, body string) []event.Record {
		return append(records, event.Record{Stored: 1_800_000_000_000, Clock: clock, Lane: event.LaneHistory, Control: control, Data: []byte(body)})
	}
	records := add(nil, event.ControlStart, `{"import":"i"}`)
	for n := range rapid.IntRange(1, 150).Draw(t, "rows") {
		clock += rapid.SampledFrom([]int64{0, 1, 1_000, 60_000, 3_600_000, 30 * 86_400_000}).Draw(t, "step")
		at := clock - rapid.SampledFrom([]int64{0, 0, 0, 5_000, 1_200_000, -7_200_000}).Draw(t, "behind")
		body := fmt.Sprintf(`{"id":"e%d","time":%q,"customer":"c%d","type":"order.completed","value":5,"currency":"EUR"}`,
			rapid.IntRange(n-1, n).Draw(t, "id"), time.UnixMilli(at).UTC().Format(time.RFC3339Nano), rapid.IntRange(0, 3).Draw(t, "customer"))
		if rapid.IntRange(0, 9).Draw(t, "bad") == 0 {
			body = body[:len(body)/2]
		}
		records = add(records, event.ControlNone, body)
		if rapid.IntRange(0, 9).Draw(t, "far") == 0 {
			records = add(records, event.ControlNone, body)
			records[len(records)-1].Clock = 1_900_000_000_000 // beyond its store time
		}
		if rapid.IntRange(0, 19).Draw(t, "tick") == 0 {
			records = add(records, event.ControlTick, `{"coordinate":1}`)
		}
	}
	records = add(records, event.ControlTick, `{}`)
	records = add(records, event.ControlEnd, `{"import":"i"}`)

	return add(records, event.ControlNone, `{"id":"after"}`) // after the end: refused
}

// inRecords puts neighbouring rows into records of up to so many.
func inRecords(records []event.Record, most int) []event.Record {
	var out []event.Record
	for _, r := range records {
		last := len(out) - 1
		switch {
		case most == 0 || r.Control != event.ControlNone:
			out = append(out, r)
		case last >= 0 && out[last].Rows > 0 && out[last].Rows < most:
			out[last].Rows++
			out[last].Data = event.AppendRow(out[last].Data, r.Clock, r.Data)
		default:
			out = append(out, event.Record{Stored: r.Stored, Clock: r.Stored, Lane: event.LaneHistory, Rows: 1, Data: event.AppendRow(nil, r.Clock, r.Data)})
		}
	}
	for i := range out {
		out[i].Sequence = uint64(i + 1)
	}

	return out
}

var places = regexp.MustCompile(`"(version|sequence|row)":\d+,?`)

// linesOf is what a shard publishes of records, but for their places. killed says
// behind which records it is made again from its snapshot.
func linesOf(t *rapid.T, config meaning.Config, records []event.Record, killed func(int) bool) (lines []string, counts Counts) {
	t.Helper()
	shard, err := NewShard(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	emit := func(cut *Cut) {
		lines = append(lines, fmt.Sprintf("cut %d at %d, part %t", cut.Number, cut.Clock, cut.Part))
		for _, messages := range cut.Outputs {
			for _, m := range messages {
				lines = append(lines, fmt.Sprintf("%s %s %s %s", m.Subject, m.Header[event.HeaderReason], m.Header[event.HeaderClock], places.ReplaceAll(m.Data, nil)))
			}
		}
	}
	for i := range records {
		if err := shard.Process(&records[i], emit); err != nil {
			t.Fatal(err)
		}
		if !killed(i) {
			continue
		}
		snapshot := shard.Capture().AppendBinary(nil)
		if shard, err = RestoreShard(config, 0, snapshot); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(shard.Capture().AppendBinary(nil), snapshot) {
			t.Fatal("a snapshot came back as another")
		}
	}

	return lines, shard.Counts()
}

// However many rows stand in a record, and wherever a shard is killed, the
// outputs are those of rows that come alone.
func TestRowsOfARecordGiveTheSameOutputs(t *testing.T) {
	config := meaning.DefaultConfig()
	config.Partitions = 1
	rapid.Check(t, func(t *rapid.T) {
		history := drawHistory(t)
		alone := func(int) bool { return false }
		want, counted := linesOf(t, config, inRecords(history, 0), alone)
		most := rapid.SampledFrom([]int{1, 2, 3, 10, 256}).Draw(t, "most")
		every := rapid.IntRange(1, 10).Draw(t, "killed")
		got, counts := linesOf(t, config, inRecords(history, most), func(i int) bool { return i%every == 0 })
		if !slices.Equal(got, want) {
			t.Fatalf("with %d rows a record\n%s\nwant\n%s", most, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if counts != counted {
			t.Fatalf("counts are %+v, want %+v", counts, counted)
		}
	})
}

// letters are the dead letters of records that come in an open import.
func letters(t *testing.T, records ...event.Record) []Message {
	t.Helper()
	config := meaning.DefaultConfig()
	config.Partitions = 1
	shard, err := NewShard(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := append([]event.Record{{Clock: 5, Lane: event.LaneHistory, Control: event.ControlStart, Data: []byte(`{"import":"i"}`)}}, records...)
	all = append(all, event.Record{Clock: 1_000_000, Lane: event.LaneHistory, Control: event.ControlTick, Data: []byte(`{}`)})
	var out []Message
	for i := range all {
		all[i].Sequence = uint64(i + 1)
		if err := shard.Process(&all[i], func(cut *Cut) { out = append(out, cut.Outputs[DeadLetters]...) }); err != nil {
			t.Fatal(err)
		}
	}

	return out
}

func TestABadRowIsADeadLetterOfItsOwn(t *testing.T) {
	good := []byte(`{"id":"a","time":"1970-01-01T00:00:01Z","customer":"c","type":"page.viewed"}`)
	data := event.AppendRow(event.AppendRow(event.AppendRow(nil, 1_000, good), 2_000, []byte("{")), 3_000, good)
	got := letters(t, event.Record{Lane: event.LaneHistory, Rows: 3, Data: data})
	if len(got) != 1 || string(got[0].Data) != "{" {
		t.Fatalf("letters are %+v", got)
	}
	for name, want := range map[string]string{event.HeaderSequence: "2", event.HeaderRow: "2", event.HeaderClock: "2000", event.HeaderReason: "malformed"} {
		if h := got[0].Header[name]; h != want {
			t.Errorf("%s is %q, want %q", name, h, want)
		}
	}
}

// A record of rows that can't be read is one dead letter with all of its bytes,
// and moves no clock.
func TestARecordOfRowsThatCannotBeReadIsOneDeadLetter(t *testing.T) {
	data := event.AppendRow(event.AppendRow(nil, 400_000, []byte("{}")), 500_000, []byte("{}"))
	for rows, body := range map[int][]byte{-1: data, 1: data, 3: data, 2: data[:10], event.MaxRows + 1: data, 4: bytes.Repeat([]byte{event.RowMark}, 3)} {
		got := letters(t, event.Record{Lane: event.LaneHistory, Rows: rows, Clock: 900_000, Data: body})
		if len(got) != 1 || !bytes.Equal(got[0].Data, body) || got[0].Header[event.HeaderReason] != "unreadable_control" ||
			got[0].Header[event.HeaderRow] != "" || got[0].Header[event.HeaderClock] != "5" {
			t.Errorf("%d rows of %q: letters are %+v", rows, body, got)
		}
	}
}
