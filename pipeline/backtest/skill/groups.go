package skill

import (
	"cmp"
	"slices"
)

// Row is one prediction and what became of it.
type Row struct {
	Score float64 // finite
	Lost  bool    // what the score predicts has come true
	Who   uint32  // whose weight counts
}

// Group is all rows with one score.
type Group struct {
	Score float64
	Rows  float64
	Lost  float64
}

// Ranking is rows in the order of their scores. It is made once and counted
// under many weights.
type Ranking struct {
	rows []Row // highest score first
}

// Rank sorts the rows, which it takes over.
func Rank(rows []Row) Ranking {
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(b.Score, a.Score) })

	return Ranking{rows}
}

// Groups appends the groups, highest score first, to dst. A row counts as
// often as weights[row.Who] says; once where weights is nil. Groups of no
// weight are left out.
func (r Ranking) Groups(dst []Group, weights []uint32) []Group {
	for i := 0; i < len(r.rows); {
		g := Group{Score: r.rows[i].Score}
		for ; i < len(r.rows) && r.rows[i].Score == g.Score; i++ {
			weight := 1.0
			if weights != nil {
				weight = float64(weights[r.rows[i].Who])
			}
			g.Rows += weight
			if r.rows[i].Lost {
				g.Lost += weight
			}
		}
		if g.Rows > 0 {
			dst = append(dst, g)
		}
	}

	return dst
}

// Total is the number of rows and of those that were lost.
func Total(groups []Group) (rows, lost float64) {
	for _, g := range groups {
		rows += g.Rows
		lost += g.Lost
	}

	return rows, lost
}

// BaseRate is the share of the rows that were lost.
func BaseRate(groups []Group) float64 {
	rows, lost := Total(groups)

	return lost / rows
}
