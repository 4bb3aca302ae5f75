package churn

import (
	"errors"
	"testing"

	"ebb/windows/codec"

	"pgregory.net/rapid"
)

// Who is somebody else is never told of again, whatever comes of them, late too. They are
// heard of as before, so they leave when they would have, and a copy is the same.
func TestNothingIsSaidOfWhoJoined(t *testing.T) {
	m, err := NewModel(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		var s, apart State
		now := int64(1_700_000_000_000)
		join := rapid.IntRange(0, 20).Draw(t, "join")
		for i := range 40 {
			if i == join {
				if s.Level() != Healthy {
					before := s.Episode()
					if change := m.Clear(&s, now); change.To != Healthy || change.Raised || change.Episode != before+1 {
						t.Fatalf("%+v", change)
					}
				}
				s.Join()
			}
			now += rapid.Int64Range(0, 20*24*3600_000).Draw(t, "pause")
			e := Event{
				Time: now - rapid.Int64Range(0, 3600_000).Draw(t, "late"), Qualifying: rapid.Bool().Draw(t, "qualifying"), Ours: rapid.Bool().Draw(t, "ours"),
				Negative: rapid.Bool().Draw(t, "negative"), Ends: rapid.IntRange(0, 9).Draw(t, "ends") == 0, Value: float64(rapid.IntRange(0, 1).Draw(t, "value")), Currency: CurrencyOf([]byte("EUR")),
			}
			observe := m.Observe
			if rapid.IntRange(0, 3).Draw(t, "is late") == 0 {
				observe = m.ObserveLate
			}
			observe(&apart, e)
			if sooner := observe(&s, e); i >= join && (sooner || s.Known() || !s.Joined() || s.Level() != Healthy) {
				t.Fatalf("after %+v: %+v", e, s)
			}
			m.Changes(&s, now, func(c Change) {
				if i >= join {
					t.Fatalf("%+v is told", c)
				}
			})
			if s.LastAny() != apart.LastAny() {
				t.Fatalf("heard of at %d, want %d", s.LastAny(), apart.LastAny())
			}
		}
		r := codec.From(s.AppendBinary(nil), errors.New("no state"))
		if read := ReadState(&r); r.Err() != nil || read != s || !read.Joined() {
			t.Fatalf("%+v, %v; want %+v", read, r.Err(), s)
		}
		if (&State{}).Joined() {
			t.Fatal("nobody has joined")
		}
	})
}
