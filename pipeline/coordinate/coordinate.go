package coordinate

import (
	"fmt"

	"ebb/pipeline/churn"
	"ebb/pipeline/fact"
)

// Coordinator answers what one shard can't know alone: the parameters of the
// churn model, learned from what all shards have seen.
//
// Its state is the last report of every partition, which the statistics
// stream keeps. So it recovers by reading that again, and may answer twice:
// an answer carries its version, and one that is known changes nothing. Several
// coordinators may run, and learn one version from different repeats of a live
// question. Then everybody uses the one answer of them that no other is
// churn.Parameters.Before, in whatever order they come.
//
// It learns only where all partitions use the same parameters. One that has
// missed an answer is sent the newest first: its report may repeat rows which
// those were learned from, and no row is learned from twice.
//
// Live it waits for the partitions that it has heard of, because one without
// customers says nothing. One that begins to is without the newest parameters,
// and so is sent them before anything is learned from it.
type Coordinator struct {
	last     []fact.StatisticsReport // by partition; Schema is 0 where none came
	answered question
	answer   fact.ModelFact // to answered
	prior    *churn.Prior
}

// question is what the shards ask about: a tick of an import, or a learning
// step of live time.
type question struct {
	imported   string
	coordinate uint64
	horizon    int64 // ms, in whose slots learning steps are counted: of another horizon it is another question
}

func questionOf(r *fact.StatisticsReport) question {
	return question{r.Import, r.Coordinate, r.Horizon}
}

// Answer is what the coordinator says, and to whom.
type Answer struct {
	fact.ModelFact
	To []int // partitions
}

// NewCoordinator returns a coordinator of so many partitions.
// A nil prior is the shipped one.
func NewCoordinator(partitions int, prior *churn.Prior) *Coordinator {
	if prior == nil {
		prior = churn.ShippedPrior()
	}

	return &Coordinator{last: make([]fact.StatisticsReport, partitions), prior: prior}
}

// Offer takes one report and reports whether there is an answer. An import
// waits for one, so the last partition to ask always brings it, even with an
// error: then the shards keep the parameters they have. Live there is one only
// where it changes something; until then shards ask again. more says that later
// reports are there to be read: live nothing new is learned before these are.
func (c *Coordinator) Offer(report fact.StatisticsReport, more bool) (Answer, bool, error) {
	if report.Partition < 0 || report.Partition >= len(c.last) {
		return Answer{}, false, fmt.Errorf("statistics of partition %d; there are %d partitions", report.Partition, len(c.last))
	}
	c.last[report.Partition] = report
	asked, live := questionOf(&report), report.Import == ""
	if asked == c.answered {
		lost := live && report.Parameters.Before(&c.answer.Parameters)

		return Answer{c.answer, []int{report.Partition}}, lost, nil
	}
	if !c.complete(asked) || live && more {
		return Answer{}, false, nil
	}
	answer := Answer{ModelFact: fact.ModelFact{Import: asked.imported, Coordinate: asked.coordinate, Horizon: asked.horizon}}
	newest, behind := c.newest()
	if len(behind) > 0 {
		answer.Parameters, answer.To = newest, behind
		if live {
			return answer, true, nil // they will ask again
		}
	}
	var err error
	if len(behind) == 0 {
		var learned bool
		answer.Parameters, learned, err = c.learn(newest)
		if live && !learned {
			return Answer{}, false, err
		}
	}
	c.answered, c.answer = asked, answer.ModelFact
	answer.To = c.heard()

	return answer, true, err
}

// complete says whether the last report of every partition asks this, live of
// every partition that was heard of.
func (c *Coordinator) complete(asked question) bool {
	for i := range c.last {
		held := &c.last[i]
		if held.Schema == 0 && asked.imported == "" {
			continue
		}
		if held.Schema == 0 || questionOf(held) != asked {
			return false
		}
	}

	return true
}

// newest are the newest parameters in use, and the partitions that have missed
// them.
func (c *Coordinator) newest() (newest churn.Parameters, behind []int) {
	heard := c.heard()
	for n, i := range heard {
		if p := &c.last[i].Parameters; n == 0 || newest.Before(p) {
			newest = *p
		}
	}
	for _, i := range heard {
		if c.last[i].Parameters.Before(&newest) {
			behind = append(behind, i)
		}
	}

	return newest, behind
}

// heard are the partitions that have reported.
func (c *Coordinator) heard() (heard []int) {
	for i := range c.last {
		if c.last[i].Schema != 0 {
			heard = append(heard, i)
		}
	}

	return heard
}

// learn makes parameters from the last reports. It reports false, and gives
// parameters of version 0, where they say too little or no learning step has
// passed: then the shards keep what they have.
func (c *Coordinator) learn(used churn.Parameters) (churn.Parameters, bool, error) {
	var step int64
	var sum churn.Statistics
	var rows []churn.Row
	for i := range c.last {
		held := &c.last[i]
		step = max(step, held.Step)
		sum.Merge(held.Statistics)
		more, err := churn.ReadRows(held.Rows)
		if err != nil {
			return churn.Parameters{}, false, fmt.Errorf("statistics of partition %d: %w", held.Partition, err)
		}
		rows = append(rows, more...)
	}
	if used.Version > 0 && step <= used.Step {
		return churn.Parameters{}, false, nil
	}
	learned, ok := c.prior.Learn(used, step, sum, rows)
	if !ok {
		return churn.Parameters{}, false, nil
	}

	return learned, true, nil
}
