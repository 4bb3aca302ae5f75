package churn

import (
	"cmp"
	"fmt"
	"math"
	"strings"
)

const (
	minute = int64(60_000)
	hour   = 60 * minute
	day    = 24 * hour
)

// Bounds of Config.Horizon. The lower one keeps a slot at several seconds,
// the upper one keeps every sum of times far from overflow.
const (
	MinHorizon = minute
	MaxHorizon = 3660 * day
)

// Bounds of Config.Unusual and Config.ContactCost.
const (
	LeastUnusual    = 1.5
	MostUnusual     = 1000.0
	MostContactCost = 1e9
)

// Config is what a person decides about the detector. Times are milliseconds,
// risks are probabilities from 0 to 1 and are used in steps of 0.0001.
type Config struct {
	// Horizon is H: the score is the probability of no qualifying event in
	// the H milliseconds after now.
	Horizon int64 `json:"horizon_ms"`

	// CoolingAt and AtRiskAt are the risks at which a level is raised. 0 lets
	// them follow the stream, see InTime.
	CoolingAt float64 `json:"cooling_at"`
	AtRiskAt  float64 `json:"at_risk_at"`

	// InTime is the share of the losses that are to be told of while the silence
	// has lasted for at most 0.6 of the horizon, where thresholds follow the
	// stream: see Losses. LeastRisk is how low AtRiskAt may come to be.
	InTime    float64 `json:"in_time,omitempty"`
	LeastRisk float64 `json:"least_risk,omitempty"`

	// Unusual is by how much the odds of leaving have to have grown since right
	// after the latest engagement for a relative alarm, a factor: at_risk is then
	// raised at a risk below AtRiskAt, but above LeastRisk and above the mean of
	// the active customers of the same segment. 0 is none.
	Unusual float64 `json:"unusual,omitempty"`

	// ContactCost is what contacting a customer costs, in units of their Currency,
	// and Uplift the share of those who would leave whom it keeps. Customers with
	// a Value are then at risk where the risk times the value times the uplift
	// reaches the cost and the risk AtRiskAt, or else three times the cost, from
	// LeastRisk on. 0 is not to ask what is worth it.
	ContactCost float64 `json:"contact_cost,omitempty"`
	Uplift      float64 `json:"uplift,omitempty"`

	// CoolingMargin and AtRiskMargin say how far below its threshold the risk
	// has to fall before the level is cleared.
	CoolingMargin float64 `json:"cooling_margin"`
	AtRiskMargin  float64 `json:"at_risk_margin"`

	// Language is that of the reasons' words: en, pt or it; "" is en.
	Language string `json:"language,omitempty"`

	// ScannerWithin is how soon after a message of the company reading it, or
	// following a link in it, is taken for what a scanner did, ms; 0 for never.
	// See Model.Believe.
	ScannerWithin int64 `json:"scanner_within_ms,omitempty"`

	// Prior is what is believed before anything is learned; nil is the
	// ShippedPrior, which a running coordinator always learns from.
	Prior *Prior `json:"-"`

	// Dwell is the least silence before cooling or at_risk is raised, if it is
	// more than H/16, and the least time that a raised level stands before it
	// is cleared.
	Dwell int64 `json:"dwell_ms"`
}

// Defaults are for a business whose customers come a few times a month. The
// thresholds follow the stream: so that three of ten losses are told of before
// the silence has lasted for 0.6 of the horizon, no one below a risk of 0.2, and
// at 0.85 at the latest. The risk at which a customer is raised is what the signal
// promises: of so many in a hundred nothing more comes in the horizon. On five logs
// of shops, a course, messages and contributions (ebb backtest, see README) 30 to 87
// of 100 signals were right, each log within 3 of what its signals had promised, and
// 29 to 67 of 100 losses were told of in time; a fixed threshold of 0.85 told of 0
// to 3 on four of them.
//
// Fixed thresholds are for whoever knows how many may be in vain. On simulated
// customers with weekly habits, learned from as they come and go for ten
// months, with 86 to 92 of 100 losses found at each of these:
//
//	at_risk_at  alarms that are right  false alarms a year  half of the finds within
//	0.7         7 of 10                0.65                 22 days
//	0.85        8 of 9                 0.18                 32 days
//	0.92        15 of 16               0.09                 6 weeks
//
// False alarms are for each customer who is there. A few hours of dwell keep
// levels from following single visits.
func Defaults() Config {
	return Config{
		Horizon:       30 * day,
		InTime:        0.3,
		LeastRisk:     0.2,
		CoolingMargin: 0.1,
		AtRiskMargin:  0.1,
		Dwell:         6 * hour,
		ScannerWithin: 2_000,
	}
}

// Fixed is the Config with thresholds that follow nothing.
func (c Config) Fixed(cooling, atRisk float64) Config {
	c.CoolingAt, c.AtRiskAt, c.InTime, c.LeastRisk = cooling, atRisk, 0, 0

	return c
}

// Validate names the first field that can't work, its value and the remedy.
func (c Config) Validate() error {
	switch {
	case c.Horizon < MinHorizon || c.Horizon > MaxHorizon:
		return fmt.Errorf("churn: horizon is %d ms; set it between %d (one minute) and %d (ten years)", c.Horizon, MinHorizon, MaxHorizon)
	case c.language() == nil:
		return fmt.Errorf("churn: language is %q; set one of %s", c.Language, strings.Join(Languages(), ", "))
	case c.Prior != nil && c.Prior.Validate() != nil:
		return c.Prior.Validate()
	case c.ScannerWithin < 0 || c.ScannerWithin > MostScannerWithin:
		return fmt.Errorf("churn: scanner_within is %d ms; set it from 0 to %d", c.ScannerWithin, MostScannerWithin)
	case c.Dwell < 0 || c.Dwell > c.Horizon:
		return fmt.Errorf("churn: dwell is %d ms; set it from 0 to the horizon, which is %d", c.Dwell, c.Horizon)
	}

	return c.validateThresholds()
}

// validateThresholds names the first field that can't work.
func (c Config) validateThresholds() error {
	switch {
	case c.CoolingAt != 0 && !inside(c.CoolingAt):
		return fmt.Errorf("churn: cooling_at is %v; set a probability above 0 and below 1", c.CoolingAt)
	case c.AtRiskAt != 0 && !inside(c.AtRiskAt):
		return fmt.Errorf("churn: at_risk_at is %v; set a probability above 0 and below 1", c.AtRiskAt)
	case c.AtRiskAt != 0 && quantize(c.AtRiskAt) <= quantize(c.CoolingAt):
		return fmt.Errorf("churn: at_risk_at is %v; set it above cooling_at, which is %v", c.AtRiskAt, c.CoolingAt)
	case c.AtRiskAt == 0 && c.CoolingAt > mostThreshold-leastApart:
		return fmt.Errorf("churn: cooling_at is %v; set it to at most %v, where at_risk_at follows the stream", c.CoolingAt, mostThreshold-leastApart)
	case !(c.InTime >= 0 && c.InTime < 1) || c.InTime == 0 && c.follows():
		return fmt.Errorf("churn: in_time is %v; set a share of the losses above 0 and below 1", c.InTime)
	case !(c.LeastRisk >= 0 && c.LeastRisk <= mostThreshold):
		return fmt.Errorf("churn: least_risk is %v; set a probability from 0 to %v", c.LeastRisk, mostThreshold)
	}

	return cmp.Or(
		c.validateRules(),
		validateMargin("cooling", c.CoolingMargin, c.CoolingAt),
		validateMargin("at_risk", c.AtRiskMargin, c.AtRiskAt),
	)
}

// validateRules names the first field that can't work.
func (c Config) validateRules() error {
	switch {
	case c.Unusual != 0 && !(c.Unusual >= LeastUnusual && c.Unusual <= MostUnusual):
		return fmt.Errorf("churn: unusual is %v; set a factor from %v to %v, or 0 for no relative alarms", c.Unusual, LeastUnusual, MostUnusual)
	case !(c.ContactCost >= 0 && c.ContactCost <= MostContactCost):
		return fmt.Errorf("churn: contact_cost is %v; set an amount from 0 to %v", c.ContactCost, MostContactCost)
	case c.ContactCost > 0 && !(c.Uplift > 0 && c.Uplift <= 1):
		return fmt.Errorf("churn: uplift is %v; set the share of leaving customers whom a contact keeps, above 0 and at most 1, for contact_cost %v", c.Uplift, c.ContactCost)
	}

	return nil
}

// validateMargin takes any below 1 of a threshold that follows the stream: it is
// then at most half of it.
func validateMargin(level string, margin, threshold float64) error {
	switch {
	case math.IsNaN(margin) || margin < 0 || threshold != 0 && margin >= threshold:
		return fmt.Errorf("churn: %s_margin is %v; set it from 0 to less than %s_at, which is %v", level, margin, level, threshold)
	case margin >= 1:
		return fmt.Errorf("churn: %s_margin is %v; set it from 0 to less than 1", level, margin)
	}

	return nil
}

// follows says whether a threshold follows the stream.
func (c Config) follows() bool { return c.CoolingAt == 0 || c.AtRiskAt == 0 }

func (c Config) language() *Language {
	l, _ := languageOf(c.Language)

	return l
}

func (c Config) prior() *Prior {
	if c.Prior == nil {
		return ShippedPrior()
	}

	return c.Prior
}

// inside also refuses NaN, and what rounds to a Score that every customer or
// none would have.
func inside(p float64) bool {
	return p > 0 && p < 1 && quantize(p) > 0 && quantize(p) < Certain
}
