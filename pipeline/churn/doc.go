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
// imports nothing of this module but windows/codec. The same calls in the same order give the
// same bytes on one architecture. It does not store states, publish signals or
// decide when to ask; the shard does. It does not collect what the shards have
// learned from, or send parameters to them; the coordinator does.
//
// All times are Unix milliseconds UTC. Probabilities are quantized (Score)
// before they decide anything.
//
// Read observe.go first (how a history becomes a State), then features.go (the
// terms of the risk; three of them are closed forms of their own, in rates.go
// and habit.go, and two are of the customer's own pauses, in pauses.go), risk.go,
// levels.go, crossing.go (when the level changes next), limits.go (thresholds of a
// customer's own; RULES.md says what each is worth), season.go (who comes once a
// year) and timers.go (whose comes first); facts.go, reasons.go, forms.go,
// sentences.go and words.go say why, value.go what a customer brings, and alerted.go whom nobody was told of
// yet.
//
// Learning reads from sampler.go (which customers are watched, and what became
// of them) over row.go, comeback.go (how soon they return who do) and
// statistics.go to learner.go (how outcomes become weights); parameters.go and
// prior.go are what is learned and where it begins, and prior_fit.go makes a
// prior. quality.go and calibration.go compare risks with outcomes.
//
// # What was measured
//
// With make trust, means over five public logs (purchases of CDs, a web shop,
// messages, contributions, a course), each left out of its prior; and over seven
// further logs that no prior knows (groceries, apparel, mail, ratings of traders,
// contributions to two repositories, music), with that of the five:
//
//	                                  five logs                       seven logs
//	                                  AUC   later PR    Brier  ECE    AUC   Brier  ECE
//	before                            .7665 .7688 .6665 .1622 .0324  .8039 .1493 .0385
//	the shift held at 200 at most     .7665 .7688 .6665 .1622 .0319  .8040 .1490 .0375
//	own pauses, two resting terms     .7721 .7744 .6700 .1618 .0281  .8076 .1485 .0404
//	both                              .7721 .7744 .6700 .1618 .0273  .8076 .1482 .0390
//	the same pauses, never faded      .7689 .7678 .6686 .1619 .0296  .8082 .1482 .0400
//	pauses of whole slots only        .7676 .7709 .6694 .1626 .0312  .8090 .1483 .0379
//	both kinds of pauses, held        .7734 .7800 .6696 .1622 .0290  .8094 .1481 .0421
//	phi accrual by the own pauses     .7662 .7683 .6711 .1623 .0336  .8062 .1488 .0399
//	and beside them                   .7724 .7741 .6709 .1620 .0293  .8083 .1484 .0383
//	twelve hinges beside both kinds   .7756 .7830 .6697 .1622 .0336  .8092 .1482 .0414
//	forgetting .97                    .7667 .7722 .6613 .1634 .0324  .8033 .1496 .0390
//	lapsed at most an eighth          .7668 .7680 .6632 .1624 .0309  .8040 .1502 .0400
//	both as it is, lapsed a quarter   .7778 .7859 .6745 .1618 .0319  .8084 .1489 .0408
//
// What is left out gains on the one at the cost of the other, or of calibration.
// The course has 130 customers: its AUC alone moves the mean of five by .006, and
// its ECE that of five by .005.
//
// Calibration since, as ECE: of the five, of their halves by customer, and of six
// simulated logs (weekly, a shop with seasons, fading, bursts, daily, a cohort).
// AUC stays the same but by the course.
//
//	                                        five   the course  halves  simulated
//	before                                  .0281  .0165       .0356   .0226
//	moderation .92 after .93, as it is      .0279  .0165
//	moderation .89                          .0276  .0175       .0348   .0250
//	moderation .97                          .0299  .0190
//	the shift held at 100                   .0282  .0165
//	at 400                                  .0291  .0165
//	incomplete outcomes count .15           .0288  .0159
//	.4                                      .0303  .0275
//	forgetting .85                          .0304  .0289
//	.94                                     .0306  .0260
//	the intercept forgotten by .72          .0329  .0429       .0339   .0223
//	and the shift held three times as fast  .0311  .0320       .0369   .0220
//	the intercept forgotten by .45          .0330              .0406   .0223
//	lapsed at most a quarter                .0328  .0349
//	at most half                            .0301  .0235
//	rows count .5                           .0295  .0240
//	1.2                                     .0293  .0213
//	a slope learned from complete outcomes  .0345              .0374   .0217
//	and an offset                           .0353              .0389   .0206
//	                 without moderation     .0357              .0398   .0208
//
// On the course .0165 is as low as so few rows can be by chance: nearly all that
// is tried is worse there, and hardly anywhere else. What is left of ECE is drift:
// the messages lose 1.4 times as many as expected at first, and .8 later.
package churn
