package churn

import (
	"errors"
	"testing"
)

// A history that nobody can have told is refused, and one of another horizon is reckoned
// anew.
func TestReadingHistories(t *testing.T) {
	m, err := NewModel(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	s := historyOf(m, []Event{{Time: 5 * mergeDay, Qualifying: true}, {Time: 9 * mergeDay, Qualifying: true}})
	for name, spoil := range map[string]func(h *History){
		"another layout": func(h *History) { h.Layout = 2 },
		"too short":      func(h *History) { h.State = h.State[1:] },
		"too long":       func(h *History) { h.State = append(h.State, 0) },
		"a broken state": func(h *History) { h.State[40] ^= 1 },
		"another time":   func(h *History) { h.Newest++ },
		"no horizon":     func(h *History) { h.Horizon = 0 },
		"of who was alarmed": func(h *History) {
			raised := s
			raised.level = AtRisk
			h.State = raised.AppendBinary(nil)
		},
	} {
		h := m.Tell(&s, "web")
		spoil(h)
		if _, err := m.Read(h, 0, 9*mergeDay); !errors.Is(err, ErrState) {
			t.Errorf("%s: %v", name, err)
		}
	}
	config := Defaults()
	config.Horizon /= 2
	half, err := NewModel(config)
	if err != nil {
		t.Fatal(err)
	}
	want := s
	half.CarryState(m, &want, 9*mergeDay)
	want.channel, want.since, want.timer = 3, want.since.at(0), want.timer.at(0)
	got, err := half.Read(m.Tell(&s, "web"), 3, 9*mergeDay)
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}
