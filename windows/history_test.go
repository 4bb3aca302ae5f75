package windows

import (
	"maps"
	"math/rand/v2"
	"testing"
)

// History is added for months at once, with hours between events of many keys: the
// rows are those of a set that is advanced behind every event.
func TestHistoryAtOnce(t *testing.T) {
	type place struct {
		length int
		end    int64
		key    Key
	}
	config := Config{Lengths: Defaults()[:3], Lateness: 6 * hour, Skew: hour, DistinctKeys: 4}
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 8))
		rows := [2]map[place]Row{{}, {}}
		var sets [2]*Set
		for i := range sets {
			set, err := New(config)
			if err != nil {
				t.Fatal(err)
			}
			sets[i] = set
		}
		advance := func(i int, clock int64) {
			sets[i].Advance(clock, func(row Row) { rows[i][place{row.Length, row.End, row.Key}] = row })
		}
		clock := int64(1_750_000_000_000)
		for n := range 1200 {
			clock += random.Int64N(40 * minute)
			at := clock - random.Int64N(min(5, int64(n)+1)*hour) + random.Int64N(hour)
			for _, key := range []Key{0, 4 + Key(random.IntN(300)), 4 + Key(random.IntN(9))} {
				value := random.Int64N(1000)
				sets[0].Add(key, at, value)
				sets[1].Add(key, at, value)
			}
			advance(1, clock)
			if n == 800 {
				advance(0, clock)
			}
		}
		advance(0, clock+day)
		advance(1, clock+day)
		if sets[0].Refused()+sets[1].Refused() > 0 {
			t.Errorf("%d and %d were refused", sets[0].Refused(), sets[1].Refused())
		}
		if len(rows[0]) == 0 || !maps.Equal(rows[0], rows[1]) {
			t.Errorf("seed %d: %d rows at once and %d one by one are not the same", seed, len(rows[0]), len(rows[1]))
		}
	}
}
