package backtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSchedule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Int64Range(0, 1e12).Draw(t, "first")
		horizon := rapid.Int64Range(60_000, 400*dayMS).Draw(t, "horizon")
		last := first + rapid.Int64Range(0, 20*horizon).Draw(t, "span")
		times, err := Schedule(first, last, horizon)
		if last-first < 3*horizon {
			if !errors.Is(err, ErrTooShort) {
				t.Fatalf("a log of %d and a horizon of %d: %v, want %v", last-first, horizon, err, ErrTooShort)
			}

			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(times) < fewestTimes || len(times) > mostTimes {
			t.Fatalf("%d times", len(times))
		}
		from := first + horizon
		if last-first >= 5*horizon {
			from += horizon
		}
		if times[0] != from || times[len(times)-1] != last-horizon {
			t.Fatalf("from %d to %d, want %d to %d", times[0], times[len(times)-1], from, last-horizon)
		}
		step := times[1] - times[0]
		for i := 1; i < len(times); i++ {
			if gap := times[i] - times[i-1]; gap < step-1 || gap > step+1 {
				t.Fatalf("times %v are not evenly spaced", times)
			}
		}
	})
}

func TestScheduleTellsTheRemedy(t *testing.T) {
	_, err := Schedule(begins, begins+80*dayMS, 30*dayMS)
	if err == nil || !strings.Contains(err.Error(), "it spans 80d, and 3 horizons of 30d are needed; choose a shorter --horizon") {
		t.Errorf("error %v", err)
	}
	if got := span(90 * 60_000); got != "1h30m0s" {
		t.Errorf("span %s", got)
	}
}

func TestTimesByHandHaveToHaveAnOutcome(t *testing.T) {
	log := &Log{First: begins, Last: begins + 100*dayMS}
	for _, c := range []struct {
		at   []int64
		want string
	}{
		{[]int64{begins, begins + 90*dayMS}, ""},
		{[]int64{begins + 91*dayMS}, "evaluation time 2026-04-02T00:00:00Z; choose one from 2026-01-01T00:00:00Z to 2026-04-01T00:00:00Z"},
		{[]int64{begins - 1}, "choose one from"},
		{[]int64{begins + 5, begins + 5}, "does not come after"},
	} {
		err := check(c.at, log, 10*dayMS)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %q", c.at, err, c.want)
		}
	}
}

// everyFile is one customer who comes so often, with a second event an hour
// after each.
func everyFile(every, until float64) string {
	var b strings.Builder
	b.WriteString(csvHeader)
	for day := 0.0; day <= until; day += every {
		fmt.Fprint(&b, csvRow(day, "anna", "order.completed"), csvRow(day+1.0/48, "anna", "order.completed"))
	}

	return b.String()
}

func TestSuggest(t *testing.T) {
	for _, c := range []struct {
		every, until float64
		want         time.Duration
	}{
		{4, 300, 5 * day},
		{10, 300, 14 * day},
		{10, 50, 7 * day}, // no more than a quarter of the log
		{40, 2000, 60 * day},
		{500, 9000, 365 * day},
		{1, 2, day},
	} {
		s := Suggest(mustRead(t, everyFile(c.every, c.until)))
		if s.Horizon != c.want {
			t.Errorf("every %v days until %v: %v, want %v (%+v)", c.every, c.until, s.Horizon, c.want, s)
		}
	}
	if s := Suggest(mustRead(t, csvHeader+csvRow(0, "anna", "order.completed"))); s.Horizon != day || s.Pauses != 0 {
		t.Errorf("one event: %+v", s)
	}
}
