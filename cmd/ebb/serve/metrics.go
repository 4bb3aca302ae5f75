package serve

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"ebb/cmd/ebb/build"
	"ebb/cmd/ebb/health"
	"ebb/pipeline/churn"
	"ebb/pipeline/own"
)

// newRegistry returns the metrics that a process has from its beginning: those
// of the Go runtime and the process, the version, and how it stands.
func newRegistry(report func() health.Report) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ebb_build_info", Help: "Always 1; the label says what runs.",
			ConstLabels: prometheus.Labels{"version": build.Version()},
		}, func() float64 { return 1 }),
		newHealthCollector(report),
	)

	return registry
}

// progressCollector turns the progress of the partitions into metrics when
// they are scraped, so that everything is counted in one place, the shards.
type progressCollector struct {
	progress func() []own.PartitionProgress

	runs      *prometheus.Desc
	alone     *prometheus.Desc
	parted    *prometheus.Desc
	records   *prometheus.Desc
	signals   *prometheus.Desc
	taken     *prometheus.Desc
	committed *prometheus.Desc
	clock     *prometheus.Desc
	frozen    *prometheus.Desc
	customers *prometheus.Desc
	columns   *prometheus.Desc
	silent    *prometheus.Desc
	held      *prometheus.Desc
	waiting   *prometheus.Desc
	leaps     *prometheus.Desc
	ahead     *prometheus.Desc
	behind    *prometheus.Desc
	tooOld    *prometheus.Desc
	scanned   *prometheus.Desc
	left      *prometheus.Desc
	joins     *prometheus.Desc
	cohorts   *prometheus.Desc
	threshold *prometheus.Desc
}

func newProgressCollector(progress func() []own.PartitionProgress) *progressCollector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("ebb_"+name, help, append([]string{"partition"}, labels...), nil)
	}

	return &progressCollector{
		progress: progress,

		runs:      describe("partition_runs", "1 for each partition that this instance runs."),
		alone:     describe("reads_alone", "1 while the partition has a reader of its own: it has just been started, or could not keep up with the others, else 0."),
		parted:    describe("reads_parted_total", "Times that the partition could not keep up with the others, and got a reader of its own so that they don't wait."),
		records:   describe("records_total", "Records of the input stream, each by exactly one outcome.", "outcome"),
		signals:   describe("signals_total", "Changes of a customer's level, raised or cleared, and alerts.", "signal"),
		taken:     describe("taken_sequence", "Stream sequence of the last record taken."),
		committed: describe("committed_sequence", "Stream sequence of the last committed cut."),
		clock:     describe("clock_seconds", "Clock of the partition, Unix seconds."),
		frozen:    describe("frozen", "1 while the partition is inside an import, else 0."),
		customers: describe("customers", "Known customers by risk level.", "level"),
		columns:   describe("column_since_seconds", "Clock from which on a column tells of customers, Unix seconds: where a metric was switched on that reads it; 0 for the beginning. Those that nothing reads are not kept.", "column"),
		silent:    describe("feed_silent", "1 while the input of the partition is silent: as a whole (channel all) or by a channel that is silent.", "channel"),
		held:      describe("held_signals_total", "Signals held because the feed was silent, by what became of them: held at all, released, dropped.", "outcome"),
		waiting:   describe("held_customers", "Customers whose signal waits for the feed."),
		leaps:     describe("store_leaps_total", "Times at which store times leapt ahead of what producers say, and were held."),
		behind:    describe("store_behind_seconds", "How far store times are behind the clock, which stands still until they have caught up, else 0."),
		ahead:     describe("store_ahead_seconds", "How far store times are ahead of the clock while a leap of theirs is held, else 0."),
		left:      describe("customers_left_total", "Customers who left: after a long silence, or to make room at max_customers; if the latter grows fast, raise it.", "cause"),
		joins:     describe("joins_total", "Anonymous customers who are known by another id (identity.join), by step: told, pairs that events of the partition named; joined, of its anonymous customers; merged, histories that its known ones go on with; followed, later events that do.", "step"),
		cohorts:   describe("cohort_items_lost_total", "Messages that cohorts could not follow for their span, for want of room: closed_early with the oldest day, or refused.", "cause"),
		scanned:   describe("scanner_reactions_total", "Messages read or links followed too soon after the message for a person; see churn.scanner_within."),
		threshold: describe("risk_threshold", "Risk from which on customers are raised to the level, as it stands.", "level"),
		tooOld:    describe("late_beyond_duplicates_total", "Late events that were in time, but older than what is remembered to tell duplicates; if it grows, raise duplicates.at_most or lower the lateness."),
	}
}

// Describe lists the metrics.
func (c *progressCollector) Describe(to chan<- *prometheus.Desc) {
	for _, description := range []*prometheus.Desc{
		c.runs, c.alone, c.parted, c.records, c.signals, c.taken, c.committed, c.clock, c.frozen, c.customers, c.columns, c.silent, c.held, c.waiting, c.leaps, c.ahead, c.behind,
		c.tooOld, c.scanned, c.left, c.joins, c.cohorts, c.threshold,
	} {
		to <- description
	}
}

// Collect reads the partitions.
func (c *progressCollector) Collect(to chan<- prometheus.Metric) {
	for _, p := range c.progress() {
		partition := strconv.Itoa(p.Partition)
		counter := func(description *prometheus.Desc, value uint64, label string) {
			to <- prometheus.MustNewConstMetric(description, prometheus.CounterValue, float64(value), partition, label)
		}
		gauge := func(description *prometheus.Desc, value float64, labels ...string) {
			to <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, append([]string{partition}, labels...)...)
		}

		to <- prometheus.MustNewConstMetric(c.runs, prometheus.GaugeValue, 1, partition)
		gauge(c.alone, map[bool]float64{true: 1}[p.Alone])
		to <- prometheus.MustNewConstMetric(c.parted, prometheus.CounterValue, float64(p.Parted), partition)
		counter(c.records, p.Counts.Processed, "processed")
		counter(c.records, p.Counts.Duplicates, "duplicates")
		counter(c.records, p.Counts.DeadLetters, "dead_letters")
		counter(c.records, p.Counts.LateDropped, "late_dropped")
		counter(c.records, p.Counts.Control, "control")
		counter(c.signals, p.Counts.Raised, "raised")
		counter(c.signals, p.Counts.Cleared, "cleared")
		counter(c.signals, p.Counts.Alerts, "alert")
		to <- prometheus.MustNewConstMetric(c.tooOld, prometheus.CounterValue, float64(p.Counts.TooOld), partition)
		to <- prometheus.MustNewConstMetric(c.scanned, prometheus.CounterValue, float64(p.Counts.Scanned), partition)
		counter(c.left, p.Counts.Left, "silence")
		counter(c.left, p.Counts.RoomMade, "room")
		counter(c.joins, p.Counts.JoinsTold, "told")
		counter(c.joins, p.Counts.Joined, "joined")
		counter(c.joins, p.Counts.Merged, "merged")
		counter(c.joins, p.Counts.Followed, "followed")
		counter(c.cohorts, p.Counts.Hurried, "closed_early")
		counter(c.cohorts, p.Counts.Crowded, "refused")
		gauge(c.taken, float64(p.Taken))
		gauge(c.committed, float64(p.Committed))
		if p.Clock != 0 { // no records yet, no clock
			gauge(c.clock, seconds(p.Clock))
		}
		gauge(c.frozen, map[bool]float64{true: 1}[p.Frozen])
		for level, count := range p.Levels {
			gauge(c.customers, float64(count), churn.Level(level).String())
		}
		for _, column := range p.Columns {
			gauge(c.columns, seconds(column.Since), column.Name)
		}
		gauge(c.threshold, p.Thresholds[0], churn.Cooling.String())
		gauge(c.threshold, p.Thresholds[1], churn.AtRisk.String())
		gauge(c.silent, map[bool]float64{true: 1}[p.Feed.Silent], "all")
		for _, channel := range p.Feed.SilentChannels() {
			gauge(c.silent, 1, channel)
		}
		counter(c.held, p.Counts.Held, "held")
		counter(c.held, p.Counts.Released, "released")
		counter(c.held, p.Counts.Dropped, "dropped")
		gauge(c.waiting, float64(p.Feed.Held))
		to <- prometheus.MustNewConstMetric(c.leaps, prometheus.CounterValue, float64(p.Counts.Leaps), partition)
		gauge(c.ahead, seconds(p.Leap.Ahead))
		gauge(c.behind, seconds(p.Leap.Behind))
	}
}

func seconds(milliseconds int64) float64 { return float64(milliseconds) / 1000 }
