package pipeline_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/coordinate"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
)

// loop is shards and their coordinator, live, with a clock of ticks. Answers
// may get lost on their way to a shard.
type loop struct {
	t           *testing.T
	config      meaning.Config
	shards      []*shard.Shard
	sequence    uint64
	coordinator *coordinate.Coordinator
	reported    []fact.StatisticsReport // by partition
	inUse       []churn.Parameters
	reports     int
	learned     map[uint64]int // complete rows by the version that was learned from them
	lost        func() bool
}

const loopStart = 1_777_852_800_000 // 4 May 2026

func newLoop(t *testing.T, partitions int, lost func() bool) *loop {
	t.Helper()
	l := &loop{t: t, config: meaning.DefaultConfig(), lost: lost, learned: make(map[uint64]int)}
	l.config.Lengths = l.config.Lengths[:1]
	l.config.Partitions = partitions
	l.config.StoreStep = anyLeap
	l.config.Churn.Horizon = 8 * time.Hour.Milliseconds() // a learning step is an hour
	l.config.Churn.Dwell = 0
	l.coordinator = coordinate.NewCoordinator(partitions, nil)
	l.reported = make([]fact.StatisticsReport, partitions)
	l.inUse = make([]churn.Parameters, partitions)
	for i := range partitions {
		sh, err := shard.NewShard(l.config, i)
		if err != nil {
			t.Fatal(err)
		}
		l.shards = append(l.shards, sh)
	}

	return l
}

// run lets time pass, from one time to another after the start.
func (l *loop) run(from, to time.Duration) {
	l.t.Helper()
	for at := from; at < to; at += 10 * time.Minute {
		clock := loopStart + at.Milliseconds()
		random := rand.New(rand.NewPCG(uint64(at), 1))
		for c := range 80 {
			if random.IntN(3+c) == 0 {
				l.event(fmt.Sprint("c", c), clock)
			}
		}
		for i := range l.shards {
			l.process(i, event.Record{Lane: event.LaneControl, Control: event.ControlTick}, clock+60_000)
		}
	}
}

func (l *loop) event(customer string, clock int64) {
	body := fmt.Appendf(nil, `{"id":"%d","customer":%q,"type":"order.completed","time":%q}`, clock, customer, timeText(clock))
	l.process(event.PartitionOf(customer, len(l.shards)), event.Record{Data: body}, clock)
}

func (l *loop) process(partition int, record event.Record, clock int64) {
	l.t.Helper()
	l.sequence++
	record.Sequence, record.Partition, record.Clock, record.Stored = l.sequence, partition, clock, clock
	var reports [][]byte
	if err := l.shards[partition].Process(&record, func(cut *shard.Cut) {
		for _, message := range cut.Outputs[shard.Statistics] {
			reports = append(reports, message.Data)
		}
	}); err != nil {
		l.t.Fatal(err)
	}
	for _, body := range reports {
		l.offer(body, clock)
	}
}

// offer gives a report to the coordinator and its answer to the shards.
func (l *loop) offer(body []byte, clock int64) {
	l.t.Helper()
	var report fact.StatisticsReport
	if err := json.Unmarshal(body, &report); err != nil {
		l.t.Fatal(err)
	}
	l.reports++
	l.reported[report.Partition], l.inUse[report.Partition] = report, report.Parameters
	answer, ok, err := l.coordinator.Offer(report, false)
	if err != nil {
		l.t.Fatal(err)
	}
	if !ok {
		return
	}
	if len(answer.To) == len(l.shards) {
		// Where nobody had the version before, it is replaced.
		l.learned[answer.Parameters.Version] = l.completeRows()
	}
	data, err := json.Marshal(answer.ModelFact)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, partition := range answer.To {
		if l.lost() {
			continue
		}
		l.inUse[partition] = answer.Parameters
		l.process(partition, event.Record{Lane: event.LaneControl, Control: event.ControlModel, Data: data}, clock)
	}
}

// completeRows are those of all last reports.
func (l *loop) completeRows() (n int) {
	for _, report := range l.reported {
		rows, err := churn.ReadRows(report.Rows)
		if err != nil {
			l.t.Fatal(err)
		}
		for _, row := range rows {
			if row.Outcome.Complete() {
				n++
			}
		}
	}

	return n
}

// rows is how many rows the newest parameters know.
func (l *loop) rows() (n int) {
	for _, rows := range l.learned {
		n += rows
	}

	return n
}

func never() bool { return false }

// Once a step is learned, shards say nothing until the next one begins.
func TestShardsReportOnceAStep(t *testing.T) {
	l := newLoop(t, 3, never)
	l.run(0, 12*time.Hour)
	if l.inUse[0].Version == 0 {
		t.Fatal("nothing was learned in 12 steps")
	}
	before, version := l.reports, l.inUse[0].Version
	l.run(12*time.Hour, 36*time.Hour)
	if got := l.reports - before; got != 24*3 {
		t.Errorf("%d reports in 24 steps of 3 partitions", got)
	}
	if got := l.inUse[0].Version - version; got != 24 {
		t.Errorf("%d versions in 24 steps", got)
	}
}

// However many answers get lost, all shards come to the same parameters, and
// every row is learned from exactly once.
func TestRowsAreLearnedFromOnce(t *testing.T) {
	const lossy, end = 30 * time.Hour, 33 * time.Hour
	whole := newLoop(t, 2, never)
	whole.run(0, end)
	if whole.rows() < 100 {
		t.Fatalf("%d rows are too few to tell", whole.rows())
	}
	for percent := 5; percent < 100; percent += 15 {
		random := rand.New(rand.NewPCG(uint64(percent), 3))
		l := newLoop(t, 2, func() bool { return random.IntN(100) < percent })
		l.run(0, lossy)
		l.lost = never
		l.run(lossy, end)
		if got := l.rows(); got != whole.rows() {
			t.Errorf("%d %% lost: learned from %d rows, want %d", percent, got, whole.rows())
		}
		if l.inUse[0] != l.inUse[1] || l.inUse[0].Step != whole.inUse[0].Step {
			t.Errorf("%d %% lost: versions %d and %d, steps %d and %d, want step %d", percent, l.inUse[0].Version, l.inUse[1].Version,
				l.inUse[0].Step, l.inUse[1].Step, whole.inUse[0].Step)
		}
	}
}
