package pipeline_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ebb/pipeline/churn"
	"ebb/pipeline/coordinate"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// alerting is shards with an alert budget, whose records wait in queues, and
// their allotters, one in every instance, which read their reports late, start
// anew, and whose answers get lost or come twice.
type alerting struct {
	t        rapid.TB
	config   meaning.Config
	shards   []*shard.Shard
	queues   [][]event.Record
	sequence uint64
	clock    int64

	stream    []fact.StatisticsReport
	instances []*allotting

	alerts  map[int64]int    // by period of the round
	told    map[string]int64 // customer and episode
	rounds  []int64          // newest round by partition
	copies  func() int       // of each answer
	granted int
}

// allotting is what one instance reads and decides.
type allotting struct {
	read      int   // of the stream
	bootstrap []int // of the stream, to be read first
	allotter  *coordinate.Allotter
}

func newAlerting(t rapid.TB, partitions, budget int, atRisk float64) *alerting {
	a := &alerting{t: t, config: meaning.DefaultConfig(), clock: loopStart, alerts: map[int64]int{}, told: map[string]int64{}}
	a.config.Lengths = a.config.Lengths[:1]
	a.config.Partitions = partitions
	a.config.StoreStep = anyLeap
	a.config.Churn.Horizon, a.config.Churn.Dwell = 8*time.Hour.Milliseconds(), 0
	a.config.Churn.CoolingAt, a.config.Churn.AtRiskAt = 0.5, atRisk
	a.config.Holdout = 0.2
	a.config.AlertBudget, a.config.AlertEvery = budget, 2*time.Hour
	for i := range partitions {
		sh, err := shard.NewShard(a.config, i)
		if err != nil {
			t.Fatal(err)
		}
		a.shards = append(a.shards, sh)
	}
	a.queues, a.rounds = make([][]event.Record, partitions), make([]int64, partitions)
	a.start()

	return a
}

// start brings up another instance.
func (a *alerting) start() {
	a.instances = append(a.instances, &allotting{allotter: coordinate.NewAllotter(len(a.shards))})
	a.restart(len(a.instances) - 1)
}

// put stores a record now.
func (a *alerting) put(partition int, record event.Record) {
	a.sequence++
	record.Sequence, record.Partition, record.Clock, record.Stored = a.sequence, partition, a.clock, a.clock
	a.queues[partition] = append(a.queues[partition], record)
}

func (a *alerting) event(customer string, value int) {
	body := fmt.Appendf(nil, `{"id":"%d","customer":%q,"type":"order.completed","value":%d,"currency":"EUR","time":%q}`,
		a.sequence, customer, value, timeText(a.clock))
	a.put(event.PartitionOf(customer, len(a.shards)), event.Record{Data: body})
}

// process lets a partition take so many of its records.
func (a *alerting) process(partition, records int) {
	for range min(records, len(a.queues[partition])) {
		record := a.queues[partition][0]
		a.queues[partition] = a.queues[partition][1:]
		if err := a.shards[partition].Process(&record, func(cut *shard.Cut) { a.take(partition, cut) }); err != nil {
			a.t.Fatal(err)
		}
	}
}

// take checks the alerts of a cut, which are those of the round before its
// report, if it has one.
func (a *alerting) take(partition int, cut *shard.Cut) {
	for _, message := range cut.Outputs[shard.Signals] {
		var signal wire.Signal
		if err := json.Unmarshal(message.Data, &signal); err != nil {
			a.t.Fatal(err)
		}
		if signal.Signal != wire.Alert {
			continue
		}
		key := signal.Customer + " " + strconv.Itoa(int(signal.Episode))
		if _, twice := a.told[key]; twice || signal.Holdout || signal.Level != "at_risk" {
			a.t.Fatalf("an alert that must not be, again: %v, %+v", twice, signal)
		}
		a.told[key] = signal.At
		a.granted++
		if a.alerts[a.rounds[partition]]++; a.alerts[a.rounds[partition]] > a.config.AlertBudget {
			a.t.Fatalf("more than %d alerts in period %d", a.config.AlertBudget, a.rounds[partition])
		}
	}
	for _, message := range cut.Outputs[shard.Statistics] {
		var report fact.StatisticsReport
		if err := json.Unmarshal(message.Data, &report); err != nil {
			a.t.Fatal(err)
		}
		a.rounds[partition] = report.Alerts.Period
		a.stream = append(a.stream, report)
	}
}

// restart begins with the last report of every partition, in stream order.
func (a *alerting) restart(instance int) {
	c := a.instances[instance]
	c.allotter = coordinate.NewAllotter(len(a.shards))
	last := map[int]int{}
	for i, report := range a.stream {
		last[report.Partition] = i
	}
	c.bootstrap = c.bootstrap[:0]
	for i, report := range a.stream {
		if last[report.Partition] == i {
			c.bootstrap = append(c.bootstrap, i)
		}
	}
	c.read = len(a.stream)
}

// coordinate lets an instance read so many reports and answer.
func (a *alerting) coordinate(instance, reports int) {
	c := a.instances[instance]
	for range reports {
		var next int
		switch {
		case len(c.bootstrap) > 0:
			next, c.bootstrap = c.bootstrap[0], c.bootstrap[1:]
		case c.read < len(a.stream):
			next = c.read
			c.read++
		default:
			return
		}
		grants, err := c.allotter.Offer(a.stream[next], len(c.bootstrap) > 0 || c.read < len(a.stream))
		if err != nil {
			a.t.Fatal(err)
		}
		for _, grant := range grants {
			a.answer(grant)
		}
	}
}

func (a *alerting) answer(grant coordinate.Grant) {
	body, err := json.Marshal(grant.AlertsFact)
	if err != nil {
		a.t.Fatal(err)
	}
	for range a.copies() {
		a.put(grant.To, event.Record{Lane: event.LaneControl, Control: event.ControlAlerts, Data: body})
	}
}

// pass lets time pass, and everyone at work say something about it: owners tick
// the partitions that have had a record.
func (a *alerting) pass(minutes int) {
	a.clock += int64(minutes) * 60_000
	for i := range a.shards {
		if a.shards[i].Sequence() > 0 || len(a.queues[i]) > 0 {
			a.put(i, event.Record{Lane: event.LaneControl, Control: event.ControlTick})
		}
	}
}

// Whatever is lost, comes twice or late, or starts anew, and whenever the
// partitions get their first customers, no period has more alerts than its
// budget, and nobody is told of twice in an episode.
func TestAlertBudgetHolds(t *testing.T) {
	granted := 0
	rapid.Check(t, func(t *rapid.T) {
		a := newAlerting(t, rapid.IntRange(1, 4).Draw(t, "partitions"), rapid.IntRange(1, 2).Draw(t, "budget"), 0.65)
		a.copies = func() int { return rapid.SampledFrom([]int{0, 1, 1, 2}).Draw(t, "copies") }
		if rapid.Bool().Draw(t, "two instances") {
			a.start()
		}
		begins := make([]int, len(a.shards))
		for i := range begins {
			begins[i] = rapid.IntRange(0, 12).Draw(t, "begins")
		}
		for step := range 18 {
			for c := range 40 {
				customer := fmt.Sprint("c", c)
				if begins[event.PartitionOf(customer, len(a.shards))] == step {
					a.event(customer, c%3)
				}
			}
			a.pass(rapid.IntRange(20, 200).Draw(t, "minutes"))
			for i := range a.shards {
				a.process(i, rapid.SampledFrom([]int{99, 99, 1, 0}).Draw(t, "records"))
			}
			for instance := range a.instances {
				if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
					a.restart(instance)
				}
				a.coordinate(instance, rapid.SampledFrom([]int{99, 99, 1, 0}).Draw(t, "reports"))
			}
		}
		granted += a.granted
	})
	if granted < 100 {
		t.Errorf("%d alerts in all schedules are too few to tell", granted)
	}
}

// atRiskAt is when who came once gets at risk.
func (a *alerting) atRiskAt(came int64) int64 {
	model, err := churn.NewModel(a.config.Churn)
	if err != nil {
		a.t.Fatal(err)
	}
	var state churn.State
	model.Observe(&state, churn.Event{Time: came, Qualifying: true})
	for at := came; state.Level() != churn.AtRisk; at = model.NextCrossing(&state, at) {
		model.Evaluate(&state, at)
	}

	return state.Since()
}

// Without faults every period's budget goes to those who are most worth it, and
// partitions without customers hold nobody up.
func TestAlertBudgetIsUsed(t *testing.T) {
	for partitions := range 6 {
		a := newAlerting(t, 1+partitions, 2, 0.85)
		a.copies = func() int { return 1 }
		var worth []string // the most first
		for i := 7; i >= 0; i-- {
			customer := fmt.Sprint("c", i)
			a.event(customer, 10*i)
			if !meaning.InHoldout(customer, a.config.Holdout) {
				worth = append(worth, customer)
			}
		}
		// All come to be at risk at once, for a horizon: four periods.
		for range 24 * 60 / 10 {
			a.pass(10)
			for i := range a.shards {
				a.process(i, 99)
			}
			a.coordinate(0, 99)
		}
		period := a.config.AlertEvery.Milliseconds()
		first := a.atRiskAt(loopStart)/period + 1 // they are told of in the period after the one in which they got there
		for i, customer := range worth {
			at, ok := a.told[customer+" 2"]
			if want := first + int64(i/2); !ok || at/period != want {
				t.Fatalf("%s was told of: %v, in period %d, want %d", customer, ok, at/period, want)
			}
		}
	}
}
