package churn

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever number a text states, in any language, is one of the reason's
// numbers; and none of these is left unsaid.
func TestTextsStateTheirNumbersOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawModel(t)
		s, now := drawCustomer(t, drawn)
		for _, l := range languages {
			config := drawn.Config()
			config.Language = l.name
			m, err := NewModel(config)
			if err != nil {
				t.Fatal(err)
			}
			for _, reason := range m.Reasons(&s, now) {
				checkText(t, l, &reason)
			}
		}
	})
}

// checkText takes the text apart without its phrase.
func checkText(t *rapid.T, l *Language, r *Reason) {
	words := map[string]string{} // of the numbers, by name
	for name, value := range r.Numbers {
		words[name] = strconv.FormatInt(value, 10)
		if strings.HasSuffix(name, "_ms") {
			words[name] = l.span(value)
		}
		if value < 0 && name != "rating" {
			t.Fatalf("%s: %s is %d, below 0", r.Code, name, value)
		}
		if !strings.Contains(r.Text, words[name]) {
			t.Fatalf("%s: %q does not state %s, which is %d", l.name, r.Text, name, value)
		}
	}
	var units []string
	for _, unit := range l.units[:3] {
		units = append(units, unit[0], unit[1])
	}
	stated := slices.Sorted(func(yield func(string) bool) {
		for _, word := range words {
			if !yield(word) {
				return
			}
		}
	})
	for _, found := range regexp.MustCompile(`(-?[0-9]+)(?: (\pL+))?`).FindAllStringSubmatch(r.Text, -1) {
		number, whole := found[1], found[0]
		if !slices.Contains(units, found[2]) {
			whole = number
		}
		if whole != "8" && !slices.Contains(stated, whole) { // 8 is how many slots the trend looks at
			t.Fatalf("%s: %q states %q, and the numbers are %v", l.name, r.Text, whole, r.Numbers)
		}
	}
	if less := l.units[3][0]; strings.Contains(r.Text, less) && !slices.Contains(stated, less) {
		t.Fatalf("%s: %q states %q, and the numbers are %v", l.name, r.Text, less, r.Numbers)
	}
}

// The numbers stand for what their places in the phrases say.
func TestNumbersOfAReason(t *testing.T) {
	m := newModel(t, testConfig())
	var s State
	for _, at := range []int64{0, 1, 2, 30, 33, 60} {
		m.Observe(&s, Event{Time: epoch + at*day, Qualifying: true})
	}
	m.Observe(&s, Event{Time: epoch + 61*day, Negative: true})
	m.Observe(&s, Event{Time: epoch + 62*day, Negative: true, Rated: true, Experience: -0.35})
	m.Observe(&s, Event{Time: epoch + 70*day, Contact: true})
	got := map[string]map[string]int64{}
	for _, reason := range m.Reasons(&s, epoch+80*day) {
		got[reason.Code] = reason.Numbers
	}
	slots := map[int64]bool{}
	for _, at := range []int64{0, 1, 2, 30, 33, 60} {
		slots[(epoch+at*day)/m.Slot()] = true
	}
	visits := int64(len(slots))
	want := map[string]map[string]int64{
		CodeRhythm:  {"every_ms": 60 * day / (visits - 1), "silent_ms": 20 * day},
		CodeRecency: {"silent_ms": 20 * day},
		CodeHistory: {"visits": visits, "slot_ms": m.Slot(), "known_ms": 80 * day},
		CodeContact: {"contact_ms": 10 * day},

		CodeNegatives:  {"negatives": 2},
		CodeExperience: {"rating": -35},
		CodePressure:   {"messages": 1},
	}
	for code, numbers := range want {
		for name, value := range numbers {
			if got[code][name] != value || len(got[code]) != len(numbers) {
				t.Errorf("%s has the numbers %v, want %v", code, got[code], numbers)
			}
		}
	}
}
