// Package report is the one page that says what happened in the last 28 days, for
// people and for programs. It reads views of ClickHouse and nothing else, and says
// what is not fed.
//
// Read report.go first, which is what there is to say; read.go asks, print.go shows.
package report

import (
	"time"

	"ebb/pipeline/metric"
)

// Report is what `ebb report --json` prints. Figures that are not known are null: their
// metric has too few cases, or waits for events.
type Report struct {
	Clock time.Time  `json:"clock"`           // up to which ClickHouse holds the rows of the stream
	AsOf  *time.Time `json:"as_of,omitempty"` // end of the newest 28 days

	Figures   []Figure   `json:"figures"` // of v_benchmark, those of all and by currency
	Orders    []Orders   `json:"orders"`
	Levels    Levels     `json:"levels"`
	AtStake   []AtStake  `json:"at_stake"`
	Why       []Why      `json:"why"`
	Campaigns []Campaign `json:"campaigns"` // the most clicked first
	Waiting   []Waiting  `json:"waiting"`
}

// Figure is one of v_benchmark.
type Figure struct {
	Metric   string   `json:"metric"`
	Segment  string   `json:"segment,omitempty"`
	Figure   string   `json:"figure"`
	Value    *float64 `json:"value"`
	Before   *float64 `json:"before"` // the same 28 days before
	Target   *float64 `json:"target,omitempty"`
	Met      *bool    `json:"met,omitempty"`
	Industry *float64 `json:"industry,omitempty"`
	Source   string   `json:"source,omitempty"`
}

// Orders are those of 28 days in one currency, and what was given back.
type Orders struct {
	Currency string  `json:"currency"`
	Orders   uint64  `json:"orders"`
	Value    float64 `json:"value"`
	Returns  uint64  `json:"returns"`
	Returned float64 `json:"returned"`
}

// Levels are the customers by risk level now.
type Levels struct {
	Healthy int64 `json:"healthy"`
	Cooling int64 `json:"cooling"`
	AtRisk  int64 `json:"at_risk"`
	Lapsed  int64 `json:"lapsed"`
}

// AtStake is what those at risk bring, by currency.
type AtStake struct {
	Currency    string  `json:"currency"`
	Customers   uint64  `json:"customers"`
	Value       float64 `json:"value"`
	ValueAtRisk float64 `json:"value_at_risk"`
}

// Why is how many of those at risk have a reason as their strongest one.
type Why struct {
	Code      string `json:"code"`
	Customers uint64 `json:"customers"`
	Example   string `json:"example"` // as it is told of one of them
}

// Campaign is what was sent on days of the last 28, by all its days and channels.
type Campaign struct {
	Campaign  string  `json:"campaign"`
	Delivered uint64  `json:"delivered"`
	Opened    uint64  `json:"opened"`
	Clicked   uint64  `json:"clicked"`
	OpenRate  float64 `json:"open_rate"`
	ClickRate float64 `json:"click_rate"`
}

// Waiting is a metric without rows in the last 28 days.
type Waiting struct {
	Metric string `json:"metric"`
	Title  string `json:"title"`
	For    string `json:"for"` // what it waits for
}

// leastDelivered is how many messages a campaign needs to be compared with others.
const leastDelivered = 50

// figure finds one of all; nil where there is none.
func (r *Report) figure(name, figure string) *Figure {
	for i := range r.Figures {
		if f := &r.Figures[i]; f.Metric == name && f.Figure == figure && f.Segment == "" {
			return f
		}
	}

	return nil
}

// titles are those of the figures, by metric and name.
func titles() map[[2]string]metric.Headline {
	all := make(map[[2]string]metric.Headline)
	for _, h := range metric.Headlines(metric.Describe()) {
		all[[2]string{h.Metric, h.Figure}] = h
	}

	return all
}
