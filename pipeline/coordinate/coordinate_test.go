package coordinate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"ebb/pipeline/churn"
	"ebb/pipeline/coordinate"
	"ebb/pipeline/fact"
	"ebb/pipeline/shard"
)

// population is what so many partitions have seen, ready to report.
type population struct {
	t      *testing.T
	model  *churn.Model
	shards []sampled
	now    int64
	random *rand.Rand
}

type sampled struct {
	states  []churn.State
	sampler *churn.Sampler
}

const testDay = int64(86_400_000)

func newPopulation(t *testing.T, partitions int) *population {
	t.Helper()
	m, err := churn.NewModel(churn.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	p := &population{t: t, model: m, now: 400 * testDay, random: rand.New(rand.NewPCG(1, 1))}
	for range partitions {
		p.shards = append(p.shards, sampled{make([]churn.State, 40), churn.NewSampler(m, partitions)})
	}

	return p
}

// live lets time pass, by so many learning steps.
func (p *population) live(steps int) {
	for range steps {
		from := p.now
		p.now = (p.model.Step(p.now) + 1) * p.model.Slot()
		for i := range p.shards {
			for c := range p.shards[i].states {
				// The rarer a customer comes, the sooner will there be none.
				for at := from; at < p.now; at += testDay {
					if p.random.IntN(2+c) == 0 && p.random.IntN(1000) > c {
						p.model.Observe(&p.shards[i].states[c], churn.Event{Time: at, Qualifying: true})
					}
				}
			}
			p.shards[i].sampler.Draw(p.model, p.now, 40, p.state(i))
		}
	}
}

func (p *population) state(shard int) func(uint32) *churn.State {
	return func(c uint32) *churn.State { return &p.shards[shard].states[c] }
}

// reports are what all partitions report for a question of import i, or live
// where imported is empty.
func (p *population) reports(imported string, question uint64) []fact.StatisticsReport {
	all := make([]fact.StatisticsReport, len(p.shards))
	for i := range all {
		sampler := p.shards[i].sampler
		all[i] = fact.StatisticsReport{
			Schema: 2, Partition: i, Import: imported, Coordinate: question, Clock: p.now,
			Step: p.model.Step(p.now), Parameters: *p.model.Parameters(),
			Rows: churn.AppendRows(nil, sampler.Report(p.model, p.now, p.state(i))),
		}
		for c := range p.shards[i].states {
			all[i].Statistics.Add(p.model, p.state(i)(uint32(c)), p.now)
		}
	}

	return all
}

// learn takes an answer, as every shard does.
func (p *population) learn(answer coordinate.Answer) {
	p.model.SetParameters(answer.Parameters)
	for i := range p.shards {
		p.shards[i].sampler.Learned(p.model.Parameters().Step)
	}
}

// offer gives the coordinator all reports; only the last may be answered.
func offer(t *testing.T, c *coordinate.Coordinator, reports []fact.StatisticsReport) coordinate.Answer {
	t.Helper()
	var answer coordinate.Answer
	for i, report := range reports {
		got, ok, err := c.Offer(report, i < len(reports)-1)
		if err != nil || ok != (i == len(reports)-1) {
			t.Fatalf("report %d of %d: answered %v, %v", i, len(reports), ok, err)
		}
		answer = got
	}

	return answer
}

// The coordinator answers once all partitions have asked the same question,
// and the answer depends on the reports alone: not on the order in which they
// come, and not on whether it is the same coordinator that answers again.
func TestCoordinatorAnswers(t *testing.T) {
	const partitions = 4
	p := newPopulation(t, partitions)
	p.live(12)
	p.learn(offer(t, coordinate.NewCoordinator(partitions, nil), p.reports("i", 1)))
	p.live(2)
	asked := p.reports("i", 2)
	first := offer(t, coordinate.NewCoordinator(partitions, nil), asked)
	if first.Import != "i" || first.Coordinate != 2 || first.Parameters.Version != 2 || first.Parameters.Step != p.model.Step(p.now) {
		t.Errorf("question %s %d, version %d, step %d", first.Import, first.Coordinate, first.Parameters.Version, first.Parameters.Step)
	}
	if before := p.model.Parameters(); first.Parameters.Weights == before.Weights || first.Parameters.Rates == before.Rates {
		t.Error("nothing was learned from the second reports")
	}
	if !slices.Equal(first.To, []int{0, 1, 2, 3}) {
		t.Errorf("the answer is for %v, want all", first.To)
	}
	for seed := range uint64(6) {
		c := coordinate.NewCoordinator(partitions, nil)
		rand.New(rand.NewPCG(seed, 2)).Shuffle(partitions, func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
		if answer := offer(t, c, asked); answer.ModelFact != first.ModelFact {
			t.Fatal("another order gives another answer")
		}
		if _, ok, _ := c.Offer(asked[0], false); ok {
			t.Error("an import's report that came twice was answered twice")
		}
	}
}

func TestCoordinatorWaitsForTheSameQuestion(t *testing.T) {
	c := coordinate.NewCoordinator(2, nil)
	p := newPopulation(t, 2)
	p.live(8)
	one, two := p.reports("i", 1), p.reports("i", 2)
	for i, step := range []struct {
		report   fact.StatisticsReport
		answered bool
	}{{one[0], false}, {two[1], false}, {two[0], true}, {one[1], false}} {
		if _, ok, err := c.Offer(step.report, false); ok != step.answered || err != nil {
			t.Errorf("step %d: answered %v, %v", i, ok, err)
		}
	}
	if _, _, err := c.Offer(fact.StatisticsReport{Partition: 2}, false); err == nil {
		t.Error("a report of partition 2 of 2 was taken")
	}
}

// An answer that changes nothing has version 0. In an import it comes all the
// same, so that the import does not wait for ever; live nobody needs it.
func TestCoordinatorKeepsTheParameters(t *testing.T) {
	p := newPopulation(t, 2)
	p.live(12)
	none := newPopulation(t, 2).reports("i", 1)
	for i := range none {
		none[i].Statistics, none[i].Step = churn.Statistics{}, 900
	}
	again := newPopulation(t, 2)
	again.live(12)
	again.learn(offer(t, coordinate.NewCoordinator(2, nil), again.reports("i", 1)))
	spoilt := p.reports("i", 1)
	spoilt[0].Rows = spoilt[0].Rows[1:]

	for name, test := range map[string]struct {
		reports []fact.StatisticsReport
		failure bool
	}{
		"too few customers":  {none, false},
		"no step has passed": {again.reports("i", 2), false},
		"rows can't be read": {spoilt, true},
	} {
		for _, imported := range []string{"i", ""} {
			c := coordinate.NewCoordinator(2, nil)
			for i := range test.reports {
				test.reports[i].Import = imported
			}
			if _, ok, err := c.Offer(test.reports[0], true); ok || err != nil {
				t.Errorf("%s: the first report: answered %v, %v", name, ok, err)
			}
			answer, ok, err := c.Offer(test.reports[1], false)
			if ok != (imported == "i") || (err != nil) != test.failure || test.failure && !errors.Is(err, churn.ErrRows) {
				t.Errorf("%s, import %q: answered %v, %v", name, imported, ok, err)
			}
			if answer.Parameters.Version != 0 || ok && (answer.Coordinate != test.reports[0].Coordinate || len(answer.To) != 2) {
				t.Errorf("%s, import %q: version %d to %v", name, imported, answer.Parameters.Version, answer.To)
			}
		}
	}
}

// A live shard that asks again after the answer has missed it, and gets the
// same one; the others are left alone.
func TestCoordinatorRepeatsALostAnswer(t *testing.T) {
	p := newPopulation(t, 3)
	p.live(12)
	c := coordinate.NewCoordinator(3, nil)
	asked := p.reports("", 12)
	answer := offer(t, c, asked)
	asked[1].Clock += 600_000
	again, ok, err := c.Offer(asked[1], false)
	if !ok || err != nil || again.ModelFact != answer.ModelFact || !slices.Equal(again.To, []int{1}) {
		t.Errorf("answered %v to %v, version %d, %v", ok, again.To, again.Parameters.Version, err)
	}
	asked[1].Parameters = answer.Parameters
	if _, ok, _ := c.Offer(asked[1], false); ok {
		t.Error("who has the answer got it again")
	}

	// Where the coordinator forgot, the answer is made again, for all: each
	// then has the same.
	restarted := offer(t, coordinate.NewCoordinator(3, nil), p.reports("", 12))
	if restarted.ModelFact != answer.ModelFact || len(restarted.To) != 3 {
		t.Errorf("a restarted coordinator answers version %d to %v", restarted.Parameters.Version, restarted.To)
	}
}

// Two coordinators that learned one version from different repeats of a question
// leave all shards with the same parameters, in whatever order these read the
// answers, and though only one of them had heard of the last shard.
func TestTwoCoordinatorsAgree(t *testing.T) {
	p := newPopulation(t, 3)
	p.live(12)
	asked := p.reports("", 12)
	first := coordinate.NewCoordinator(3, nil)
	one := offer(t, first, asked[:2])
	asked[1].Statistics.Repeats *= 2 // heard of more until it asked again
	second := coordinate.NewCoordinator(3, nil)
	other := offer(t, second, asked)
	if one.Parameters.Version != other.Parameters.Version || one.ModelFact == other.ModelFact {
		t.Fatalf("versions %d and %d, want two answers of one version", one.Parameters.Version, other.Parameters.Version)
	}
	greater, smaller, whose, whoElse := one, other, first, second
	if one.Parameters.Before(&other.Parameters) {
		greater, smaller, whose, whoElse = other, one, second, first
	}
	for _, order := range [][]coordinate.Answer{{one, other}, {other, one}, {one, other, one}} {
		m, err := churn.NewModel(churn.Defaults())
		if err != nil {
			t.Fatal(err)
		}
		for _, answer := range order {
			m.SetParameters(answer.Parameters)
		}
		if *m.Parameters() != greater.Parameters {
			t.Errorf("in use is version %d, but not the greater one", m.Parameters().Version)
		}
	}

	// Who got only the smaller one gets the greater one when asking again.
	asked[0].Parameters = smaller.Parameters
	if again, ok, err := whose.Offer(asked[0], false); !ok || err != nil || again.ModelFact != greater.ModelFact {
		t.Errorf("answered %v, version %d, %v", ok, again.Parameters.Version, err)
	}
	asked[0].Parameters = greater.Parameters
	if _, ok, _ := whoElse.Offer(asked[0], false); ok {
		t.Error("who has the greater one got the smaller one")
	}

	// Before anything is learned from the next question, so is everybody else.
	p.learn(greater)
	p.live(1)
	next := p.reports("", 13)
	next[2].Parameters = smaller.Parameters
	answer := offer(t, coordinate.NewCoordinator(3, nil), next)
	if answer.Parameters != greater.Parameters || !slices.Equal(answer.To, []int{2}) {
		t.Errorf("version %d to %v, want the greater one to 2", answer.Parameters.Version, answer.To)
	}
}

// Nothing is learned while a partition lacks the newest parameters: it may
// report rows which those were learned from.
func TestCoordinatorFirstBringsAllToTheNewestParameters(t *testing.T) {
	for _, imported := range []string{"i", ""} {
		p := newPopulation(t, 3)
		p.live(12)
		before := *p.model.Parameters()
		p.learn(offer(t, coordinate.NewCoordinator(3, nil), p.reports(imported, 12)))
		p.live(1)
		c := coordinate.NewCoordinator(3, nil)
		asked := p.reports(imported, 13)
		asked[1].Parameters = before
		want := []int{1}
		if imported != "" {
			want = []int{0, 1, 2} // the import waits for all
		}
		answer := offer(t, c, asked)
		if answer.Parameters != *p.model.Parameters() || !slices.Equal(answer.To, want) {
			t.Errorf("import %q: version %d to %v, want 1 to %v", imported, answer.Parameters.Version, answer.To, want)
		}
		asked[1].Parameters = answer.Parameters
		if imported != "" {
			for i := range asked {
				asked[i].Coordinate++
			}
			answer = offer(t, c, asked)
		} else {
			answer = offer(t, c, asked[1:2])
		}
		if answer.Parameters.Version != 2 || len(answer.To) != 3 {
			t.Errorf("import %q: version %d to %v, want 2 to all", imported, answer.Parameters.Version, answer.To)
		}
	}
}

// Live, partitions that never said anything hold nobody up, and get nothing; one
// that begins to is first brought to the newest parameters. An import waits.
func TestCoordinatorLearnsWithoutEmptyPartitions(t *testing.T) {
	p := newPopulation(t, 3)
	p.live(12)
	for _, empty := range []int{0, 2} {
		c, all := coordinate.NewCoordinator(3, nil), p.reports("", 12)
		spoken := slices.Delete(slices.Clone(all), empty, empty+1)
		answer := offer(t, c, spoken)
		if answer.Parameters.Version != 1 || len(answer.To) != 2 || slices.Contains(answer.To, empty) {
			t.Errorf("version %d to %v, without partition %d", answer.Parameters.Version, answer.To, empty)
		}
		again, ok, err := c.Offer(all[empty], false)
		if !ok || err != nil || again.ModelFact != answer.ModelFact || !slices.Equal(again.To, []int{empty}) {
			t.Errorf("partition %d, which is new, is answered %v, version %d to %v, %v", empty, ok, again.Parameters.Version, again.To, err)
		}

		c = coordinate.NewCoordinator(3, nil)
		for _, report := range slices.Delete(p.reports("i", 1), empty, empty+1) {
			if _, ok, err := c.Offer(report, false); ok || err != nil {
				t.Errorf("an import was answered without partition %d, %v", empty, err)
			}
		}
	}
}

// bodies is a source of statistics in memory.
type bodies [][]byte

func (b *bodies) Next(ctx context.Context) ([]byte, bool, error) {
	if len(*b) == 0 {
		<-ctx.Done()

		return nil, false, ctx.Err()
	}
	body := (*b)[0]
	*b = (*b)[1:]

	return body, len(*b) > 0, nil
}

func (b *bodies) Close() error { return nil }

// answers collects what the coordinator publishes; the first try fails.
type answers struct {
	mu     sync.Mutex
	failed bool
	facts  []fact.ModelFact
	to     map[int]bool
	done   context.CancelFunc // once all of two partitions have one
}

func (a *answers) PublishModel(_ context.Context, partition int, _ string, body []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.failed {
		a.failed = true

		return errors.New("no answer")
	}
	var said fact.ModelFact
	if err := json.Unmarshal(body, &said); err != nil {
		return err
	}
	a.facts = append(a.facts, said)
	if a.to[partition] = true; len(a.to) == 2 {
		a.done()
	}

	return nil
}

func (a *answers) PublishAlerts(_ context.Context, _ int, _ string, body []byte) error {
	return fmt.Errorf("alerts without a budget: %s", body)
}

func TestCoordinatePublishesToAllPartitions(t *testing.T) {
	var source bodies
	population := newPopulation(t, 2)
	population.live(12)
	for _, report := range population.reports("", 12) {
		body, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, body)
	}
	ctx, cancel := context.WithCancel(t.Context())
	to := &answers{to: map[int]bool{}, done: cancel}
	counter := &countingObserver{}
	if err := coordinate.Coordinate(ctx, 2, &source, to, counter); err != nil {
		t.Fatal(err)
	}
	if len(to.facts) != 2 || to.facts[0] != to.facts[1] || to.facts[0].Coordinate != 12 || to.facts[0].Parameters.Version != 1 {
		t.Errorf("%d answers", len(to.facts))
	}
	if counter.retried != 1 {
		t.Errorf("%d failures were told, want 1", counter.retried)
	}
}

// A report that can't be read is passed over: stopping would stop again at the
// same one.
func TestCoordinatePassesOverBadReports(t *testing.T) {
	source := bodies{[]byte("{"), []byte(`{"schema":2,"partition":9}`)}
	population := newPopulation(t, 2)
	population.live(12)
	for _, report := range population.reports("", 12) {
		body, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, body)
	}
	ctx, cancel := context.WithCancel(t.Context())
	to := &answers{to: map[int]bool{}, done: cancel, failed: true}
	counter := &countingObserver{}
	if err := coordinate.Coordinate(ctx, 2, &source, to, counter); err != nil {
		t.Fatal(err)
	}
	if len(to.facts) != 2 || counter.retried != 2 {
		t.Errorf("%d answers and %d failures, want 2 and 2", len(to.facts), counter.retried)
	}
}

// Rows that can't be read are told, and the import that waits gets an answer.
func TestCoordinateAnswersWhereRowsCannotBeRead(t *testing.T) {
	var source bodies
	population := newPopulation(t, 2)
	population.live(12)
	for _, report := range population.reports("i", 1) {
		report.Rows = append(report.Rows, 7)
		body, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, body)
	}
	ctx, cancel := context.WithCancel(t.Context())
	to := &answers{to: map[int]bool{}, done: cancel, failed: true}
	counter := &countingObserver{}
	if err := coordinate.Coordinate(ctx, 2, &source, to, counter); err != nil {
		t.Fatal(err)
	}
	if len(to.facts) != 2 || to.facts[1].Import != "i" || to.facts[1].Parameters.Version != 0 || counter.retried != 1 {
		t.Errorf("%d answers and %d failures, want 2 and 1", len(to.facts), counter.retried)
	}
}

type countingObserver struct{ retried, committed int }

func (c *countingObserver) Committed(*shard.Cut, int) { c.committed++ }
func (c *countingObserver) Retried(error)             { c.retried++ }
func (c *countingObserver) Restoring(int, int)        {}
