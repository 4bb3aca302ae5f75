package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// told is what a shard said of its feed and its customers' levels, without the
// places in the stream, which ticks move.
type told struct {
	lines []string
	held  uint64
}

func (h *told) hear(t *testing.T, cut *shard.Cut) {
	t.Helper()
	for _, message := range slices.Concat(cut.Outputs[shard.Rollups], cut.Outputs[shard.Signals]) {
		switch {
		case strings.HasPrefix(message.Subject, "rollups.feed."):
			var row wire.FeedRow
			decode(t, message.Data, &row)
			row.Header = wire.Header{}
			h.lines = append(h.lines, fmt.Sprintf("%+v", row))
		case strings.HasPrefix(message.Subject, "signals."):
			var s wire.Signal
			decode(t, message.Data, &s)
			h.lines = append(h.lines, fmt.Sprintln(s.Customer, s.Level, s.Signal, s.At, s.Risk))
		}
	}
	h.held = cut.Counts.Held
}

func decode(t *testing.T, data []byte, value any) {
	t.Helper()
	if err := json.Unmarshal(data, value); err != nil {
		t.Fatal(err)
	}
}

// brokenFeed is three weeks of regular customers and of some who come once,
// with two outages in the last of them. ticks puts ticks in between.
func brokenFeed(seed uint64, ticks bool) []event.Record {
	const minute, day = int64(60_000), 24 * 60 * int64(60_000)
	begin := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli()
	r, extra := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2))
	var records []event.Record
	add := func(at int64, record event.Record) {
		record.Sequence, record.Stored, record.Clock = uint64(len(records)+1), at, at
		records = append(records, record)
	}
	for at := begin; at < begin+20*day; at += 8 * minute {
		if ticks && extra.IntN(3) == 0 {
			add(at+extra.Int64N(8*minute), event.Record{Lane: event.LaneControl, Control: event.ControlTick})
		}
		if since := at - begin - 15*day; since > 0 && since%(2*day) < 14*60*minute {
			continue // an outage
		}
		customer := fmt.Sprint("c", r.IntN(40))
		if r.IntN(8) == 0 {
			customer = fmt.Sprint("once", at)
		}
		eventType := []string{"page.pinged", "email.clicked"}[r.IntN(2)]
		add(at+8*minute-1, event.Record{Data: fmt.Appendf(nil,
			`{"id":"%d","customer":%q,"type":%q,"time":%q}`, at, customer, eventType, timeText(at))})
	}
	add(begin+20*day, event.Record{Lane: event.LaneControl, Control: event.ControlTick})

	return records
}

func holdingConfig() meaning.Config {
	config := meaning.DefaultConfig()
	config.Partitions = 1
	config.Churn = config.Churn.Fixed(0.6, 0.85)
	config.Churn.Horizon = (4 * 24 * time.Hour).Milliseconds()
	config.Churn.Dwell = time.Hour.Milliseconds()
	config.Lengths = config.Lengths[len(config.Lengths)-1:] // the fewest rows
	config.CoordinateInterval = 24 * time.Hour              // nobody answers

	return config
}

// Whether and when the owner ticks changes nothing of what is held.
func TestHoldingDoesNotDependOnTicks(t *testing.T) {
	var runs [2]told
	for i, ticks := range []bool{false, true} {
		sh, err := shard.NewShard(holdingConfig(), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range brokenFeed(1, ticks) {
			if err := sh.Process(&record, func(cut *shard.Cut) { runs[i].hear(t, cut) }); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(runs[i].lines) // a cut tells of the feed first, and ticks make more cuts
	}
	if runs[0].held == 0 {
		t.Fatal("nothing was held")
	}
	if !slices.Equal(runs[0].lines, runs[1].lines) {
		t.Errorf("%d lines without ticks, %d with; first without\n%s", len(runs[0].lines), len(runs[1].lines),
			firstDifference(runs[0].lines, runs[1].lines))
	}
}

func firstDifference(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[i] + "\nwith\n" + b[i]
		}
	}

	return "one is longer"
}

// A shard that is restored anywhere goes on with the same bytes and outputs.
func TestHoldingSurvivesRestarts(t *testing.T) {
	records := brokenFeed(1, true)
	sh, err := shard.NewShard(holdingConfig(), 0)
	if err != nil {
		t.Fatal(err)
	}
	restarted, err := shard.NewShard(holdingConfig(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var whole, parts told
	for i := range records {
		if err := sh.Process(&records[i], func(cut *shard.Cut) { whole.hear(t, cut) }); err != nil {
			t.Fatal(err)
		}
		var snapshot []byte
		if err := restarted.Process(&records[i], func(cut *shard.Cut) {
			parts.hear(t, cut)
			if i > len(records)*3/4 && i%25 == 0 {
				snapshot = restarted.Capture().AppendBinary(nil)
			}
		}); err != nil {
			t.Fatal(err)
		}
		if snapshot == nil {
			continue
		}
		if restarted, err = shard.RestoreShard(holdingConfig(), 0, snapshot); err != nil {
			t.Fatal(err)
		}
		if err := restarted.Process(&records[i], func(*shard.Cut) {}); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(whole.lines, parts.lines) || whole.held == 0 {
		t.Errorf("%d lines, restarted %d; %d held; %s", len(whole.lines), len(parts.lines), whole.held, firstDifference(whole.lines, parts.lines))
	}
	if !bytes.Equal(sh.Capture().AppendBinary(nil), restarted.Capture().AppendBinary(nil)) {
		t.Error("other bytes in the end")
	}
}
