package churn

import (
	"errors"
	"fmt"
	"math"
)

// Row is one customer's terms at one time and what became of it: what the
// model learns from. Terms are in steps of 1/31 standard deviation, so a row
// is written in RowSize bytes.
type Row struct {
	Terms   [features]int8
	Elapsed uint8 // of those who come back, the share that would have by now, in 255ths
	Outcome Outcome
}

// Outcome says what became of a customer in the horizon that begins with a row.
// Who has ended the relation, and has not been back, counts as not having come:
// as of now where the horizon is not over, and as of its end where it is.
type Outcome uint8

// The outcomes.
const (
	Waiting  Outcome = iota // the horizon is not over, and no qualifying event came so far, or the customer has ended the relation
	Back                    // one came, the horizon is not over, and the customer has not ended the relation
	Lost                    // the horizon is over: none came in it, or the customer has ended the relation as of its end
	Returned                // the horizon is over: one came, and the customer has not ended the relation as of its end
	outcomes
)

// Complete says whether the horizon is over.
func (o Outcome) Complete() bool { return o >= Lost }

func (o Outcome) back() bool { return o == Back || o == Returned }

func (o Outcome) lost() float64 {
	if o == Lost {
		return 1
	}

	return 0
}

const (
	stepsPerDeviation = 31 // clipAt of them fit into an int8
	wholeElapsed      = 255
)

func (v *vector) round() (rounded [features]int8) {
	for i, x := range v {
		rounded[i] = int8(math.Round(x * stepsPerDeviation))
	}

	return rounded
}

// vector are the terms, with a 1 for the intercept.
func (r *Row) vector() (x [terms]float64) {
	for i, step := range r.Terms {
		x[i] = float64(step) / stepsPerDeviation
	}
	x[termBias] = 1

	return x
}

// RowSize is how many bytes AppendRows appends for a row.
const RowSize = features + 2

// AppendRows appends the rows: the terms, Elapsed and Outcome of each.
func AppendRows(dst []byte, rows []Row) []byte {
	for _, row := range rows {
		for _, step := range row.Terms {
			dst = append(dst, byte(step))
		}
		dst = append(dst, row.Elapsed, byte(row.Outcome))
	}

	return dst
}

// ErrRows says that bytes are not rows that AppendRows wrote.
var ErrRows = errors.New("churn: not rows")

// ReadRows reads all rows. The error wraps ErrRows.
func ReadRows(src []byte) ([]Row, error) {
	if len(src)%RowSize != 0 {
		return nil, fmt.Errorf("%w: %d bytes, want a multiple of %d", ErrRows, len(src), RowSize)
	}
	rows := make([]Row, len(src)/RowSize)
	for i := range rows {
		part := src[i*RowSize:]
		for j := range features {
			rows[i].Terms[j] = int8(part[j])
		}
		rows[i].Elapsed, rows[i].Outcome = part[features], Outcome(part[features+1])
		if rows[i].Outcome >= outcomes {
			return nil, fmt.Errorf("%w: outcome %d of row %d", ErrRows, rows[i].Outcome, i)
		}
	}

	return rows, nil
}
