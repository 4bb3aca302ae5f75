package churn

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Customers in any order, in any partition, and partitions in any order give
// the same sums.
func TestStatisticsCommute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		customers := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) State {
			s, _ := drawCustomer(t, m)

			return s
		}), 0, 12).Draw(t, "customers")
		now := epoch + int64(rapid.Float64Range(0, 40).Draw(t, "now")*float64(m.Horizon()))
		shuffled := rapid.Permutation(customers).Draw(t, "shuffled")
		random := drawRandom(t)

		var all Statistics
		parts := make([]Statistics, 3)
		if rapid.Bool().Draw(t, "week") {
			all.Week = make([]int64, hoursPerWeek)
			for _, part := range []int{0, 2} { // one that has none changes nothing
				parts[part].Week = make([]int64, hoursPerWeek)
				for i := range all.Week {
					parts[part].Week[i] = random.Int64N(100)
					all.Week[i] += parts[part].Week[i]
				}
			}
		}
		for i := range customers {
			all.Add(m, &customers[i], now)
			parts[random.IntN(len(parts))].Add(m, &shuffled[i], now)
		}
		before := slices.Clone(parts[0].Week)
		for range 2 {
			var merged Statistics
			for _, i := range random.Perm(len(parts)) {
				merged.Merge(parts[i])
			}
			if !reflect.DeepEqual(merged, all) {
				t.Fatalf("in parts %+v, at once %+v", merged, all)
			}
		}
		if !slices.Equal(parts[0].Week, before) {
			t.Fatal("merging has changed a part")
		}

		data, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		var got Statistics
		if err := json.Unmarshal(data, &got); err != nil || !reflect.DeepEqual(got, all) {
			t.Fatalf("%+v became %+v, error %v", all, got, err)
		}
	})
}

// The sums are those of the still active, and don't depend on parameters.
func TestStatisticsAgainstRawEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, h := drawHistory(t, m)
		now := slices.Max(h.times) + int64(rapid.Float64Range(0, 1.5).Draw(t, "silence")*float64(m.Horizon()))
		var sum, other Statistics
		sum.Add(m, &s, now)
		m.SetParameters(randomParameters(drawRandom(t), m.prior))
		other.Add(m, &s, now)
		if !reflect.DeepEqual(sum, other) {
			t.Fatalf("%+v with some parameters, %+v with others", sum, other)
		}
		x, e, f, active := h.repeats(now), h.exposure(now, 1.0/8), h.exposure(now, 1.0/16), int64(1)
		if float64(now-s.Last())*m.perUnit > 1 {
			x, e, f, active = 0, 0, 0, 0
		}
		if sum.Customers != 1 || sum.Active != active {
			t.Fatalf("got %+v, want 1 customer, %d active", sum, active)
		}
		for _, pair := range [][2]float64{
			{float64(sum.Repeats), x}, {float64(sum.RepeatsSq), x * x}, {float64(sum.RepeatsTime), x * e},
			{float64(sum.Exposure), e}, {float64(sum.ExposureSq), e * e}, {float64(sum.Fading), f},
		} {
			if math.Abs(pair[0]/fixedPoint-pair[1]) > 1e-4*(1+pair[1]) {
				t.Fatalf("got %+v, want %v repeats in exposure %v", sum, x, e)
			}
		}
	})
}

func TestFitWeek(t *testing.T) {
	if _, ok := fitWeek(nil); ok {
		t.Error("a week of nothing")
	}
	random := rand.New(rand.NewPCG(1, 1))
	counts := make([]int64, hoursPerWeek)
	for i := range counts {
		counts[i] = random.Int64N(1000)
	}
	counts[5], counts[6] = 0, 100_000
	week, ok := fitWeek(counts)
	var sum float64
	for i, w := range week {
		sum += w
		if ratio := w / week[5]; !(w > 0 && w <= maxWeek) || math.Abs(ratio-float64(counts[i]+1)) > 1e-9*ratio {
			t.Errorf("hour %d has %v of the mean hour, %v of the hour without an event; counted %d", i, w, ratio, counts[i])
		}
	}
	if !ok || math.Abs(sum/hoursPerWeek-1) > 1e-12 {
		t.Errorf("fitted: %v, the mean hour is %v, want 1", ok, sum/hoursPerWeek)
	}
}

func TestHourOfWeek(t *testing.T) {
	for at, want := range map[int64]int64{
		0:                                      72, // Thursday
		4 * day:                                0,  // Monday
		4*day - 1:                              167,
		1_767_225_600_000:                      72, // 2026-01-01, a Thursday
		1_767_225_600_000 + 3*hour + 59*minute: 75,
	} {
		if got := hourOfWeek(at); got != want {
			t.Errorf("hour %d at %d, want %d", got, at, want)
		}
	}
}
