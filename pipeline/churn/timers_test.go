package churn

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// timersModel is the oracle: a map, sorted whenever something is asked.
type timersModel map[uint32]int64

type timer struct {
	customer uint32
	at       int64
}

func (m timersModel) sorted() []timer {
	var all []timer
	for customer, at := range maps.All(m) {
		all = append(all, timer{customer, at})
	}
	slices.SortFunc(all, func(a, b timer) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.customer, b.customer))
	})

	return all
}

func TestTimersAgainstAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const customers = 40
		timers, oracle := NewTimers(), timersModel{}
		customer := rapid.Uint32Range(0, customers-1)
		at := rapid.OneOf(rapid.Int64Range(0, 30), rapid.Just(Never))

		t.Repeat(map[string]func(*rapid.T){
			"schedule": func(t *rapid.T) {
				who, when := customer.Draw(t, "customer"), at.Draw(t, "at")
				timers.Schedule(who, when)
				oracle[who] = when
				if when == Never {
					delete(oracle, who)
				}
			},
			"due": func(t *rapid.T) {
				now := at.Draw(t, "now")
				who, when, ok := timers.Due(now)
				all := oracle.sorted()
				if want := len(all) > 0 && all[0].at <= now; ok != want {
					t.Fatalf("due: %v, want %v", ok, want)
				}
				if !ok {
					return
				}
				if (timer{who, when}) != all[0] {
					t.Fatalf("due is %d at %d, want %+v", who, when, all[0])
				}
				delete(oracle, who)
			},
			"fill": func(t *rapid.T) {
				times := rapid.SliceOfN(at, 0, customers).Draw(t, "times")
				timers.Fill(uint32(len(times)), func(customer uint32) int64 { return times[customer] })
				clear(oracle)
				for who, when := range times {
					if when != Never {
						oracle[uint32(who)] = when
					}
				}
			},
			"restore": func(t *rapid.T) {
				data := timers.AppendBinary([]byte("x"))[1:]
				var restored Timers
				if err := restored.Restore(data, customers); err != nil {
					t.Fatal(err)
				}
				if again := restored.AppendBinary(nil); !bytes.Equal(again, data) {
					t.Fatalf("%x became %x", data, again)
				}
				*timers = restored
			},
			"reset": func(*rapid.T) {
				timers.Reset()
				clear(oracle)
			},
			"": func(t *rapid.T) {
				if timers.Len() != len(oracle) {
					t.Fatalf("%d timers, want %d", timers.Len(), len(oracle))
				}
				want := Never
				if all := oracle.sorted(); len(all) > 0 {
					want = all[0].at
				}
				if timers.Next() != want {
					t.Fatalf("next is %d, want %d", timers.Next(), want)
				}
			},
		})
		for _, want := range oracle.sorted() {
			if who, when, ok := timers.Due(Never - 1); !ok || (timer{who, when}) != want {
				t.Fatalf("draining: %d at %d, %v; want %+v", who, when, ok, want)
			}
		}
	})
}

func TestTimersBytesDoNotTellHistory(t *testing.T) {
	var a, b Timers
	for customer := range uint32(100) {
		a.Schedule(customer, int64(customer%7))
		b.Schedule(99-customer, 1000)
	}
	for customer := range uint32(100) {
		b.Schedule(customer, int64(customer%7))
	}
	b.Schedule(500, 3)
	b.Schedule(500, Never)
	if !bytes.Equal(a.AppendBinary(nil), b.AppendBinary(nil)) {
		t.Error("the same timers gave different bytes")
	}
}

func TestTimersStayBounded(t *testing.T) {
	const customers = 1000
	var timers Timers
	for round := range int64(100) {
		for customer := range uint32(customers) {
			timers.Schedule(customer, round*1000+int64(customer)*37%1000)
		}
	}
	if timers.Len() != customers || timers.Bytes() > 40*customers {
		t.Errorf("%d timers in %d bytes after setting %d customers 100 times", timers.Len(), timers.Bytes(), customers)
	}
}

func TestRestoreTimersRefuses(t *testing.T) {
	entry := func(dst []byte, customer uint32, at int64) []byte {
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(dst, customer), uint64(at))
	}
	count := func(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
	tests := map[string][]byte{
		"nothing":               nil,
		"cut off":               entry(count(2), 1, 5),
		"too long":              append(entry(count(1), 1, 5), 7),
		"more than customers":   count(1 << 31),
		"customer out of range": entry(count(1), 10, 5),
		"out of order":          entry(entry(count(2), 5, 1), 4, 2),
		"twice the same":        entry(entry(count(2), 5, 1), 5, 2),
		"a timer at never":      entry(count(1), 5, Never),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			var timers Timers
			timers.Schedule(3, 3)
			if err := timers.Restore(data, 10); !errors.Is(err, ErrTimers) {
				t.Errorf("got error %v, want ErrTimers", err)
			}
			if timers.Len() != 0 || timers.Next() != Never {
				t.Errorf("%d timers left", timers.Len())
			}
		})
	}
}

func FuzzRestoreTimers(f *testing.F) {
	var timers Timers
	f.Add(timers.AppendBinary(nil))
	timers.Schedule(2, 9)
	timers.Schedule(7, -4)
	f.Add(timers.AppendBinary(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		var timers Timers
		if timers.Restore(data, 1000) != nil {
			return
		}
		if got := timers.AppendBinary(nil); !bytes.Equal(got, data) {
			t.Fatalf("%x became %x", data, got)
		}
		last := timer{at: -1 << 63}
		for range timers.Len() {
			customer, at, ok := timers.Due(Never - 1)
			if !ok || at < last.at || at == last.at && customer < last.customer {
				t.Fatalf("%d at %d after %+v, %v", customer, at, last, ok)
			}
			last = timer{customer, at}
		}
	})
}
