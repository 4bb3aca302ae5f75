package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
)

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
	c := NewCoordinator(partitions, nil)
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
		answer, ok, err := c.Offer(report)
		if err != nil {
			observer.Retried(err)
		}
		if !ok {
			continue
		}
		if err := publishAnswer(ctx, answer, answers, observer); err != nil {
			return ended(ctx, err)
		}
	}
}

// publishAnswer tries until every partition has the answer.
func publishAnswer(ctx context.Context, answer Answer, answers Answers, observer Observer) error {
	body, err := json.Marshal(answer.ModelFact)
	if err != nil {
		return fmt.Errorf("encode the parameters: %w", err)
	}
	var retries backoff
	for _, partition := range answer.To {
		for {
			err := answers.PublishModel(ctx, partition, body)
			if err == nil {
				break
			}
			observer.Retried(err)
			if err := retries.wait(ctx); err != nil {
				return err
			}
		}
		retries.reset()
	}

	return nil
}
