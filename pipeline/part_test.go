package pipeline_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
)

// crowd appends an import in which so many customers come once and are silent
// from then on, until one tick two months later.
func crowd(m *memory, config meaning.Config, customers int) {
	clock := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	mark := func(control event.Control, body any) {
		data, _ := json.Marshal(body)
		for partition := range config.Partitions {
			m.append(event.Record{Stored: clock, Clock: clock, Partition: partition, Lane: event.LaneHistory, Control: control, Data: data})
		}
	}
	mark(event.ControlStart, fact.StartMark{Import: "i1", Source: "test"})
	for i := range customers {
		clock += 100
		customer := fmt.Sprint("c", i)
		m.append(event.Record{
			Stored: clock, Clock: clock, Lane: event.LaneHistory,
			Partition: event.PartitionOf([]byte(customer), config.Partitions),
			Data:      fmt.Appendf(nil, `{"id":"e","time":%q,"customer":%q,"type":"order.completed"}`, timeText(clock), customer),
		})
	}
	clock += (60 * 24 * time.Hour).Milliseconds()
	mark(event.ControlTick, fact.TickMark{})
}

// One record that brings about signals for everybody hands them over in parts,
// none of which is larger than what may wait in memory.
func TestOneRecordBringsAboutManySignals(t *testing.T) {
	const customers, most = 7_000, 9_000 // signals in a part: 16 MiB of about 2 KiB
	config := smallConfig()
	config.Partitions, config.CutRecords = 1, 50_000
	m := newMemory()
	crowd(m, config, customers)
	sh := oneShard(t, config)
	signals, parts := 0, 0
	cuts := process(t, sh, m.records, func(cut *shard.Cut) {
		if n := len(cut.Outputs[shard.Signals]); n > most {
			t.Errorf("cut %d has %d signals at once", cut.Number, n)
		} else {
			signals += n
		}
		if cut.Part {
			parts++
		}
	})
	if signals != 3*customers || parts < signals/most {
		t.Errorf("%d signals in %d parts, want cooling, at risk and lapsed for each of %d customers", signals, parts, customers)
	}
	for i, cut := range cuts {
		if cut.Number != uint64(i+1) || cut.Part && i == len(cuts)-1 {
			t.Errorf("cut %d has number %d, part %v", i+1, cut.Number, cut.Part)
		}
	}
	sameCuts(t, cuts, process(t, oneShard(t, config), m.records, nil))
}

// A crash between the parts of a cut leaves them published once each.
func TestCrashBetweenParts(t *testing.T) {
	config := smallConfig()
	config.Partitions, config.CutRecords = 1, 50_000
	calm := newMemory()
	crowd(calm, config, 7_000)
	if err := run(t, calm, config, "calm", time.Hour); err != nil {
		t.Fatal(err)
	}
	m := newMemory()
	crowd(m, config, 7_000)
	lives := 0
	for ; lives < 6; lives++ {
		m.fault = (&crasher{left: 8 + 20*lives}).fault
		if run(t, m, config, fmt.Sprint("life", lives), time.Hour) == nil {
			break
		}
	}
	if lives < 2 || lives == 6 {
		t.Fatalf("it crashed %d times", lives)
	}
	sameOutputs(t, calm, m, config)
}

// One cut whose windows alone are too many for memory hands them over in parts,
// each with a number of its own, and the rest under the last.
func TestOneCutOfManyWindows(t *testing.T) {
	config := smallConfig()
	config.Partitions, config.CutRecords = 1, 50_000
	m := newMemory()
	clock := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	currencies := []string{"EUR", "USD", "BRL", "INR", "JPY", "GBP"}
	for i := range 30_000 {
		clock += 20 * 60_000
		record := event.Record{
			Stored: clock, Clock: clock, Lane: event.LaneHistory,
			Data: fmt.Appendf(nil, `{"id":"e%d","time":%q,"customer":"c%d","type":"order.completed","value":123456789.%06d,"currency":%q}`,
				i, timeText(clock), i%5, i+1, currencies[i%len(currencies)]),
		}
		if i == 0 {
			record.Control, record.Data = event.ControlStart, []byte(`{"import":"i1","source":"test"}`)
		}
		m.append(record)
	}
	m.append(event.Record{Stored: clock, Clock: clock, Lane: event.LaneHistory, Control: event.ControlTick, Data: []byte("{}")})

	sh := oneShard(t, config)
	cuts := process(t, sh, m.records, nil)
	parts := 0
	for i, cut := range cuts {
		bytes := 0
		for _, message := range cut.Outputs[shard.Rollups] {
			if strings.HasPrefix(message.Subject, "rollups.rollups_") {
				bytes += len(message.Data)
			}
		}
		if bytes > 20<<20 {
			t.Errorf("cut %d has %d bytes of rows at once", cut.Number, bytes)
		}
		if cut.Number != uint64(i+1) {
			t.Errorf("cut %d has number %d, part %v", i+1, cut.Number, cut.Part)
		}
		if cut.Part {
			parts++
		}
	}
	if parts == 0 || cuts[len(cuts)-1].Part {
		t.Fatalf("%d parts of %d cuts", parts, len(cuts))
	}

	if err := run(t, m, config, "all", time.Hour); err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, cut := range cuts {
		want += len(cut.Outputs[shard.Rollups])
	}
	if got := len(m.published(shard.Rollups)); got != want {
		t.Errorf("%d messages of rows are published, want %d", got, want)
	}
}
