package shard

import (
	"ebb/pipeline/churn"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
)

// reporter tells the coordinator what the partition knows, and so asks it for what one
// partition can't know: parameters of the model, and how many customers to alert of.
type reporter struct {
	interval int64 // coordinator interval of the last live statistics
	every    int64 // ms, of these intervals

	at       *place
	detector *detector
	alerts   *alerts
	out      *outputs
}

// reconfigure goes on with other intervals, of which the first has begun.
func (r *reporter) reconfigure(config *meaning.Config) {
	r.every = config.CoordinateInterval.Milliseconds()
	r.interval = r.at.clock / r.every
}

// live reports at the first cut of a coordinator interval, if there is something to
// learn: a learning step has begun since the parameters in use, or there are none yet.
// It does so at every interval until an answer comes, so an answer that gets lost is
// asked for again. So it does for alerts, from the first cut of their period on.
func (r *reporter) live() {
	if r.at.imported.open {
		return
	}
	begins := r.alerts.openPeriod()
	interval := r.at.clock / r.every
	if interval <= r.interval && !begins {
		return
	}
	r.interval = interval
	if begins || r.asks() {
		r.report(uint64(r.detector.model.Step(r.at.clock)))
	}
}

// asks says whether there is something that the coordinator has not answered yet.
func (r *reporter) asks() bool {
	used := r.detector.model.Parameters()

	return used.Version == 0 || r.alerts.asks() || r.detector.model.Step(r.at.clock) > used.Step
}

// answer answers a question of an import.
func (r *reporter) answer(question uint64) {
	r.alerts.openQuestion(question)
	r.report(question)
}

func (r *reporter) report(coordinate uint64) {
	d := r.detector
	report := fact.StatisticsReport{
		Schema:     2,
		Partition:  r.at.partition,
		Import:     r.at.imported.id,
		Coordinate: coordinate,
		Clock:      r.at.clock,
		Step:       d.model.Step(r.at.clock),
		Horizon:    d.model.Horizon(),
		Parameters: *d.model.Parameters(),
		Alerts:     r.alerts.report(),
	}
	if r.teaches(report.Step) {
		report.Statistics = d.statistics()
		report.Rows = churn.AppendRows(nil, d.sampler.Report(d.model, r.at.clock, d.customers.state))
	}
	r.out.reports = append(r.out.reports, report)
}

// teaches says whether anything can be learned from a report. An import asks more
// often than learning steps begin, and at one that has been learned from the
// coordinator keeps what it has: then nobody need look at every customer. The
// questions of an import come to all partitions at the same clock, so none of them
// can be ahead of the others' steps alone; live ones are.
func (r *reporter) teaches(step int64) bool {
	used := r.detector.model.Parameters()

	return !r.at.imported.open || used.Version == 0 || step > used.Step
}
