package skill

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawRows draws rows with many ties.
func drawRows(t *rapid.T) []Row {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Row {
		return Row{
			Score: float64(rapid.IntRange(0, 8).Draw(t, "score")) / 8,
			Lost:  rapid.Bool().Draw(t, "lost"),
			Who:   uint32(rapid.IntRange(0, 5).Draw(t, "who")),
		}
	}), 1, 40).Draw(t, "rows")
}

func groupsOf(rows []Row) []Group { return Rank(slices.Clone(rows)).Groups(nil, nil) }

// same takes NaN for equal to NaN.
func same(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-9 || a == b
}

// All pairs, one by one.
func slowAUC(rows []Row) float64 {
	var pairs, ordered float64
	for _, lost := range rows {
		for _, there := range rows {
			if !lost.Lost || there.Lost {
				continue
			}
			pairs++
			switch {
			case lost.Score > there.Score:
				ordered++
			case lost.Score == there.Score:
				ordered += 0.5
			}
		}
	}

	return ordered / pairs
}

// The precision at the score of every row that was lost.
func slowAveragePrecision(rows []Row) float64 {
	var sum, lost float64
	for _, row := range rows {
		if !row.Lost {
			continue
		}
		lost++
		var above, right float64
		for _, other := range rows {
			if other.Score >= row.Score {
				above++
				if other.Lost {
					right++
				}
			}
		}
		sum += right / above
	}

	return sum / lost
}

func slowBrier(rows []Row) float64 {
	var sum float64
	for _, row := range rows {
		outcome := 0.0
		if row.Lost {
			outcome = 1
		}
		sum += (row.Score - outcome) * (row.Score - outcome)
	}

	return sum / float64(len(rows))
}

// expand is rows so fine that every bin edge lies between two of them: each
// row becomes n pieces, and the pieces of a tie are all alike.
func slowBins(rows []Row, n int) []Bin {
	type piece struct{ score, lost float64 }
	shares := map[float64][2]float64{}
	for _, row := range rows {
		s := shares[row.Score]
		s[0]++
		if row.Lost {
			s[1]++
		}
		shares[row.Score] = s
	}
	var pieces []piece
	for _, row := range rows {
		s := shares[row.Score]
		for range n {
			pieces = append(pieces, piece{row.Score, s[1] / s[0]})
		}
	}
	slices.SortFunc(pieces, func(a, b piece) int {
		if a.score > b.score {
			return -1
		}
		if a.score < b.score {
			return 1
		}

		return 0
	})
	bins := make([]Bin, n)
	for i, p := range pieces {
		b := &bins[i/len(rows)]
		b.Rows += 1 / float64(n)
		b.Score += p.score / float64(len(rows))
		b.Observed += p.lost / float64(len(rows))
	}

	return bins
}

func TestFiguresAgreeWithBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t)
		groups := groupsOf(rows)
		const n = 10
		bins := slowBins(rows, n)
		var ece float64
		for _, b := range bins {
			ece += math.Abs(b.Observed-b.Score) / n
		}
		var expected, lost float64
		for _, row := range rows {
			expected += row.Score
			if row.Lost {
				lost++
			}
		}
		for _, c := range []struct {
			name      string
			got, want float64
		}{
			{"AUC", AUC(groups), slowAUC(rows)},
			{"average precision", AveragePrecision(groups), slowAveragePrecision(rows)},
			{"Brier", Brier(groups), slowBrier(rows)},
			{"ECE", CalibrationError(groups, n), ece},
			{"top decile", TopLift(groups, 1.0/n), bins[0].Observed / (lost / float64(len(rows)))},
			{"observed over expected", ObservedOverExpected(groups), lost / expected},
			{"base rate", BaseRate(groups), lost / float64(len(rows))},
		} {
			if !same(c.got, c.want) {
				t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
			}
		}
		for i, bin := range Bins(groups, n) {
			if !same(bin.Rows, bins[i].Rows) || !same(bin.Score, bins[i].Score) || !same(bin.Observed, bins[i].Observed) {
				t.Errorf("bin %d is %+v, want %+v", i, bin, bins[i])
			}
		}
	})
}

// A weight is a row that stands so often in the list; none is none at all.
func TestWeightsAreCopies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t)
		weights := make([]uint32, 6)
		for i := range weights {
			weights[i] = uint32(rapid.IntRange(0, 3).Draw(t, "weight"))
		}
		var copies []Row
		for _, row := range rows {
			for range weights[row.Who] {
				copies = append(copies, row)
			}
		}
		weighted := Rank(slices.Clone(rows)).Groups(nil, weights)
		if want := groupsOf(copies); !slices.Equal(weighted, want) {
			t.Fatalf("groups %v, want %v", weighted, want)
		}
	})
}

func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t)
		want := groupsOf(rows)
		shuffled := slices.Clone(rows)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		if got := groupsOf(shuffled); !slices.Equal(got, want) {
			t.Fatalf("groups %v, want %v", got, want)
		}
	})
}

func TestGains(t *testing.T) {
	rows := []Row{{0.9, true, 0}, {0.8, false, 1}, {0.7, true, 2}, {0.1, false, 3}}
	if got, want := Gains(groupsOf(rows), 4), []float64{0.5, 0.5, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("gains %v, want %v", got, want)
	}
}

// Where a figure can't be said it is not a number, never a wrong one.
func TestNothingToSay(t *testing.T) {
	alike := groupsOf([]Row{{0.4, false, 0}, {0.2, false, 1}})
	for name, got := range map[string]float64{
		"AUC without losses":               AUC(alike),
		"average precision without losses": AveragePrecision(alike),
		"lift without losses":              TopLift(alike, 0.1),
		"AUC without rows":                 AUC(nil),
		"Brier without rows":               Brier(nil),
		"ECE without rows":                 CalibrationError(nil, 10),
		"observed over nothing":            ObservedOverExpected(nil),
	} {
		if !math.IsNaN(got) {
			t.Errorf("%s is %v", name, got)
		}
	}
}
