package backtest

import (
	"slices"

	"ebb/pipeline/churn"
)

// A curve has so many steps over the whole log, and so many more over the last
// CloseHorizons, which those who are named at the end are shown in.
const (
	curvePoints   = 300
	closerPoints  = 120
	CloseHorizons = 4
)

// curves are what the risk of any customer can be drawn by after the log has
// gone through: the parameters that were in use at each time. Who is worth
// drawing is known only at the end.
type curves struct {
	times      []int64 // ascending
	left       []int64 // those still to come
	parameters []churn.Parameters
}

func newCurves(log *Log, horizon int64) curves {
	var c curves
	spread := func(from int64, n int64) {
		for i := range n + 1 {
			c.times = append(c.times, from+(log.Last-from)*i/n)
		}
	}
	spread(log.First, curvePoints)
	spread(max(log.First, log.Last-CloseHorizons*horizon), closerPoints)
	slices.Sort(c.times)
	c.times = slices.Compact(c.times)
	c.left = c.times

	return c
}

// note takes the parameters of the next time.
func (c *curves) note(m *churn.Model) {
	c.parameters = append(c.parameters, *m.Parameters())
	c.left = c.left[1:]
}

// draw is the steady risk of each of the customers at each of the times: what a
// customer's history comes to depends on nobody else, and not on parameters.
func (c *curves) draw(log *Log, config churn.Config, who []uint32) ([][]float64, error) {
	model, err := churn.NewModel(config)
	if err != nil {
		return nil, err
	}
	states := make(map[uint32]*churn.State, len(who))
	for _, customer := range who {
		states[customer] = new(churn.State)
	}
	risks := make([][]float64, len(who))
	done := 0
	until := func(clock int64) {
		for ; done < len(c.times) && c.times[done] <= clock; done++ {
			model.SetParameters(c.parameters[done])
			for i, customer := range who {
				risks[i] = append(risks[i], model.Steady(states[customer], c.times[done]).Risk())
			}
		}
	}
	for i := range log.Events {
		event := &log.Events[i]
		until(event.Clock - 1)
		state, ok := states[event.Customer]
		switch {
		case !ok:
		case !event.Late:
			model.Observe(state, event.Event)
		case model.TakesLate(state, event.Time, event.Clock):
			model.ObserveLate(state, event.Event)
		}
	}
	until(log.Last)

	return risks, nil
}
