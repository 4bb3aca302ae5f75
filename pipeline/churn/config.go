package churn

import (
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

// Config is what a person decides about the detector. Times are milliseconds,
// risks are probabilities from 0 to 1 and are used in steps of 0.0001.
type Config struct {
	// Horizon is H: the score is the probability of no qualifying event in
	// the H milliseconds after now.
	Horizon int64 `json:"horizon_ms"`

	// CoolingAt and AtRiskAt are the risks at which a level is raised.
	CoolingAt float64 `json:"cooling_at"`
	AtRiskAt  float64 `json:"at_risk_at"`

	// CoolingMargin and AtRiskMargin say how far below its threshold the risk
	// has to fall before the level is cleared.
	CoolingMargin float64 `json:"cooling_margin"`
	AtRiskMargin  float64 `json:"at_risk_margin"`

	// Language is that of the reasons' words: en, pt or it; "" is en.
	Language string `json:"language,omitempty"`

	// Prior is what is believed before anything is learned; nil is the
	// ShippedPrior, which a running coordinator always learns from.
	Prior *Prior `json:"-"`

	// Dwell is the least silence before cooling or at_risk is raised, if it is
	// more than H/16, and the least time that a raised level stands before it
	// is cleared.
	Dwell int64 `json:"dwell_ms"`
}

// Defaults are for a business whose customers come a few times a month. The
// score is a probability: as far as it is calibrated, 17 of 20 who have just
// reached at_risk won't come in the next 30 days. Set the thresholds by how
// many contacts can be made, or by how many of these may be in vain. On
// simulated customers with weekly habits, learned from as they come and go for
// ten months, with 85 to 90 of 100 losses found at each of these:
//
//	at_risk_at  alarms that are right  false alarms a year  half of the finds within
//	0.7         3 of 4                 0.5                  25 days
//	0.85        7 of 8                 0.21                 5 weeks
//	0.92        13 of 14               0.10                 6 weeks
//
// False alarms are for each customer who is there. Before anything is learned,
// who came every day for months reaches 0.85 only after most of a year: where
// customers come daily, set a shorter horizon. A few hours of dwell keep levels
// from following single visits.
func Defaults() Config {
	return Config{
		Horizon:       30 * day,
		CoolingAt:     0.6,
		AtRiskAt:      0.85,
		CoolingMargin: 0.1,
		AtRiskMargin:  0.1,
		Dwell:         6 * hour,
	}
}

// Validate names the first field that can't work, its value and the remedy.
func (c Config) Validate() error {
	switch {
	case c.Horizon < MinHorizon || c.Horizon > MaxHorizon:
		return fmt.Errorf("churn: horizon is %d ms; set it between %d (one minute) and %d (ten years)", c.Horizon, MinHorizon, MaxHorizon)
	case !inside(c.CoolingAt):
		return fmt.Errorf("churn: cooling_at is %v; set a probability above 0 and below 1", c.CoolingAt)
	case !inside(c.AtRiskAt):
		return fmt.Errorf("churn: at_risk_at is %v; set a probability above 0 and below 1", c.AtRiskAt)
	case quantize(c.AtRiskAt) <= quantize(c.CoolingAt):
		return fmt.Errorf("churn: at_risk_at is %v; set it above cooling_at, which is %v", c.AtRiskAt, c.CoolingAt)
	case math.IsNaN(c.CoolingMargin) || c.CoolingMargin < 0 || c.CoolingMargin >= c.CoolingAt:
		return fmt.Errorf("churn: cooling_margin is %v; set it from 0 to less than cooling_at, which is %v", c.CoolingMargin, c.CoolingAt)
	case math.IsNaN(c.AtRiskMargin) || c.AtRiskMargin < 0 || c.AtRiskMargin >= c.AtRiskAt:
		return fmt.Errorf("churn: at_risk_margin is %v; set it from 0 to less than at_risk_at, which is %v", c.AtRiskMargin, c.AtRiskAt)
	case c.language() == nil:
		return fmt.Errorf("churn: language is %q; set one of %s", c.Language, strings.Join(Languages(), ", "))
	case c.Prior != nil && c.Prior.Validate() != nil:
		return c.Prior.Validate()
	case c.Dwell < 0 || c.Dwell > c.Horizon:
		return fmt.Errorf("churn: dwell is %d ms; set it from 0 to the horizon, which is %d", c.Dwell, c.Horizon)
	}

	return nil
}

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
