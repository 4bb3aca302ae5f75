package pipeline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
	"ebb/windows"
)

// visitors appends live events of people with two ids each, of which some hold both.
func visitors(m *memory, config meaning.Config, seed uint64) (pairs map[string]string) {
	random, pairs := rand.New(rand.NewPCG(seed, 9)), make(map[string]string)
	clock := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	for i := range 400 {
		clock += random.Int64N(10 * 60_000)
		who := random.IntN(20)
		anonymous, customer := fmt.Sprint("a", who), fmt.Sprint("c", who)
		ids, home := fmt.Sprintf(`"anonymous_id":%q`, anonymous), event.AnonymousPrefix+anonymous
		switch random.IntN(4) {
		case 0:
			ids, home = fmt.Sprintf(`"customer":%q`, customer), customer
		case 1:
			ids, home = fmt.Sprintf(`"customer":%q,"anonymous_id":%q`, customer, anonymous), customer
			pairs[anonymous] = customer
		}
		m.append(event.Record{
			Stored: clock, Clock: clock, Partition: event.PartitionOf(home, config.Partitions), Lane: event.LaneEvent,
			Data: fmt.Appendf(nil, `{"id":"e%d","time":%q,%s,"type":"order.completed"}`, i, time.UnixMilli(clock).UTC().Format(time.RFC3339Nano), ids),
		})
	}

	return pairs
}

// runLive lets a minute pass in all partitions, and runs them up to there.
func runLive(t *testing.T, m *memory, config meaning.Config, nonce string) error {
	t.Helper()
	var last []uint64
	for range 2 { // the second shows that the first is over
		last = m.last(config.Partitions)
		clock := m.records[len(m.records)-1].Stored + 60_000
		for partition := range config.Partitions {
			m.append(event.Record{Stored: clock, Clock: clock, Partition: partition, Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}")})
		}
	}

	return runTo(t, m, config, nonce, 1, last)
}

// joined are the pairs that stand in the partitions of the anonymous ones.
func (m *memory) joined(t *testing.T, partitions int) (pairs map[string]string, records int) {
	t.Helper()
	pairs = make(map[string]string)
	for _, r := range m.records {
		if r.Control != event.ControlJoin {
			continue
		}
		var mark fact.JoinMark
		if err := json.Unmarshal(r.Data, &mark); err != nil {
			t.Fatal(err)
		}
		if home := event.PartitionOf(event.AnonymousPrefix+mark.Anonymous, partitions); r.Partition != home {
			t.Errorf("%+v stands in partition %d, want %d", mark, r.Partition, home)
		}
		pairs[mark.Anonymous] = mark.Customer
		records++
	}

	return pairs, records
}

// A crash at any write, also of a record of a join: each pair is told, once where there
// was no crash, and nothing is said of an anonymous one behind the record that says who
// they are.
func TestJoinsSurviveCrashes(t *testing.T) {
	config := smallConfig()
	config.Join, config.CutRecords, config.StoreStep = true, 20, anyLeap
	config.Lengths = slices.DeleteFunc(config.Lengths, func(l windows.Length) bool { return l.Name != "1h" && l.Name != "24h" && l.Name != "28d" })
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newMemory()
			m.partitions = config.Partitions
			pairs := visitors(m, config, seed)
			random, crashes := rand.New(rand.NewPCG(seed, 4)), 0
			for life := 0; ; life++ {
				m.fault = nil
				if seed > 0 && crashes < 8 {
					m.fault = (&crasher{left: 60 + random.IntN(200)}).fault
				}
				err := runLive(t, m, config, fmt.Sprint("life", life))
				if err == nil {
					break
				}
				if crashes++; crashes > 30 || !errors.Is(err, own.ErrFenced) {
					t.Fatal(err)
				}
			}
			m.fault = nil
			if err := runLive(t, m, config, "last"); err != nil { // what the records of joins brought about
				t.Fatal(err)
			}
			got, records := m.joined(t, config.Partitions)
			if len(pairs) < 15 || fmt.Sprint(got) != fmt.Sprint(pairs) || seed == 0 && records > 10*len(pairs) {
				t.Errorf("%d records tell of %v, want %v", records, got, pairs)
			}
			if seed > 0 && crashes == 0 {
				t.Error("nothing crashed, which is no test")
			}
			saysNothingOfTheJoined(t, m)
			day := m.records[len(m.records)-1]
			day.Control, day.Data, day.Clock, day.Stored = event.ControlTick, []byte("{}"), day.Clock+24*3_600_000, day.Stored+24*3_600_000
			m.append(day)
			if err := runLive(t, m, config, "day"); err != nil { // windows end that were not final
				t.Fatal(err)
			}
			countsWhoJoinedOnce(t, m, config)
		})
	}
}

// saysNothingOfTheJoined looks at the signals of the anonymous.
func saysNothingOfTheJoined(t *testing.T, m *memory) {
	t.Helper()
	first := make(map[string]uint64)
	for _, r := range slices.Backward(m.records) {
		var mark fact.JoinMark
		if r.Control == event.ControlJoin && json.Unmarshal(r.Data, &mark) == nil {
			first[event.AnonymousPrefix+mark.Anonymous] = r.Sequence
		}
	}
	newest, cleared := make(map[string]wire.Signal), 0
	for _, stored := range m.published(shard.Signals) {
		var s wire.Signal
		if !strings.HasPrefix(stored.Subject, "signals.") || json.Unmarshal(stored.Data, &s) != nil {
			continue
		}
		at, joined := first[s.Customer]
		if joined && s.Sequence > at || s.Joined != "" && s.Sequence != at {
			t.Errorf("%s %s by record %d, and joined %q by %d", s.Customer, s.Signal, s.Sequence, s.Joined, at)
		}
		if newest[s.Customer] = s; s.Joined != "" {
			cleared++
		}
	}
	for customer, s := range newest {
		if _, joined := first[customer]; joined && s.Level != "healthy" {
			t.Errorf("%s is %s still", customer, s.Level)
		}
	}
	if cleared == 0 {
		t.Error("no alarm was cleared, which is no test")
	}
}

// countsWhoJoinedOnce compares windows that were not final when anybody joined with who
// was there by what is known in the end: an anonymous one who ever joined is who they are.
func countsWhoJoinedOnce(t *testing.T, m *memory, config meaning.Config) {
	t.Helper()
	type seen struct {
		at      int64
		id, who string
	}
	joined, last := make(map[string]string), int64(0)
	var events []seen
	for _, r := range m.records {
		var mark fact.JoinMark
		if r.Control == event.ControlJoin && json.Unmarshal(r.Data, &mark) == nil {
			joined[mark.Anonymous] = mark.Customer
		}
	}
	for _, r := range m.records {
		var ids struct {
			Customer    string
			AnonymousID string `json:"anonymous_id"`
		}
		switch r.Control {
		case event.ControlMove:
			last = max(last, r.Clock) // what ends later was not final
		case event.ControlNone:
			if err := json.Unmarshal(r.Data, &ids); err != nil {
				t.Fatal(err)
			}
			one := seen{at: r.Clock, id: ids.Customer, who: ids.Customer}
			if ids.Customer == "" {
				one.id = event.AnonymousPrefix + ids.AnonymousID
				if one.who = joined[ids.AnonymousID]; one.who == "" {
					one.who = one.id
				}
			}
			events = append(events, one)
		default:
		}
	}
	twice := 0
	for _, length := range config.Lengths {
		size, end := length.Size, length.FirstEnd(last)
		want, counted := make(map[string]bool), make(map[string]bool)
		for _, e := range events {
			if e.at >= end-size {
				want[e.who], counted[e.id] = true, true
			}
		}
		if got := customersIn(m, length.Name, end); got != int64(len(want)) {
			t.Errorf("%d customers are counted in %s, want %d, of %d ids", got, length.Name, len(want), len(counted))
		}
		twice += len(counted) - len(want)
	}
	if twice < 10 {
		t.Errorf("only %d came under two ids, which is no test", twice)
	}
}

// customersIn sums the newest rows of a window over partitions.
func customersIn(m *memory, window string, end int64) (sum int64) {
	got := make(map[int]int64)
	for _, stored := range m.published(shard.Rollups) {
		rollups, err := wire.ParseRollups(stored.Data)
		if err != nil || rollups.Table != wire.Total {
			continue
		}
		for _, w := range rollups.Windows {
			if w.Window == window && w.End == end {
				got[rollups.Partition] = w.Rows[0].Customers
			}
		}
	}
	for _, n := range got {
		sum += n
	}

	return sum
}
