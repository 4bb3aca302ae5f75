package coordinate

import (
	"context"
	"encoding/json"
	"fmt"

	"golang.org/x/sync/errgroup"

	"ebb/pipeline/fact"
	"ebb/pipeline/own"
)

// StatisticsSource reads the statistics stream: first the last report of every
// partition, then what comes.
type StatisticsSource interface {
	// Next returns the next report, and whether more are there by now.
	Next(ctx context.Context) (body []byte, more bool, err error)
	Close() error
}

// Answers publishes control records to the partitions. Those of an import,
// which imported names, are kept for the importer, who puts them at their
// places; of live time, where imported is empty, they go into the partition's
// input at once. Their methods may be called from several goroutines.
type Answers interface {
	PublishModel(ctx context.Context, partition int, imported string, body []byte) error
	PublishAlerts(ctx context.Context, partition int, imported string, body []byte) error
}

// Coordinate runs a coordinator until the context ends, and then returns nil.
func Coordinate(ctx context.Context, partitions int, source StatisticsSource, answers Answers, observer own.Observer) error {
	c, a := NewCoordinator(partitions, nil), NewAllotter(partitions)
	for {
		body, more, err := source.Next(ctx)
		if err != nil {
			return own.Ended(ctx, fmt.Errorf("read statistics: %w", err))
		}
		var report fact.StatisticsReport
		if err := json.Unmarshal(body, &report); err != nil {
			// Stopping would stop again at the same report.
			observer.Retried(fmt.Errorf("pass over the statistics report %.60q: %w", body, err))

			continue
		}
		// An import goes on once it has the model, so alerts come before it.
		grants, err := a.Offer(report, more)
		if err != nil {
			observer.Retried(err)
		}
		if err := publishGrants(ctx, grants, answers, observer); err != nil {
			return own.Ended(ctx, err)
		}
		answer, ok, err := c.Offer(report, more)
		if err != nil {
			observer.Retried(err)
		}
		if !ok {
			continue
		}
		if err := publishAnswer(ctx, answer, answers, observer); err != nil {
			return own.Ended(ctx, err)
		}
	}
}

// publishAnswer publishes until every partition has the answer.
func publishAnswer(ctx context.Context, answer Answer, answers Answers, observer own.Observer) error {
	body, err := json.Marshal(answer.ModelFact)
	if err != nil {
		return fmt.Errorf("encode the parameters: %w", err)
	}
	var group errgroup.Group // side by side: an import waits for the last of them
	for _, partition := range answer.To {
		group.Go(func() error {
			publish := func() error { return answers.PublishModel(ctx, partition, answer.Import, body) }

			return own.UntilStored(ctx, publish, observer)
		})
	}

	return group.Wait()
}

// publishGrants publishes until every partition has its own.
func publishGrants(ctx context.Context, grants []Grant, answers Answers, observer own.Observer) error {
	for _, grant := range grants {
		body, err := json.Marshal(grant.AlertsFact)
		if err != nil {
			return fmt.Errorf("encode the alerts: %w", err)
		}
		publish := func() error { return answers.PublishAlerts(ctx, grant.To, grant.Import, body) }
		if err := own.UntilStored(ctx, publish, observer); err != nil {
			return err
		}
	}

	return nil
}
