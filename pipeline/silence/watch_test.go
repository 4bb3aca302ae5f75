package silence_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ebb/pipeline/silence"
)

// A Poisson feed and bursty ones, with nights and weekends, never look silent
// in 26 weeks, and a stop in the week does.
func TestOnlyAStopIsASilence(t *testing.T) {
	const weeks = 26
	inputs := map[string]struct {
		draw  func(r *rand.Rand) source
		found float64 // hours after a stop on a Wednesday noon, at most; 0: not claimed
	}{
		"60 an hour, independent": {poissonAt(5, nil), 2},
		"4 an hour, independent":  {poissonAt(0.3, nil), 120},
		"480 an hour, negative binomial": {poissonAt(40, func(r *rand.Rand) float64 {
			return gamma(r, 0.3)
		}), 30},
		"480 an hour, visits of 20 in 40 minutes": {visitsAt(40), 4},
		"12 an hour, visits of 20 in 40 minutes":  {visitsAt(1), 0},
	}
	for name, input := range inputs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(2) {
				events := input.draw(rand.New(rand.NewPCG(seed, 7)))
				w := started(silence.Defaults(), begin)
				if changes := run(w, begin, begin+weeks*week, events); len(changes) > 0 {
					t.Errorf("seed %d: %+v", seed, changes)
				}
				stop := begin + weeks*week + 5*day + 12*hour
				run(w, begin+weeks*week, stop, events)
				changes := run(w, stop, stop+7*day, nothing)
				if input.found == 0 {
					continue
				}
				if len(changes) == 0 {
					t.Fatalf("seed %d: the stop was not found", seed)
				}
				if after := float64(changes[0].Time-stop) / float64(hour); changes[0].State != silence.Silent || after > input.found {
					t.Errorf("seed %d: %v %.1f h after the stop, want silent within %v", seed, changes[0].State, after, input.found)
				}
			}
		})
	}
}

// nothing comes.
func nothing(int64) uint32 { return 0 }

// poissonAt draws with the rhythm and so many events in its greatest steps, each
// step's rate times a draw of its own.
func poissonAt(rate float64, times func(*rand.Rand) float64) func(*rand.Rand) source {
	return func(r *rand.Rand) source {
		return func(at int64) uint32 {
			mean := rate * rhythmOf(at)
			if times != nil {
				mean *= times(r)
			}

			return poisson(r, mean)
		}
	}
}

func visitsAt(rate float64) func(*rand.Rand) source {
	return func(r *rand.Rand) source {
		s := &sessions{r: r, rate: func(at int64) float64 { return rate * rhythmOf(at) }, size: 20, length: 8}

		return s.next
	}
}

// Days whose events all carry the same time tell nothing about hours.
func TestDayResolutionIsNeverSilent(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	w := started(silence.Defaults(), begin)
	changes := run(w, begin, begin+40*week, func(at int64) uint32 {
		if at%day != 0 {
			return 0
		}

		return poisson(r, 60)
	})
	if len(changes) > 0 {
		t.Errorf("%+v", changes)
	}
}

// The clock moves to daylight saving time, and the weekdays' feed starts an
// hour late.
func TestAnHourLaterIsNoSilence(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	office := func(at int64) uint32 {
		if h := at % day / hour; h < 8 || h >= 18 || at/day%7 == 1 || at/day%7 == 2 {
			return 0
		}

		return poisson(r, 100)
	}
	w := started(silence.Defaults(), begin)
	changes := run(w, begin, begin+8*week, office)
	changes = append(changes, run(w, begin+8*week, begin+10*week, func(at int64) uint32 { return office(at - hour) })...)
	if len(changes) > 0 {
		t.Errorf("%+v", changes)
	}
}

// With independent events a full stop is found after silentAt/(1.6·q) = 30
// expected events and a step, and that it began with the stop.
func TestDelayOfAFullStop(t *testing.T) {
	even := func(int64) uint32 { return 6 }
	w := started(silence.Defaults(), begin)
	stop := begin + 4*week
	if changes := run(w, begin, stop, even); len(changes) > 0 {
		t.Fatal(changes)
	}
	changes := run(w, stop, stop+2*hour, nothing)
	if len(changes) != 1 || changes[0].State != silence.Silent {
		t.Fatalf("%+v", changes)
	}
	c := changes[0]
	if c.Since != stop || c.Observed != 0 || c.Expected < 30 || c.Expected > 42 || c.Time != stop+int64(c.Expected/6+0.5)*step {
		t.Errorf("%+v after a stop at %d", c, stop)
	}
}

// A silence ends with the feed, or when it is given up; then a week passes
// before the next can be found.
func TestSilencesEnd(t *testing.T) {
	even := func(int64) uint32 { return 6 }
	config := silence.Config{SilentBelow: 0.25, HoldAtMost: 12 * time.Hour}
	w := started(config, begin)
	now := begin + 3*week
	run(w, begin, now, even)

	changes := run(w, now, now+4*hour, nothing)
	changes = append(changes, run(w, now+4*hour, now+5*hour, even)...)
	if len(changes) != 2 || changes[1].State != silence.Back || changes[1].Time > now+4*hour+2*step || w.AnySilent() {
		t.Fatalf("back: %+v", changes)
	}

	now += 5 * hour
	changes = walk(w, now+day)
	if len(changes) != 2 || changes[1].State != silence.GivenUp || changes[1].Time-changes[0].Time != 12*hour {
		t.Fatalf("given up: %+v", changes)
	}
	if w.AnySilent() || w.Silent(0) {
		t.Error("still silent after it was given up")
	}

	now += day
	changes = run(w, now, now+6*day, even)
	changes = append(changes, walk(w, now+7*day-step)...)
	if len(changes) > 0 {
		t.Errorf("in the first week anew: %+v", changes)
	}
}

// A silence may be longer than the weeks after which a feed that is merely idle
// is forgotten: it ends when it is given up, and snapshots of it are restored.
func TestLongSilencesEnd(t *testing.T) {
	for _, hold := range []time.Duration{28 * 24 * time.Hour, 28*24*time.Hour + 5*time.Minute, silence.MaxHold} {
		config := silence.Config{SilentBelow: 0.25, HoldAtMost: hold}
		w := started(config, begin)
		now := begin + 3*week
		run(w, begin, now, func(int64) uint32 { return 6 })
		changes := walk(w, now+day)
		for at := now + day; at <= now+33*day; at += day {
			restored, err := silence.Restore(config, 1, w.AppendBinary(nil))
			if err != nil {
				t.Fatalf("hold %v, %d days into the silence: %v", hold, (at-now)/day, err)
			}
			w = restored
			changes = append(changes, walk(w, at+day)...)
		}
		if len(changes) != 2 || changes[0].State != silence.Silent || changes[1].State != silence.GivenUp ||
			changes[1].Time-changes[0].Time != hold.Milliseconds() || w.AnySilent() {
			t.Errorf("hold %v: %+v, silent at the end %v", hold, changes, w.AnySilent())
		}
	}
}

// One channel of two stops: it is silent, the whole is not.
func TestOneChannelIsSilent(t *testing.T) {
	w := silence.New(silence.Defaults(), 2)
	w.Next(begin)
	play := func(from, to int64, both bool) {
		for at := from; at < to; at += step {
			for range 6 {
				w.Count(0)
				if both {
					w.Count(1)
				}
			}
			walk(w, at+step)
		}
	}
	play(begin, begin+3*week, true)
	play(begin+3*week, begin+3*week+2*hour, false)
	if w.Silent(0) || !w.Silent(1) {
		t.Errorf("silent %v and %v, want the second alone", w.Silent(0), w.Silent(1))
	}
	if silences := w.Silences(nil); len(silences) != 1 || silences[0].Channel != 1 || silences[0].Since != begin+3*week {
		t.Errorf("%+v", silences)
	}
}

// A clock that jumps by decades costs no more than the weeks that are
// remembered.
func TestJumpsAreCheap(t *testing.T) {
	w := started(silence.Defaults(), begin)
	run(w, begin, begin+2*week, func(int64) uint32 { return 1 })
	steps := 0
	for _, ok := w.Next(begin + 5000*week); ok; _, ok = w.Next(begin + 5000*week) {
		w.Close()
		steps++
	}
	if most := int(5 * week / step); steps > most {
		t.Errorf("%d steps for a jump, want at most %d", steps, most)
	}
}

// Restored at any place, a watch goes on as if nothing had been; and cut or
// changed bytes are refused or do no harm.
func TestSnapshotGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		config := silence.Config{SilentBelow: 0.25, HoldAtMost: 6 * time.Hour}
		w := started(config, begin)
		seed := rapid.Uint64().Draw(t, "seed")
		r := rand.New(rand.NewPCG(seed, 1))
		stopped := false
		events := func(at int64) uint32 {
			if at%hour == 0 && at > begin+8*day && r.IntN(8) == 0 {
				stopped = !stopped
			}
			if stopped {
				return 0
			}

			return poisson(r, 8)
		}
		now := begin + rapid.Int64Range(0, 12*24*12).Draw(t, "steps")*step
		run(w, begin, now, events)

		data := w.AppendBinary(nil)
		restored, err := silence.Restore(config, 1, data)
		if err != nil {
			t.Fatal(err)
		}
		for at := now; at < now+2*day; at += step {
			for range events(at) {
				w.Count(0)
				restored.Count(0)
			}
			a, b := walk(w, at+step), walk(restored, at+step)
			if len(a) != len(b) || len(a) > 0 && a[0] != b[0] {
				t.Fatalf("%+v, restored %+v", a, b)
			}
		}
		if !bytes.Equal(w.AppendBinary(nil), restored.AppendBinary(nil)) {
			t.Fatal("other bytes in the end")
		}

		cut := rapid.IntRange(0, len(data)-1).Draw(t, "cut")
		if _, err := silence.Restore(config, 1, data[:cut]); err == nil {
			t.Fatalf("%d of %d bytes were read", cut, len(data))
		}
	})
}

func TestConfigIsChecked(t *testing.T) {
	for _, config := range []silence.Config{{}, silence.Defaults(), {SilentBelow: 0.5, HoldAtMost: time.Hour}} {
		if err := config.Validate(); err != nil {
			t.Errorf("%+v: %v", config, err)
		}
	}
	for _, config := range []silence.Config{
		{SilentBelow: 0.6, HoldAtMost: time.Hour}, {SilentBelow: -1, HoldAtMost: time.Hour},
		{SilentBelow: 0.25}, {SilentBelow: 0.25, HoldAtMost: 32 * 24 * time.Hour},
	} {
		if err := config.Validate(); err == nil {
			t.Errorf("%+v is accepted", config)
		}
	}
	w := started(silence.Config{}, begin)
	w.Count(0)
	if _, ok := w.Next(begin + week); ok || w.AnySilent() {
		t.Error("a watch that is off has steps")
	}
}
