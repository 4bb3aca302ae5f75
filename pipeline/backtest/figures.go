package backtest

import (
	"math"
	"strconv"

	"ebb/pipeline/backtest/skill"
)

// Number is a figure that is null in JSON where it can't be said, and has six
// decimals there.
type Number float64

// MarshalJSON writes the number or null.
func (n Number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}

	return strconv.AppendFloat(nil, math.Round(float64(n)*1e6)/1e6, 'f', -1, 64), nil
}

// Figures say how good a score is on some rows.
type Figures struct {
	AUC          Number `json:"auc"`
	PRAUC        Number `json:"pr_auc"`
	TopDecile    Number `json:"top_decile_lift"`
	Brier        Number `json:"brier"`
	ECE          Number `json:"ece"` // 10 bins of equal count
	ObservedOver Number `json:"observed_over_expected"`
}

const (
	bins      = 10
	topDecile = 0.1
)

func figuresOf(groups []skill.Group) Figures {
	return Figures{
		AUC:          Number(skill.AUC(groups)),
		PRAUC:        Number(skill.AveragePrecision(groups)),
		TopDecile:    Number(skill.TopLift(groups, topDecile)),
		Brier:        Number(skill.Brier(groups)),
		ECE:          Number(skill.CalibrationError(groups, bins)),
		ObservedOver: Number(skill.ObservedOverExpected(groups)),
	}
}

// all are the figures, one by one.
func (f *Figures) all() [6]*Number {
	return [...]*Number{&f.AUC, &f.PRAUC, &f.TopDecile, &f.Brier, &f.ECE, &f.ObservedOver}
}

// meanOf is the mean of each figure over the times at which it can be said.
func meanOf(times []Figures) Figures {
	var mean Figures
	for figure, result := range mean.all() {
		values := make([]float64, len(times))
		for i := range times {
			values[i] = float64(*times[i].all()[figure])
		}
		*result = Number(meanDefined(values))
	}

	return mean
}

// meanDefined is the mean of the values that are not NaN; NaN where all are.
func meanDefined(values []float64) float64 {
	var sum, n float64
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v
			n++
		}
	}

	return sum / n
}
