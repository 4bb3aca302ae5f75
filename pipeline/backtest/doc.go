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
// (T, T + H]. The detector learns from labels too, those of earlier times of
// its own. The weights in use at T come from rows whose outcome was complete by
// T, so that they were scored at T - H or before; rows that still wait move
// nothing but the intercept, by what was seen of them until then. Baselines are
// computed from the same events at the same times.
//
// It holds the log in memory, about 50 bytes an event, and about 60 bytes a
// customer and evaluation time. It does not tune the detector on a log, or print.
//
// Read run.go first, then log.go (a file as events), engine.go (events through
// the core), rows.go (scores and labels), signals.go, curve.go
// (the same at other thresholds), report.go and verdict.go (all of it in sentences). Apart from
// that, learn.go gives what the detector learns from, to fit a prior to, and
// delays.go says how soon it notices losses whose moment is known, those of
// simulated customers.
package backtest
