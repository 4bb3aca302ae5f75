package pipeline

import (
	"context"
	"encoding/json"
	"fmt"

	"ebb/pipeline/churn"
)

// Coordinator answers what one shard can't know alone. In this form that is
// one population for all partitions, fitted from all shards' statistics.
//
// Its state is the last report of every partition, which the statistics
// stream keeps. So it recovers by reading that again, and may answer twice:
// an answer carries its version, and one that is known changes nothing.
type Coordinator struct {
	last     []StatisticsReport // by partition; Schema is 0 where none came
	answered question
}

// question is what the shards ask about: one interval of one import, or of
// live time.
type question struct {
	imported   string
	coordinate uint64
}

// NewCoordinator returns a coordinator of so many partitions.
func NewCoordinator(partitions int) *Coordinator {
	return &Coordinator{last: make([]StatisticsReport, partitions)}
}

// Offer takes one report. It returns the answer if this was the last report
// that a question waited for.
func (c *Coordinator) Offer(report StatisticsReport) (ModelFact, bool, error) {
	if report.Partition < 0 || report.Partition >= len(c.last) {
		return ModelFact{}, false, fmt.Errorf("statistics of partition %d; there are %d partitions", report.Partition, len(c.last))
	}
	c.last[report.Partition] = report
	asked := question{report.Import, report.Coordinate}
	if asked == c.answered {
		return ModelFact{}, false, nil
	}
	var sum churn.Statistics
	var version uint64
	for i := range c.last {
		held := &c.last[i]
		if held.Schema == 0 || (question{held.Import, held.Coordinate}) != asked {
			return ModelFact{}, false, nil // not yet
		}
		sum.Merge(held.Statistics)
		version = max(version, held.Model)
	}
	c.answered = asked
	population, ok := churn.Fit(sum)
	if !ok {
		// Too little to fit from: the shards keep what they have, because its
		// version is not above theirs.
		population = churn.Population{}
	} else {
		population.Version = version + 1
	}

	return ModelFact{Import: asked.imported, Coordinate: asked.coordinate, Population: population}, true, nil
}

// StatisticsSource reads the statistics stream: first the last report of every
// partition, then what comes.
type StatisticsSource interface {
	Next(ctx context.Context) ([]byte, error)
	Close() error
}

// Answers publishes control records to the partitions.
type Answers interface {
	PublishModel(ctx context.Context, partition int, body []byte) error
}

// Coordinate runs a coordinator until the context ends, and then returns nil.
func Coordinate(ctx context.Context, partitions int, source StatisticsSource, answers Answers, observer Observer) error {
	c := NewCoordinator(partitions)
	var retries backoff
	for {
		body, err := source.Next(ctx)
		if err != nil {
			return ended(ctx, fmt.Errorf("read statistics: %w", err))
		}
		var report StatisticsReport
		if err := json.Unmarshal(body, &report); err != nil {
			// Stopping would stop again at the same report.
			observer.Retried(fmt.Errorf("pass over the statistics report %.60q: %w", body, err))

			continue
		}
		fact, ok, err := c.Offer(report)
		if err != nil {
			observer.Retried(err)
		}
		if !ok {
			continue
		}
		answer, err := json.Marshal(fact)
		if err != nil {
			return fmt.Errorf("encode the population: %w", err)
		}
		for partition := range partitions {
			for {
				err := answers.PublishModel(ctx, partition, answer)
				if err == nil {
					break
				}
				observer.Retried(err)
				if err := retries.wait(ctx); err != nil {
					return ended(ctx, err)
				}
			}
			retries.reset()
		}
	}
}
