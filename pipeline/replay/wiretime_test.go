package replay

import (
	"math/rand/v2"
	"testing"
	"time"

	"ebb/pipeline/event"
)

// Times are written and read by hand as the library does it: every day of the
// years 1970 to 2200, around their ends, and at any millisecond.
func TestTimesByHandAreThoseOfTheLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	check := func(ms int64) {
		want := time.UnixMilli(ms).UTC().Format(wireTime)
		if got := string(appendTime(nil, ms)); got != want {
			t.Fatalf("%d is written %s, want %s", ms, got, want)
		}
		if ms < 0 || ms > event.MaxTime {
			return
		}
		if back, ok := readWire([]byte(want)); !ok || back != ms {
			t.Fatalf("%s is read as %d, %v, want %d", want, back, ok, ms)
		}
		plain := time.UnixMilli(ms).UTC().Format(time.DateTime)
		if back, ok := readPlain([]byte(plain), ' '); !ok || back != ms/1000 {
			t.Fatalf("%s is read as %d, %v, want %d", plain, back, ok, ms/1000)
		}
	}
	for day := int64(-1); day <= event.MaxTime/dayMS+1; day++ {
		check(day * dayMS)
		check(day*dayMS - 1)
		check(day*dayMS + random.Int64N(dayMS))
	}
}

// What is not read by hand is left to the library, and what is read by hand is
// read as there: other digits, lengths and dates that don't exist.
func TestTimesNotByHand(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	format, err := parseTimeFormat("rfc3339")
	if err != nil {
		t.Fatal(err)
	}
	byHand, refused := 0, 0
	for range 200_000 {
		text := appendTime(nil, random.Int64N(event.MaxTime))
		if random.IntN(2) == 0 {
			text = append(text[:19], 'Z')
		}
		for range random.IntN(3) {
			text[random.IntN(len(text))] = "0123456789-:TZ. z/+"[random.IntN(19)]
		}
		ms, ok := readWire(text)
		want, err := time.Parse(format.layout, string(text))
		switch {
		case ok && (err != nil || ms != want.UnixMilli()):
			t.Fatalf("%s is read as %d, want %v, %v", text, ms, want, err)
		case ok:
			byHand++
		case err != nil:
			refused++
		}
		seconds, ok := readPlain(text[:19], 'T')
		want, err = time.Parse("2006-01-02T15:04:05", string(text[:19]))
		if ok && (err != nil || seconds != want.Unix()) {
			t.Fatalf("%s is read as %d, want %v, %v", text[:19], seconds, want, err)
		}
	}
	if byHand < 50_000 || refused < 20_000 {
		t.Errorf("%d by hand and %d refused: the test has become weak", byHand, refused)
	}
}
