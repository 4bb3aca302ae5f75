package churn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"
	"unsafe"

	"ebb/windows/codec"

	"pgregory.net/rapid"
)

func TestStateIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(State{}); size > 128 {
		t.Errorf("a state takes %d bytes, want 128 at most", size)
	}
}

func TestStateRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, now := drawCustomer(t, m)
		s.SetTimer(m.NextCrossing(&s, now))

		data := s.AppendBinary([]byte("before"))
		if len(data) != len("before")+StateSize {
			t.Fatalf("appended %d bytes, want %d", len(data)-len("before"), StateSize)
		}
		r := codec.From(append(data[len("before"):], "after"...), ErrState)
		got, err := ReadState(&r), r.Err()
		if err != nil {
			t.Fatal(err)
		}
		if rest := r.Take(5); got != s || string(rest) != "after" {
			t.Fatalf("read %+v and %q, want %+v and %q", got, rest, s, "after")
		}
	})
}

func TestReadStateRefuses(t *testing.T) {
	m := newModel(t, testConfig())
	var good State
	m.Observe(&good, Event{Time: 3 * day, Qualifying: true})
	m.Observe(&good, Event{Time: 9 * day, Qualifying: true})
	data := good.AppendBinary(nil)

	word := func(field int, value uint64) func([]byte) {
		return func(b []byte) { binary.LittleEndian.PutUint64(b[8*field:], value) }
	}
	faded := func(field int, value float64) func([]byte) {
		return func(b []byte) { binary.LittleEndian.PutUint32(b[48+4*field:], math.Float32bits(float32(value))) }
	}
	tests := map[string]func([]byte){
		"marks that have no meaning":   func(b []byte) { b[93] = byte(markEnd) },
		"an active slot with no visit": func(b []byte) { b[116] &^= mostVisits },
		"no such trouble":              func(b []byte) { b[124] = Troubles },
		"a level that does not exist":  func(b []byte) { b[91] = Levels },
		"faded visits not a number":    faded(lately, math.NaN()),
		"negative faded visits":        faded(overall, -1),
		"no faded visits":              faded(recently, 0),
		"endless faded visits":         faded(recently, math.Inf(1)),
		"events not a number":          faded(memories, math.NaN()),
		"no events":                    faded(memories, 0),
		"value not a number":           faded(memories+1, math.NaN()),
		"fewer than no negatives":      faded(memories+2, -1),
		"experience beyond its scale":  faded(memories+3, -1.5),
		"endless contacts":             faded(memories+4, math.Inf(1)),
		"left after the year 2200":     func(b []byte) { binary.LittleEndian.PutUint64(b[96:], MaxTime+2) },
		"left before 1970":             func(b []byte) { binary.LittleEndian.PutUint64(b[96:], ^uint64(0)) },
		"visits without a slot":        func(b []byte) { b[84], b[85] = 0, 0 },
		"newest slot not active":       word(5, 2),
		"first after last":             word(0, uint64(10*day)),
		"a time before 1970":           word(2, ^uint64(0)),
		"a time after the year 2200":   word(3, MaxTime+1),
		"an unknown customer's recent": func(b []byte) { clear(b); b[40] = 1 },
		"an unknown customer's visits": func(b []byte) { clear(b); faded(lately, 1)(b) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			bad := bytes.Clone(data)
			spoil(bad)
			if _, err := readState(bad); !errors.Is(err, ErrState) {
				t.Errorf("got error %v, want ErrState", err)
			}
		})
	}
	if _, err := readState(data[:StateSize-1]); !errors.Is(err, ErrState) {
		t.Errorf("a short state: got error %v, want ErrState", err)
	}
	if _, err := readState(data); err != nil {
		t.Errorf("the state that was spoiled is itself refused: %v", err)
	}
}

// readState reads a state, and nothing behind it.
func readState(data []byte) (State, error) {
	r := codec.From(data, ErrState)
	s := ReadState(&r)

	return s, r.End()
}

func FuzzReadState(f *testing.F) {
	config := testConfig()
	config.Horizon = 3 * day // with the time of the week
	m, err := NewModel(config)
	if err != nil {
		f.Fatal(err)
	}
	var s State
	f.Add(s.AppendBinary(nil))
	for i := range int64(5) {
		m.Observe(&s, Event{Time: i * 7 * day, Qualifying: true})
		f.Add(s.AppendBinary(nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := readState(data)
		if err != nil {
			return
		}
		if got := s.AppendBinary(nil); !bytes.Equal(got, data) {
			t.Fatalf("%x became %x", data, got)
		}
		// Whatever was accepted can be used.
		next := m.NextCrossing(&s, s.last)
		if next < s.last || next > MaxTime && next != Never {
			t.Fatalf("next crossing %d of %+v", next, s)
		}
		if risk := m.Score(&s, s.last).Risk(); s.Known() && !(risk >= 0 && risk <= 1) {
			t.Fatalf("risk %v of %+v", risk, s)
		}
		if m.Reasons(&s, s.last) == nil && s.Known() {
			t.Fatalf("no reasons for %+v", s)
		}
		var sum Statistics
		sum.Add(m, &s, s.last)
		if sum.Customers == 1 != s.Known() {
			t.Fatalf("%+v of %+v", sum, s)
		}
	})
}
