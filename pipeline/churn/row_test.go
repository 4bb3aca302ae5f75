package churn

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawRows(t *rapid.T) []Row {
	random := drawRandom(t)
	rows := make([]Row, rapid.IntRange(0, 30).Draw(t, "rows"))
	for i := range rows {
		for j := range rows[i].Terms {
			rows[i].Terms[j] = int8(random.IntN(256) - 128)
		}
		rows[i].Elapsed, rows[i].Outcome = uint8(random.IntN(256)), Outcome(random.IntN(int(outcomes)))
	}

	return rows
}

func TestRowsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t)
		data := AppendRows([]byte("x"), rows)[1:]
		if len(data) != len(rows)*RowSize {
			t.Fatalf("%d rows in %d bytes", len(rows), len(data))
		}
		got, err := ReadRows(data)
		if err != nil || !slices.Equal(got, rows) {
			t.Fatalf("%+v became %+v, error %v", rows, got, err)
		}
	})
}

func TestReadRowsRefuses(t *testing.T) {
	data := AppendRows(nil, []Row{{Outcome: Returned}})
	unknown := bytes.Clone(data)
	unknown[RowSize-1] = byte(outcomes)
	for name, bad := range map[string][]byte{"cut off": data[1:], "too long": append(data, 0), "an unknown outcome": unknown} {
		if _, err := ReadRows(bad); !errors.Is(err, ErrRows) {
			t.Errorf("%s: got error %v, want ErrRows", name, err)
		}
	}
}

func FuzzReadRows(f *testing.F) {
	f.Add(AppendRows(nil, []Row{{Outcome: Returned}, {Terms: [features]int8{-124, 124}, Elapsed: 7}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := ReadRows(data)
		if err != nil {
			return
		}
		if got := AppendRows(nil, rows); !bytes.Equal(got, data) {
			t.Fatalf("%x became %x", data, got)
		}
	})
}

func TestOutcomes(t *testing.T) {
	for o, want := range map[Outcome]struct {
		complete, back bool
		lost           float64
	}{
		Waiting: {false, false, 0}, Back: {false, true, 0}, Lost: {true, false, 1}, Returned: {true, true, 0},
	} {
		if o.Complete() != want.complete || o.back() != want.back || o.lost() != want.lost {
			t.Errorf("outcome %d: complete %v, back %v, lost %v; want %+v", o, o.Complete(), o.back(), o.lost(), want)
		}
	}
}

// Rounding to steps keeps a term to half a step, at both ends, too.
func TestTermsInSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var v vector
		for i := range v {
			v[i] = rapid.Float64Range(-clipAt, clipAt).Draw(t, "term")
		}
		row := Row{Terms: v.round()}
		x := row.vector()
		for i := range v {
			if math.Abs(x[i]-v[i]) > 0.5/stepsPerDeviation+1e-12 {
				t.Fatalf("term %v became %v", v[i], x[i])
			}
		}
		if x[termBias] != 1 {
			t.Fatalf("the intercept's is %v", x[termBias])
		}
	})
}
