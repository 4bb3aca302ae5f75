package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"

	"ebb/pipeline"
	"ebb/pipeline/churn"
)

// reports are what so many shards report of their customers, for a question.
func reports(t *testing.T, partitions int, question uint64, model uint64) []pipeline.StatisticsReport {
	t.Helper()
	m, err := churn.NewModel(churn.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 1))
	day := int64(86_400_000)
	now := 400 * day
	all := make([]pipeline.StatisticsReport, partitions)
	for partition := range all {
		all[partition] = pipeline.StatisticsReport{
			Schema: 1, Partition: partition, Import: "i", Coordinate: question, Model: model, Clock: now,
		}
		for range 40 {
			var state churn.State
			gap := 1 + random.Int64N(20)
			for at := now - 300*day; at < now-random.Int64N(30)*day; at += (1 + random.Int64N(2*gap)) * day {
				m.Observe(&state, at, true)
			}
			all[partition].Statistics.Add(m, &state, now)
		}
	}

	return all
}

// The coordinator answers once all partitions have asked the same question,
// and the answer does not depend on the order in which they ask.
func TestCoordinatorAnswers(t *testing.T) {
	const partitions = 4
	var first pipeline.ModelFact
	for seed := range uint64(6) {
		c := pipeline.NewCoordinator(partitions)
		asked := reports(t, partitions, 1, 6)
		rand.New(rand.NewPCG(seed, 2)).Shuffle(partitions, func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
		var fact pipeline.ModelFact
		for i, report := range asked {
			got, ok, err := c.Offer(report)
			if err != nil || ok != (i == partitions-1) {
				t.Fatalf("report %d: %v %v", i, ok, err)
			}
			fact = got
		}
		if fact.Import != "i" || fact.Coordinate != 1 || fact.Population.Version != 7 {
			t.Fatalf("%+v", fact)
		}
		if seed == 0 {
			first = fact
		} else if fact != first {
			t.Fatalf("another order gives %+v, want %+v", fact, first)
		}
		if _, ok, _ := c.Offer(asked[0]); ok {
			t.Error("a report that came twice was answered twice")
		}
	}
}

func TestCoordinatorWaitsForTheSameQuestion(t *testing.T) {
	c := pipeline.NewCoordinator(2)
	one, two := reports(t, 2, 1, 0), reports(t, 2, 2, 0)
	for i, step := range []struct {
		report   pipeline.StatisticsReport
		answered bool
	}{{one[0], false}, {two[1], false}, {two[0], true}, {one[1], false}} {
		if _, ok, err := c.Offer(step.report); ok != step.answered || err != nil {
			t.Errorf("step %d: answered %v, %v", i, ok, err)
		}
	}
	if _, _, err := c.Offer(pipeline.StatisticsReport{Partition: 2}); err == nil {
		t.Error("a report of partition 2 of 2 was taken")
	}
}

// Too few customers to fit from: the answer changes nothing, but it comes, so
// that an import does not wait for ever.
func TestCoordinatorAnswersWithoutCustomers(t *testing.T) {
	c := pipeline.NewCoordinator(1)
	fact, ok, err := c.Offer(pipeline.StatisticsReport{Schema: 1, Coordinate: 1, Model: 3})
	if !ok || err != nil || fact.Population.Version != 0 {
		t.Errorf("%+v %v %v", fact, ok, err)
	}
}

// bodies is a source of statistics in memory.
type bodies [][]byte

func (b *bodies) Next(ctx context.Context) ([]byte, error) {
	if len(*b) == 0 {
		<-ctx.Done()

		return nil, ctx.Err()
	}
	body := (*b)[0]
	*b = (*b)[1:]

	return body, nil
}

func (b *bodies) Close() error { return nil }

// answers collects what the coordinator publishes; the first try fails.
type answers struct {
	failed bool
	facts  []pipeline.ModelFact
	done   context.CancelFunc
}

func (a *answers) PublishModel(_ context.Context, partition int, body []byte) error {
	if !a.failed {
		a.failed = true

		return errors.New("no answer")
	}
	var fact pipeline.ModelFact
	if err := json.Unmarshal(body, &fact); err != nil {
		return err
	}
	a.facts = append(a.facts, fact)
	if partition == 1 {
		a.done()
	}

	return nil
}

func TestCoordinatePublishesToAllPartitions(t *testing.T) {
	var source bodies
	for _, report := range reports(t, 2, 5, 0) {
		body, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, body)
	}
	ctx, cancel := context.WithCancel(t.Context())
	to := &answers{done: cancel}
	counter := &countingObserver{}
	if err := pipeline.Coordinate(ctx, 2, &source, to, counter); err != nil {
		t.Fatal(err)
	}
	if len(to.facts) != 2 || to.facts[0] != to.facts[1] || to.facts[0].Coordinate != 5 || to.facts[0].Population.Version != 1 {
		t.Errorf("%+v", to.facts)
	}
	if counter.retried != 1 {
		t.Errorf("%d failures were told, want 1", counter.retried)
	}
}

// A report that can't be read is passed over: stopping would stop again at the
// same one.
func TestCoordinatePassesOverBadReports(t *testing.T) {
	source := bodies{[]byte("{"), []byte(`{"schema":1,"partition":9}`)}
	for _, report := range reports(t, 2, 5, 0) {
		body, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, body)
	}
	ctx, cancel := context.WithCancel(t.Context())
	to := &answers{done: cancel, failed: true}
	counter := &countingObserver{}
	if err := pipeline.Coordinate(ctx, 2, &source, to, counter); err != nil {
		t.Fatal(err)
	}
	if len(to.facts) != 2 || counter.retried != 2 {
		t.Errorf("%d answers and %d failures, want 2 and 2", len(to.facts), counter.retried)
	}
}

type countingObserver struct{ retried, committed int }

func (c *countingObserver) Committed(*pipeline.Cut, int) { c.committed++ }
func (c *countingObserver) Retried(error)                { c.retried++ }
