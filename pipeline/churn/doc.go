// Package churn says how likely a customer is gone, when that will have
// become so likely that somebody should act, and why.
//
// It promises: a score that is the probability of no qualifying event in the
// next horizon H, given the customer's history; levels that follow from it
// with hysteresis; the exact millisecond at which a level will change if
// nothing more comes, so that silence needs no scan; and at most three reasons that
// each say another thing. What it weighs the history with starts at a prior and
// is learned from what became of the business's own customers; where that
// makes risks worse, it goes back to the prior. One customer costs a State of
// 128 bytes without pointers, and one event a few hundred nanoseconds at most.
//
// It is pure: no I/O, no wall clock, no random number, no goroutine, and it
// imports nothing of this module. The same calls in the same order give the
// same bytes on one architecture. It does not store states, publish signals or
// decide when to ask; the shard does. It does not collect what the shards have
// learned from, or send parameters to them; the coordinator does.
//
// All times are Unix milliseconds UTC. Probabilities are quantized (Score)
// before they decide anything.
//
// Read observe.go first (how a history becomes a State), then features.go (the
// terms of the risk; three of them are closed forms of their own, in rates.go
// and habit.go), risk.go, levels.go, crossing.go (when the level changes next)
// and limits.go (thresholds of a customer's own; RULES.md says what each is worth),
// timers.go (whose comes first); facts.go, reasons.go, forms.go, sentences.go
// and words.go say why, value.go what a customer brings, and alerted.go whom nobody was told of
// yet.
//
// Learning reads from sampler.go (which customers are watched, and what became
// of them) over row.go, comeback.go (how soon they return who do) and
// statistics.go to learner.go (how outcomes become weights); parameters.go and
// prior.go are what is learned and where it begins, and prior_fit.go makes a
// prior. quality.go and calibration.go compare risks with outcomes.
package churn
