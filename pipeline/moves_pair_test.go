package pipeline_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
)

// pair are two partitions of which one has c1, and the other the anonymous id device.
type pair struct {
	t      *testing.T
	config meaning.Config
	shards [2]*shard.Shard
	seq    uint64
	device string
	joins  []fact.JoinMark
	moves  []fact.MoveMark
	dead   []string
}

func newPair(t *testing.T, config meaning.Config) *pair {
	config.Partitions, config.Join = 2, true
	p := &pair{t: t, config: config, device: "d"}
	for event.PartitionOf(event.AnonymousPrefix+p.device, 2) == event.PartitionOf("c1", 2) {
		p.device += "d"
	}
	for i := range p.shards {
		var err error
		if p.shards[i], err = shard.NewShard(config, i); err != nil {
			t.Fatal(err)
		}
	}

	return p
}

func (p *pair) home() int   { return event.PartitionOf("c1", 2) }
func (p *pair) origin() int { return 1 - p.home() }

func (p *pair) take(partition int, clock int64, lane event.Lane, control event.Control, body any) {
	data, raw := body.([]byte)
	if !raw {
		var err error
		if data, err = json.Marshal(body); err != nil {
			p.t.Fatal(err)
		}
	}
	p.seq++
	record := event.Record{Sequence: p.seq, Partition: partition, Clock: clock, Stored: clock, Lane: lane, Control: control, Data: data}
	if err := p.shards[partition].Process(&record, func(cut *shard.Cut) {
		p.joins, p.moves = append(p.joins, cut.Joins...), append(p.moves, cut.Moves...)
		for _, letter := range cut.Outputs[shard.DeadLetters] {
			p.dead = append(p.dead, letter.Header[event.HeaderError])
		}
	}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pair) event(partition int, clock, at int64, ids string) {
	p.take(partition, clock, event.LaneEvent, event.ControlNone, fmt.Appendf(nil, `{"id":"e%d",%s,"type":"page.viewed","time":%q}`,
		p.seq, ids, time.UnixMilli(at).UTC().Format(time.RFC3339Nano)))
}

func (p *pair) tick(clock int64) {
	for i := range p.shards {
		p.take(i, clock, event.LaneControl, event.ControlTick, []byte("{}"))
	}
}

// restore goes on with copies of the shards.
func (p *pair) restore() {
	for i, s := range p.shards {
		restored, err := shard.RestoreShard(p.config, i, s.Capture().AppendBinary(nil))
		if err != nil {
			p.t.Fatal(err)
		}
		p.shards[i] = restored
	}
}

// After an outage the clocks of partitions may differ for a while, until it is settled by
// how much time has passed: what moves waits for it, over a restart, too.
func TestMovesWhileALeapIsHeld(t *testing.T) {
	p := newPair(t, meaning.DefaultConfig())
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC).UnixMilli()
	for i := range 12 {
		p.event(p.origin(), now, now, fmt.Sprintf(`"anonymous_id":%q`, p.device))
		if i == 0 {
			p.event(p.home(), now, now, fmt.Sprintf(`"customer":"c1","anonymous_id":%q`, p.device))
		}
		for n, c := 0, 0; n < 3; c++ {
			if id := fmt.Sprintf("x%d", c); event.PartitionOf(id, 2) == p.home() {
				p.event(p.home(), now, now, fmt.Sprintf(`"customer":%q`, id))
				n++
			}
		}
		now += 2000
		p.tick(now)
	}
	p.take(p.origin(), now, event.LaneControl, event.ControlJoin, p.joins[0])
	now += 2000
	p.tick(now)
	p.take(p.home(), now, event.LaneControl, event.ControlMove, p.moves[0])
	p.moves = nil
	now += 3_600_000 // nobody was there, nothing ticked
	p.tick(now)
	for range 5 {
		for c := range 4 {
			id := fmt.Sprintf("y%d", c)
			p.event(event.PartitionOf(id, 2), now, now, fmt.Sprintf(`"customer":%q`, id))
		}
	}
	p.event(p.origin(), now, now, fmt.Sprintf(`"anonymous_id":%q`, p.device))
	now += 2000
	p.tick(now)
	held := p.shards[p.home()].Status().Leap.Ahead
	for _, m := range p.moves {
		p.take(p.home(), now, event.LaneControl, event.ControlMove, m)
	}
	if waiting := p.shards[p.home()].Status().Leap.Waiting; held == 0 || len(p.moves) == 0 || waiting == 0 {
		t.Errorf("%d moves came, of which %d wait for a leap of %d ms, which is no test", len(p.moves), waiting, held)
	}
	p.restore()
	for range 200 {
		now += 2000
		p.tick(now)
	}
	if len(p.dead) > 0 || p.shards[p.home()].Counts().Merged != 1 || p.shards[p.home()].Counts().Followed != 1 {
		t.Errorf("dead letters are %q, %d histories were merged and %d events followed, want none, 1 and 1",
			p.dead, p.shards[p.home()].Counts().Merged, p.shards[p.home()].Counts().Followed)
	}
}

// Where another configuration lets events be late for longer, one partition is behind the
// other until as much time has passed. Histories move meanwhile.
func TestMovesWhereLatenessWasLengthened(t *testing.T) {
	config := meaning.DefaultConfig()
	config.Lateness = time.Minute
	p := newPair(t, config)
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC).UnixMilli()
	p.event(p.origin(), now, now, fmt.Sprintf(`"anonymous_id":%q`, p.device))
	p.event(p.home(), now, now, `"customer":"c1"`)
	config.Partitions, config.Join, config.Lateness = 2, true, time.Hour
	change := meaning.Fact{Version: 1, Config: config}
	p.take(p.home(), now+10, event.LaneControl, event.ControlConfig, change)
	p.event(p.origin(), now+300, now, fmt.Sprintf(`"anonymous_id":%q`, p.device)) // the clock goes on
	p.take(p.origin(), now+310, event.LaneControl, event.ControlConfig, change)
	now += 10_000
	p.event(p.home(), now, now, fmt.Sprintf(`"customer":"c1","anonymous_id":%q`, p.device))
	p.tick(now + 2000)
	p.take(p.origin(), now+2100, event.LaneControl, event.ControlJoin, p.joins[0])
	p.tick(now + 4000)
	p.take(p.home(), now+4100, event.LaneControl, event.ControlMove, p.moves[0])
	p.tick(now + 6000)
	if len(p.dead) > 0 || p.shards[p.home()].Counts().Merged != 1 {
		t.Errorf("dead letters are %q and %d histories were merged, want none and 1", p.dead, p.shards[p.home()].Counts().Merged)
	}
}
