package backtest

import (
	"context"

	"ebb/pipeline/churn"
)

// LearningRows streams the whole log through the detector and returns the
// complete rows that it has learned from, in that order: what churn.FitPrior
// takes. They are some tens of bytes each and at most a few thousand a
// learning step, an eighth of the horizon.
func LearningRows(ctx context.Context, log *Log, config churn.Config) ([]churn.Row, error) {
	e, err := newEngine(config, len(log.Customers), log.First)
	if err != nil {
		return nil, err
	}
	var rows []churn.Row
	e.learned = func(row churn.Row) { rows = append(rows, row) }
	if err := e.stream(ctx, log, func(uint64) {}); err != nil {
		return nil, err
	}

	return rows, nil
}
