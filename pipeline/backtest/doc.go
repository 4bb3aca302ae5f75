// Package backtest says how good the churn detector would have been on a log
// of the past.
//
// It drives the same core as a shard, with one partition, on the clock of the
// log: the verdicts on lateness and duplicates, the model, its timers, levels
// and signals, and the coordinator's fits. There is no wall clock in it, so the
// same log, configuration and seed give the same report, byte for byte.
//
// It promises that nothing from behind an evaluation time T has a say in a
// score at T: only rows whose clock is at most T have been read by then. What
// becomes of a customer is the label: lost means no qualifying event in
// (T, T + H]. A population with labels in its fit would have to leave H between
// training and T; this one has none. Baselines are computed from the same rows
// at the same times.
//
// It holds the log in memory, about 50 bytes an event, and about 60 bytes a
// customer and evaluation time. It does not choose thresholds, tune anything,
// or print.
//
// Read run.go first, then log.go (a file as events), engine.go (events through
// the core), rows.go (scores and labels), signals.go and report.go.
package backtest
