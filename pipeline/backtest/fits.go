package backtest

import (
	"context"
	"errors"
	"math"
	"sync"

	"ebb/pipeline/backtest/bgnbd"
)

// fits fit the BG/NBD model to the customers at each evaluation time, and give
// its scores to the rows. Fitting takes as long as streaming, and the stream
// does not need it: it has a goroutine of its own, which begins each fit at the
// one before.
type fits struct {
	jobs    chan fitting
	running sync.WaitGroup
	done    []bgnbd.Fitted // in the order of the jobs; to be read after finish
}

// fitting is what one fit needs of its time. The rows are its own until finish.
type fitting struct {
	histories []bgnbd.History // that it is made from
	rows      []row
	of        []bgnbd.History // by row
	span      float64         // the horizon in weeks
}

// queuedFits is how many may wait: as many as there are evaluation times.
const queuedFits = 2 * mostTimes

// startFits returns fits whose finish has to be called. They end early with ctx.
func startFits(ctx context.Context) *fits {
	f := &fits{jobs: make(chan fitting, queuedFits)}
	f.running.Go(func() {
		var before bgnbd.Parameters
		for job := range f.jobs {
			if ctx.Err() != nil {
				continue
			}
			fitted := fitBGNBD(job.histories, before)
			before = fitted.Parameters
			for i := range job.rows {
				job.rows[i].scores[bgnbdNone] = fitted.None(job.of[i], job.span)
			}
			f.done = append(f.done, fitted)
		}
	})

	return f
}

// add takes the habits as they are now, for the rows of an evaluation.
func (f *fits) add(e *engine, h *habits, v evaluation) {
	job := fitting{rows: v.rows, span: float64(e.model.Horizon()) / float64(weekMS)}
	for i := range h.of {
		if who := &h.of[i]; who.events > 0 {
			job.histories = append(job.histories, who.history(v.at))
		}
	}
	for i := range v.rows {
		who := h.known(v.rows[i].customer, e)
		job.of = append(job.of, who.history(v.at))
	}
	f.jobs <- job
}

// finish waits for the last of them.
func (f *fits) finish() []bgnbd.Fitted {
	close(f.jobs)
	f.running.Wait()

	return f.done
}

// fitBGNBD fits the model to the customers' histories, beginning at the
// parameters of the time before. Where there is nothing to fit, those are kept;
// at the first time all are 1, in weeks.
func fitBGNBD(histories []bgnbd.History, before bgnbd.Parameters) bgnbd.Fitted {
	fitted, err := bgnbd.Fit(histories, before)
	if errors.Is(err, bgnbd.ErrTooFew) {
		if before == (bgnbd.Parameters{}) {
			before = bgnbd.Parameters{R: 1, Alpha: 1, A: 1, B: 1}
		}

		return bgnbd.Fitted{Parameters: before, LogLikelihood: math.NaN(), Customers: len(histories)}
	}

	return fitted
}
