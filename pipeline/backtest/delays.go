package backtest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ebb/pipeline/backtest/skill"
	"ebb/pipeline/churn"
)

// Delays say how soon the detector notices that simulated customers have left.
// Of these the moment is known, which no log tells. A delay is from that moment
// until the risk reaches the threshold, in days: 0 where the last silence was
// already alarming. The risk is looked at daily; between two looks it is taken
// to grow evenly.
type Delays struct {
	Regularity  float64 `json:"regularity"`
	GapSpread   float64 `json:"gap_spread"`
	Customers   int     `json:"customers"`
	Losses      int     `json:"losses"`                  // whose delay was read
	Threshold   Number  `json:"threshold"`               // of the risk
	FalseAlarms Number  `json:"false_alarms"`            // a customer-year, of those whose delays were read
	Median      Number  `json:"median_days"`             // null where half of the losses were not noticed in 180 days
	Ninetieth   Number  `json:"p90_days"`                // null where a tenth were not
	Informed    Number  `json:"informed_median_days"`    // of a rule that knows how the customers are simulated, with as many false alarms
	SilentRule  Number  `json:"silent_rule_median_days"` // of the rule "silent for so many days" with as many false alarms
	AUC         Number  `json:"auc"`                     // of the risk, gone against still there, at the end of every month
}

// DelayConfig is what the simulation depends on.
type DelayConfig struct {
	Churn      churn.Config
	Customers  int     // 2 to MaxSimulated
	Regularity float64 // shape k of the gamma distribution of a customer's gaps, above 0; 1 is a Poisson process
	GapSpread  float64 // standard deviation of the logarithm of the customers' mean gaps, 0 to 2
	Seed       uint64
}

// MaxSimulated bounds DelayConfig.Customers.
const MaxSimulated = 1_000_000

// mostSpread bounds DelayConfig.GapSpread: the mean gaps of two of three
// customers then differ by a factor of 55.
const mostSpread = 2.0

// mostRegular bounds DelayConfig.Regularity: of these gaps nearly all are
// within a tenth of their mean.
const mostRegular = 1000.0

// Validate names the first field that can't work, its value and the remedy.
func (c DelayConfig) Validate() error {
	if c.Customers < 2 || c.Customers > MaxSimulated {
		return fmt.Errorf("customers is %d; set it from 2 to %d", c.Customers, MaxSimulated)
	}
	if !(c.Regularity > 0 && c.Regularity <= mostRegular) {
		return fmt.Errorf("regularity is %v; set it above 0, such as 1 for a Poisson process, and at most %v", c.Regularity, mostRegular)
	}
	if !(c.GapSpread >= 0 && c.GapSpread <= mostSpread) {
		return fmt.Errorf("gap_spread is %v; set it from 0, where all customers are alike, to %v", c.GapSpread, mostSpread)
	}

	return c.Churn.Validate()
}

// alarmsAllowed is how often a customer who is still there may be taken for
// gone in a year: delays can be compared only where false alarms are as many.
const alarmsAllowed = 0.5

var errNobodyThere = errors.New("no simulated customer was there in the measured year; simulate more of them")

// MeasureDelays simulates customers and streams them through the detector. On
// one half of them it sets the threshold: the lowest from which on a
// customer-year has half a false alarm at most. On the other half it reads the
// delays at that threshold.
func MeasureDelays(ctx context.Context, config DelayConfig) (Delays, error) {
	if err := config.Validate(); err != nil {
		return Delays{}, err
	}
	w, err := newWatcher(config)
	if err != nil {
		return Delays{}, err
	}
	if err := w.run(ctx); err != nil {
		return Delays{}, err
	}
	if w.present[tuned] == 0 || w.present[read] == 0 {
		return Delays{}, errNobodyThere
	}
	threshold, silence := w.threshold(), w.silence()
	days, byRule := w.delays(threshold), w.delaysOfRule(silence)
	byInformed := newInformed(config, w.people).delays(w.present)
	slices.Sort(days)
	slices.Sort(byRule)
	slices.Sort(byInformed)

	return Delays{
		Regularity:  config.Regularity,
		GapSpread:   config.GapSpread,
		Customers:   config.Customers,
		Losses:      len(days),
		Threshold:   Number(threshold.Risk()),
		FalseAlarms: Number(float64(w.falseAlarms(read, threshold)) / w.present[read]),
		Median:      Number(quantile(days, 0.5)),
		Ninetieth:   Number(quantile(days, 0.9)),
		Informed:    Number(quantile(byInformed, 0.5)),
		SilentRule:  Number(quantile(byRule, 0.5)),
		AUC:         Number(skill.AUC(skill.Rank(w.months).Groups(nil, nil))),
	}, nil
}
