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
	for i := range log.Events {
		if i%progressRows == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := e.take(&log.Events[i]); err != nil {
			return nil, err
		}
	}
	if err := e.advance(log.Last); err != nil {
		return nil, err
	}

	return rows, nil
}
