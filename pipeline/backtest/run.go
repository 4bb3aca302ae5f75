package backtest

import (
	"cmp"
	"context"

	"ebb/pipeline/churn"
)

// Progress says how far a backtest has come. Stage is a word for people.
type Progress struct {
	Stage string
	Done  uint64
	Total uint64
}

// Stages of a backtest.
const (
	StageStreaming  = "streaming"
	StageThresholds = "trying thresholds"
	StageMeasuring  = "resampling"
)

// Run streams the log through the detector, evaluates it at every evaluation
// time, and says how good it was. The detector learns on the way, as it does
// live: at a time T its weights come from rows whose outcome, of a whole
// horizon, was complete by T. progress, which may be nil, is told how far it
// has come.
func Run(ctx context.Context, log *Log, config Config, progress func(Progress)) (*Report, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	horizon := config.Churn.Horizon
	at := config.At
	var err error
	if len(at) == 0 {
		at, err = Schedule(log.First, log.Last, horizon)
	} else {
		err = check(at, log, horizon)
	}
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	s, err := newStream(log, config.Churn, at)
	if err != nil {
		return nil, err
	}
	if err := s.run(ctx, progress); err != nil {
		return nil, err
	}

	return s.report(ctx, config, progress)
}

// stream is a log on its way through the detector.
type stream struct {
	log    *Log
	truth  truth
	engine *engine
	habits *habits
	curves curves
	cold   []int64 // times of the cold phase, before the evaluation times
	at     []int64 // evaluation times

	coldEvaluations []evaluation
	evaluations     []evaluation
}

func newStream(log *Log, config churn.Config, at []int64) (*stream, error) {
	e, err := newEngine(config, len(log.Customers), log.First)
	if err != nil {
		return nil, err
	}
	e.ladder = newLadder(e.model, curveThresholds(), len(log.Customers))
	t := truthOf(log)

	return &stream{
		log:    log,
		truth:  t,
		engine: e,
		habits: newHabits(len(log.Customers), config.Horizon),
		curves: newCurves(log, config.Horizon),
		cold:   coldTimes(log.First, config.Horizon, at[0]),
		at:     at,
	}, nil
}

// run takes all events in their order. What is looked at a time is looked at
// before the first event with a later clock.
func (s *stream) run(ctx context.Context, progress func(Progress)) error {
	fits := startFits(ctx)
	err := s.take(ctx, fits, progress)
	fitted := fits.finish()
	if err := cmp.Or(err, ctx.Err()); err != nil {
		return err
	}
	for i := range s.coldEvaluations {
		s.coldEvaluations[i].fit = fitted[i]
	}
	for i := range s.evaluations {
		s.evaluations[i].fit = fitted[len(s.coldEvaluations)+i]
	}

	return nil
}

func (s *stream) take(ctx context.Context, fits *fits, progress func(Progress)) error {
	for i := range s.log.Events {
		event := &s.log.Events[i]
		if i%progressRows == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			progress(Progress{StageStreaming, uint64(i), uint64(len(s.log.Events))})
		}
		if err := s.look(ctx, fits, event.Clock-1); err != nil {
			return err
		}
		if err := s.engine.take(event); err != nil {
			return err
		}
		s.habits.take(event)
	}
	if err := s.look(ctx, fits, s.log.Last); err != nil {
		return err
	}
	s.engine.ladder.climbAll(s.engine.states, s.log.Last)

	return nil
}

// look evaluates, and notes what curves are drawn by, at all times up to one.
func (s *stream) look(ctx context.Context, fits *fits, until int64) error {
	for {
		evaluate, sit := s.next(until)
		if !evaluate && !sit {
			return ctx.Err()
		}
		if sit {
			if err := s.engine.advance(s.curves.left[0]); err != nil {
				return err
			}
			s.curves.note(s.engine.model)
		}
		if evaluate {
			if err := s.evaluate(fits); err != nil {
				return err
			}
		}
	}
}

// next says what comes next up to a time; both at once never.
func (s *stream) next(until int64) (evaluate, sit bool) {
	at, left := s.nextTime()
	evaluate = left && at <= until
	sit = len(s.curves.left) > 0 && s.curves.left[0] <= until
	if evaluate && sit {
		sit = s.curves.left[0] < at
		evaluate = !sit
	}

	return evaluate, sit
}

// nextTime is the next time of the cold phase, or evaluation time.
func (s *stream) nextTime() (at int64, left bool) {
	done := len(s.coldEvaluations)
	if done < len(s.cold) {
		return s.cold[done], true
	}
	done = len(s.evaluations)
	if done < len(s.at) {
		return s.at[done], true
	}

	return 0, false
}

func (s *stream) evaluate(fits *fits) error {
	at, _ := s.nextTime()
	if err := s.engine.advance(at); err != nil {
		return err
	}
	v := evaluate(s.engine, s.habits, s.truth, at)
	fits.add(s.engine, s.habits, v)
	if len(s.coldEvaluations) < len(s.cold) {
		s.coldEvaluations = append(s.coldEvaluations, v)
	} else {
		s.evaluations = append(s.evaluations, v)
	}

	return nil
}
