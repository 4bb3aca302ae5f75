package shard

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
)

// people whose events come under two ids by turns, and what shards tell each other of it,
// on its way for some events; beside them shards that know from the start who it is.
type strangers struct {
	*rand.Rand
	t        *testing.T
	config   meaning.Config
	joining  []*Shard
	knowing  []*Shard
	clock    int64
	sequence uint64
	told     []event.Record // on their way
	signed   map[int]bool   // who has been there under both ids
}

func newStrangers(t *testing.T, seed uint64) *strangers {
	config := meaning.DefaultConfig()
	config.Partitions, config.CutRecords = 3, 15
	config.StoreStep = 10 * 365 * 24 * time.Hour
	config.Churn.Horizon, config.Churn.Dwell = (6 * time.Hour).Milliseconds(), 0
	config.Lengths = config.Lengths[:1]
	s := &strangers{
		Rand: rand.New(rand.NewPCG(seed, 3)), t: t, config: config,
		clock: time.Date(2026, 5, 4, 6, 0, 0, 0, time.UTC).UnixMilli(), signed: make(map[int]bool),
	}
	for partition := range config.Partitions {
		for _, join := range []bool{true, false} {
			config.Join = join
			one, err := NewShard(config, partition)
			if err != nil {
				t.Fatal(err)
			}
			if join {
				s.joining = append(s.joining, one)
			} else {
				s.knowing = append(s.knowing, one)
			}
		}
	}

	return s
}

// take gives a record to the shard of its partition, and keeps what it tells others.
func (s *strangers) take(shards []*Shard, r event.Record) {
	s.sequence++
	r.Sequence, r.Clock, r.Stored = s.sequence, s.clock, s.clock
	err := shards[r.Partition].Process(&r, func(cut *Cut) {
		for _, mark := range cut.Joins {
			s.tell(event.PartitionOf(event.AnonymousPrefix+mark.Anonymous, s.config.Partitions), event.ControlJoin, mark)
		}
		for _, mark := range cut.Moves {
			home := mark.Home
			if mark.Customer != "" {
				home = event.PartitionOf(mark.Customer, s.config.Partitions)
			}
			s.tell(home, event.ControlMove, mark)
		}
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *strangers) tell(partition int, control event.Control, mark any) {
	body, err := json.Marshal(mark)
	if err != nil {
		s.t.Fatal(err)
	}
	r := event.Record{Partition: partition, Lane: event.LaneControl, Control: control, Data: body}
	s.told = append(s.told, r)
	if s.IntN(8) == 0 {
		s.told = append(s.told, r) // a crash stores it again
	}
}

// deliver lets so many records arrive, in the order in which they were told.
func (s *strangers) deliver(n int) {
	for ; n > 0 && len(s.told) > 0; n-- {
		r := s.told[0]
		s.told = s.told[1:]
		s.take(s.joining, r)
	}
}

// live lets so many events come.
func (s *strangers) live(n int) {
	types := []string{"feature.used", "feature.used", "order.completed", "page.viewed", "case.opened", "message.sent"}
	for i := range n {
		s.clock += s.Int64N(8 * 60_000)
		who := s.IntN(9)
		customer, device := fmt.Sprint("c", who), fmt.Sprint("d", who)
		ids, home := fmt.Sprintf(`"customer":%q`, customer), customer
		switch s.IntN(5) {
		case 0, 1, 2:
			ids, home = fmt.Sprintf(`"anonymous_id":%q`, device), event.AnonymousPrefix+device
		case 3:
			ids += fmt.Sprintf(`,"anonymous_id":%q`, device)
			s.signed[who] = true
		}
		const form = `{"id":"%d","time":%q,%s,"type":%q,"value":%d,"currency":"EUR"}`
		at, kind, value := time.UnixMilli(s.clock).UTC().Format("2006-01-02T15:04:05.000Z"), types[s.IntN(len(types))], 1+s.IntN(90)
		s.take(s.joining, event.Record{
			Partition: event.PartitionOf(home, s.config.Partitions), Lane: event.LaneEvent, Data: fmt.Appendf(nil, form, i, at, ids, kind, value),
		})
		s.take(s.knowing, event.Record{
			Partition: event.PartitionOf(customer, s.config.Partitions), Lane: event.LaneEvent,
			Data: fmt.Appendf(nil, form, i, at, fmt.Sprintf(`"customer":%q`, customer), kind, value),
		})
		s.deliver(s.IntN(4))
	}
}

// rest lets all arrive that was told.
func (s *strangers) rest() {
	for range 6 {
		s.clock += 2_000
		for partition := range s.config.Partitions {
			tick := event.Record{Partition: partition, Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}")}
			s.take(s.joining, tick)
			s.take(s.knowing, tick)
		}
		s.deliver(len(s.told))
	}
}

// states are what the shards know of a customer.
func (s *strangers) states(customer string) (got, want *churn.State, model *churn.Model) {
	home := event.PartitionOf(customer, s.config.Partitions)
	find := func(shards []*Shard) *churn.State {
		index, known := shards[home].members.find([]byte(customer))
		if !known {
			s.t.Fatalf("nobody knows %s", customer)
		}

		return shards[home].customers.state(index)
	}

	return find(s.joining), find(s.knowing), s.joining[home].detector.model
}

// Whoever came under two ids, and signed in somewhere between, has the state of somebody who
// was known from the start: times, slots, what they paid, what went wrong and whether they
// have left; and the risk is near to theirs.
func TestJoinedStatesAreThoseOfOneID(t *testing.T) {
	compared, off, most := 0, 0., 0.
	for seed := range uint64(30) {
		s := newStrangers(t, seed)
		s.live(250)
		s.rest()
		for who := range s.signed {
			got, want, model := s.states(fmt.Sprint("c", who))
			if got.Known() != want.Known() || got.First() != want.First() || got.Last() != want.Last() || got.LastAny() != want.LastAny() ||
				got.Slots() != want.Slots() || got.Left() != want.Left() {
				t.Fatalf("seed %d, customer %d\n%+v\nwant\n%+v", seed, who, *got, *want)
			}
			compared++
			at := s.clock + s.config.Churn.Horizon/2
			apart := math.Abs(float64(model.Steady(got, at))-float64(model.Steady(want, at))) / 10_000
			off, most = off+apart, max(most, apart)
		}
	}
	off /= float64(compared)
	t.Logf("%d customers, whose risk is off by %.4f, by %.4f at most", compared, off, most)
	if compared < 200 || off > 0.02 {
		t.Errorf("%d customers are compared, and their risk is off by %.4f", compared, off)
	}
}
