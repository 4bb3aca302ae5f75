package windows

import (
	"errors"
	"strings"
	"testing"
)

func TestConfigErrorsNameTheField(t *testing.T) {
	long := make([]Length, maxLengths+1)
	slides := make([]Length, MaxTiers+1)

	for i := range slides {
		slides[i] = Length{Name: string(rune('a' + i)), Size: int64(i + 1), Slide: int64(i + 1)}
	}

	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{}, "lengths: 0 given"},
		{Config{Lengths: long}, "lengths: 33 given"},
		{Config{Lengths: []Length{{Size: 1, Slide: 1}}}, "lengths[0]: name is empty"},
		{Config{Lengths: []Length{{"a", 1, 0}}}, "a: slide 0 ms"},
		{Config{Lengths: []Length{{"a", 1, maxDuration + 1}}}, "a: slide 1125899906842625 ms"},
		{Config{Lengths: []Length{{"a", 0, 1}}}, "a: size 0 ms"},
		{Config{Lengths: []Length{{"a", -5, 5}}}, "a: size -5 ms"},
		{Config{Lengths: []Length{{"a", 5, 2}}}, "not a multiple of slide 2 ms"},
		{Config{Lengths: []Length{{"a", 1, 1}, {"a", 2, 1}}}, `lengths[1]: name "a" is taken`},
		{Config{Lengths: slides}, "7 different slides"},
		{Config{Lengths: Defaults(), Lateness: -1}, "lateness: -1 ms"},
		{Config{Lengths: Defaults(), Skew: maxDuration + 1}, "skew: "},
		{Config{Lengths: Defaults(), DistinctKeys: -1}, "distinct keys: -1"},
		{Config{Lengths: Defaults(), DistinctKeys: MaxDistinctKeys + 1}, "distinct keys: 65"},
	} {
		_, err := New(c.config)
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("New gives %v, want %q", err, c.want)
		}

		if _, err := Restore(c.config, nil); !errors.Is(err, ErrConfig) {
			t.Errorf("Restore gives %v", err)
		}
	}

	if _, err := NewRing(RingConfig{Lateness: -1}); !errors.Is(err, ErrConfig) {
		t.Errorf("NewRing gives %v", err)
	}
}

// The default lengths find room in an Activity up to some lateness, and beyond
// it the fine tiers keep their slices in the set.
func TestWhereActivityIsKept(t *testing.T) {
	for _, c := range []struct {
		lateness, skew int64
		want           string
	}{
		{10 * minute, 5 * minute, "half half half half half"},
		{30 * minute, 5 * minute, "wide half half half half"},
		{hour, 5 * minute, "sparse half half half half"},
		{3 * day, 5 * minute, "sparse sparse sparse wide wide"},
		{365 * day, 0, "sparse sparse sparse sparse sparse"},
	} {
		s, err := New(Config{Lengths: Defaults(), Lateness: c.lateness, Skew: c.skew, DistinctKeys: 4})
		if err != nil {
			t.Fatal(err)
		}

		var got []string

		taken := map[int]bool{}

		for i := range s.tiers {
			switch tr := &s.tiers[i]; {
			case tr.sparse != nil:
				got = append(got, "sparse")
				continue
			case tr.place.wide:
				got = append(got, "wide")
			default:
				got = append(got, "half")
			}

			at := s.tiers[i].place
			if taken[at.half] || at.wide && taken[at.half+1] {
				t.Errorf("lateness %d: tier %d shares its bits", c.lateness, i)
			}

			taken[at.half] = true
			if at.wide {
				taken[at.half+1] = true
			}
		}

		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("lateness %d: %s, want %s", c.lateness, text, c.want)
		}
	}
}

func TestSpan(t *testing.T) {
	l := Length{Name: "5m", Size: 5 * minute, Slide: minute}

	for _, c := range []struct{ t, want int64 }{
		{0, minute}, {minute - 1, minute}, {minute, 2 * minute},
		{-1, 0}, {-minute, 0}, {-minute - 1, -minute},
	} {
		end := l.FirstEnd(c.t)
		if end != c.want || !l.Window(end).Contains(c.t) || l.Window(end-l.Slide).Contains(c.t) {
			t.Errorf("FirstEnd(%d) = %d, want %d", c.t, end, c.want)
		}
	}

	if w := l.Window(7 * minute); w != (Span{2 * minute, 7 * minute}) || w.Contains(7*minute) || !w.Contains(2*minute) {
		t.Errorf("window %v is not half-open", w)
	}
}

func TestWatermark(t *testing.T) {
	const clock, lateness, skew = 1000, 100, 50

	if Watermark(clock, lateness) != 900 {
		t.Error("the watermark is the clock less the lateness")
	}

	if Late(900, clock, lateness) || !Late(899, clock, lateness) {
		t.Error("an event is late just before the watermark")
	}

	if TooFarAhead(1050, clock, skew) || !TooFarAhead(1051, clock, skew) {
		t.Error("an event is too far ahead just after clock + skew")
	}
}
