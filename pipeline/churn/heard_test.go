package churn

import (
	"testing"

	"pgregory.net/rapid"
)

// What is packed into two words is what a list of all events tells.
func TestHeardIsWhatAListTells(t *testing.T) {
	const begin = int64(1_767_225_600_000)
	rapid.Check(t, func(t *rapid.T) {
		var s State
		m := &Model{config: Config{ScannerWithin: rapid.Int64Range(0, MostScannerWithin).Draw(t, "within")}}
		var own, ours, ended int64
		for range rapid.IntRange(1, 30).Draw(t, "events") {
			e := Event{
				Time: rapid.OneOf(
					rapid.Int64Range(begin, begin+3_000), rapid.Int64Range(begin, begin+400*day), rapid.Int64Range(0, MaxTime),
					rapid.Map(rapid.Int64Range(0, 3), func(i int64) int64 { return begin + i*minute }),
				).Draw(t, "at"),
				Ours:     rapid.Bool().Draw(t, "message"),
				Reaction: rapid.Bool().Draw(t, "reaction"), Notice: OpenedMail,
			}
			after := e.Time - ours
			want := !e.Reaction || ours == 0 || m.config.ScannerWithin == 0 || after < 0 || after > m.config.ScannerWithin || after == 0 && e.Time%minute == 0
			got := m.Believe(&s, &e)
			if got != want || e.Scanned == want || (e.Notice == OpenedMail) != want {
				t.Fatalf("%+v, %d after the message: believed %v", e, after, got)
			}
			newest := s.heard.hear(&e)
			switch {
			case !want:
			case e.Ours:
				ours = max(ours, e.Time/2*2)
			default:
				own = max(own, e.Time)
			}
			if newest != (want && !e.Ours && e.Time == own) {
				t.Fatalf("%+v is said to be the newest: %v", e, newest)
			}
			if rapid.Bool().Draw(t, "end") {
				s.heard.end(e.Time)
				ended = max(ended, e.Time+1)
			}
			if s.heard.own() != own || s.heard.ours() != ours || s.heard.ended() != ended || s.heard.latest() != max(own, ours) {
				t.Fatalf("heard at %d, %d and %d, want %d, %d and %d", s.heard.own(), s.heard.ours(), s.heard.ended(), own, ours, ended)
			}
		}
	})
}

// A click half a second after every mail keeps nobody, one of a person does.
func TestScannersKeepNobody(t *testing.T) {
	const begin = int64(1_767_225_600_000)
	for _, test := range []struct {
		name     string
		after    int64
		reaction bool
		within   int64
		kept     bool
	}{
		{"a scanner", 500, true, 2_000, false},
		{"a scanner that is believed", 500, true, 0, true},
		{"somebody who reads it later", 40_000, true, 2_000, true},
		{"somebody who orders at that moment", 500, false, 2_000, true},
	} {
		config := Defaults().Fixed(0.6, 0.85)
		config.ScannerWithin = test.within
		m, err := NewModel(config)
		if err != nil {
			t.Fatal(err)
		}
		var s State
		for visit := range int64(10) {
			m.Observe(&s, Event{Time: begin + 3*visit*day, Qualifying: true})
		}
		last, now := s.Last(), s.Last()
		for range 40 { // as many weeks
			now += 7 * day
			m.Observe(&s, Event{Time: now, Contact: true})
			e := Event{Time: now + test.after, Qualifying: true, Reaction: test.reaction, Notice: OpenedMail}
			believed := m.Believe(&s, &e)
			if m.Observe(&s, e); believed != test.kept {
				t.Fatalf("%s is believed: %v", test.name, believed)
			}
		}
		if kept := s.Last() > last; kept != test.kept {
			t.Errorf("%s keeps the customer: %v", test.name, kept)
		}
		if risk := m.Score(&s, now+day).Risk(); (risk < 0.6) != test.kept {
			t.Errorf("%s leaves a risk of %.2f", test.name, risk)
		}
	}
}
