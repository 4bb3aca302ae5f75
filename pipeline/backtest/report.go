package backtest

import (
	"context"

	"ebb/pipeline/backtest/bgnbd"
	"ebb/pipeline/backtest/skill"
	"ebb/pipeline/churn"
)

// Report is what a backtest found. Its JSON names are stable. Figures without
// another word are of customers still active: with a qualifying event in the
// horizon before the evaluation time. The honest question is about them; of
// all customers ever known, most have left long ago, and any score can tell.
type Report struct {
	Log     LogSummary   `json:"log"`
	Horizon int64        `json:"horizon_ms"`
	Churn   churn.Config `json:"churn"`

	// AUC, PRAUC and TopDecile are means over the evaluation times, because a
	// score ranks the customers of one time. Brier, ECE and ObservedOver are
	// over the rows of all times, because a probability has to hold for each,
	// and bins of few rows err by chance.
	AUC          Number `json:"auc_still_active"`
	PRAUC        Number `json:"pr_auc"`
	TopDecile    Number `json:"top_decile_lift"`
	Brier        Number `json:"brier"`
	ECE          Number `json:"ece"`
	ObservedOver Number `json:"observed_over_expected"`

	Times    int    `json:"evaluation_times"`
	Rows     int    `json:"rows"`
	BaseRate Number `json:"base_rate"` // share of the rows that were lost

	Signals Signals `json:"signals"`

	RuleSilentFor SilentFor `json:"rule_silent_for"` // as many signals by silence alone

	Curve []CurvePoint `json:"curve"` // over thresholds, ascending

	Thresholds []ThresholdSignals `json:"thresholds,omitempty"` // as configured
	Baselines  map[string]Number  `json:"baselines"`            // AUC, as above
	Intervals  Intervals          `json:"intervals"`
	LaterHalf  LaterHalf          `json:"later_half"`
	Cold       Cold               `json:"cold"`

	Mean     Figures `json:"mean_of_times"`
	Pooled   Figures `json:"pooled"`
	AllKnown Figures `json:"all_known"` // mean of times over all customers who ever engaged
	ByTime   []Time  `json:"by_time"`

	Parameters churn.Parameters `json:"parameters"` // the detector's, at the end

	Reliability []Bin    `json:"reliability"` // over the rows of all times, highest risk first
	Gains       []Number `json:"gains"`       // share of the lost among the tenth, two tenths … with the highest risk

	AtEnd AtEnd `json:"at_end"`

	Leads     []float64  `json:"-"` // days, ascending: the lead time of every loss that was signalled
	Told      []Told     `json:"-"` // every signal of Signals.Raised, by customer
	Portraits []Portrait `json:"-"`
}

// LogSummary says what the log is.
type LogSummary struct {
	Source     string `json:"source"`
	Mapping    string `json:"mapping"`
	Digest     string `json:"digest"`
	Customers  int    `json:"customers"`
	Events     int    `json:"events"`
	Qualifying int    `json:"qualifying"`
	First      int64  `json:"first_clock"` // Unix ms
	Last       int64  `json:"last_clock"`
	Refused    int64  `json:"refused"`
	Duplicates int64  `json:"duplicates"`
	Late       int64  `json:"late"`
	Others     int64  `json:"left_out"`
}

// Time is one evaluation time.
type Time struct {
	At       int64  `json:"at"` // Unix ms
	Rows     int    `json:"rows"`
	Known    int    `json:"known"` // customers who ever engaged
	BaseRate Number `json:"base_rate"`
	Figures
	Baselines map[string]Number `json:"baselines"`
	BGNBD     BGNBD             `json:"bgnbd"`
}

// BGNBD are the parameters of the BG/NBD model fitted at one time, to all
// customers known by then. The unit of time is the week.
type BGNBD struct {
	bgnbd.Parameters
	LogLikelihood Number `json:"log_likelihood"` // null where there was too little to fit
	Customers     int    `json:"customers"`
}

// LaterHalf is the mean AUC over the later half of the evaluation times, when
// models that were trained on the earlier half can be compared.
type LaterHalf struct {
	Times     int               `json:"evaluation_times"`
	AUC       Number            `json:"auc"`
	Interval  Interval          `json:"interval"`
	Baselines map[string]Number `json:"baselines"`
}

// Cold are the figures of the first horizon, before any outcome is complete:
// at .3, .5, .7 and .95 of it. AUC is the mean over these times, Brier is over
// all their rows.
type Cold struct {
	Times      int        `json:"evaluation_times"`
	Rows       int        `json:"rows"`
	Detector   ColdScores `json:"detector"`
	ClosedForm ColdScores `json:"closed_form"`
}

// ColdScores are the figures of one score.
type ColdScores struct {
	AUC   Number `json:"auc"`
	Brier Number `json:"brier"`
}

// Bin is one of ten bins of equal count.
type Bin struct {
	Rows     Number `json:"rows"`
	Score    Number `json:"score"`
	Observed Number `json:"observed"`
}

// Intervals are 95 % intervals by bootstrap over customers, of the figures of
// the same name in Report.
type Intervals struct {
	Resamples    int                 `json:"resamples"`
	Seed         uint64              `json:"seed"`
	AUC          Interval            `json:"auc_still_active"`
	PRAUC        Interval            `json:"pr_auc"`
	TopDecile    Interval            `json:"top_decile_lift"`
	Brier        Interval            `json:"brier"`
	ECE          Interval            `json:"ece"`
	ObservedOver Interval            `json:"observed_over_expected"`
	Baselines    map[string]Interval `json:"baselines"`

	// Ahead is the detector's AUC less the baseline's, in the same resamples:
	// above 0 where the whole interval is.
	Ahead map[string]Interval `json:"auc_ahead_of"`
}

func (s *stream) report(ctx context.Context, config Config, progress func(Progress)) (*Report, error) {
	m := newMeasured(s.evaluations)
	times, pooled := m.byTime(nil)
	mean := meanOf(times)
	groups := m.pooled.Groups(nil, nil)
	rows, _ := skill.Total(groups)
	r := &Report{
		Log:     s.log.summary(),
		Horizon: config.Churn.Horizon,
		Churn:   config.Churn,

		AUC: mean.AUC, PRAUC: mean.PRAUC, TopDecile: mean.TopDecile,
		Brier: pooled.Brier, ECE: pooled.ECE, ObservedOver: pooled.ObservedOver,

		Times:    len(s.evaluations),
		Rows:     int(rows),
		BaseRate: Number(skill.BaseRate(groups)),

		Baselines: make(map[string]Number),
		Mean:      mean,
		Pooled:    pooled,
		AllKnown:  s.allKnown(),
		ByTime:    s.byTime(m, times),

		Parameters: *s.engine.model.Parameters(),
		AtEnd:      s.atEnd(),
	}
	for _, gain := range skill.Gains(groups, bins) {
		r.Gains = append(r.Gains, Number(gain))
	}
	for scorer := recency; scorer < scorers; scorer++ {
		r.Baselines[nameOf(scorer)] = Number(m.aucOf(scorer, nil))
	}
	for _, bin := range skill.Bins(groups, bins) {
		r.Reliability = append(r.Reliability, Bin{Number(bin.Rows), Number(bin.Score), Number(bin.Observed)})
	}
	judge := newJudge(s.truth, s.engine.changes, len(s.log.Customers), s.at[0], s.log.Last, r.Horizon)
	_, threshold := s.engine.model.Thresholds()
	r.Signals = judge.signals()
	r.Signals.Threshold = threshold.Risk()
	of := newTold(judge)
	r.RuleSilentFor = of.silentFor(r.Signals.Raised)
	r.Curve = s.curve(&r.Signals, of)
	r.Leads, r.Told = r.Signals.leads, r.Signals.told
	r.Cold = coldOf(s.coldEvaluations)
	r.LaterHalf = laterHalfOf(m, times)
	var err error
	if r.Portraits, err = s.portraits(&r.AtEnd, config.Seed); err != nil {
		return nil, err
	}
	if r.Thresholds, err = s.thresholds(ctx, config, progress); err != nil {
		return nil, err
	}
	r.Intervals, r.LaterHalf.Interval, err = s.intervals(ctx, m, config, progress)

	return r, err
}

func (l *Log) summary() LogSummary {
	s := LogSummary{
		Source: l.Source, Mapping: l.Mapping, Digest: l.Digest,
		Customers: len(l.Customers), Events: len(l.Events),
		First: l.First, Last: l.Last,
		Refused: l.Refused, Duplicates: l.Duplicates, Late: l.Late, Others: l.Others,
	}
	for i := range l.Events {
		if l.Events[i].Qualifying {
			s.Qualifying++
		}
	}

	return s
}

func (s *stream) allKnown() Figures {
	var times []Figures
	for i := range s.evaluations {
		times = append(times, figuresOf(ranking(s.evaluations[i:i+1], detector, true).Groups(nil, nil)))
	}

	return meanOf(times)
}

func (s *stream) byTime(m *measured, times []Figures) []Time {
	var list []Time
	for i, v := range s.evaluations {
		groups := m.byDetector[i].Groups(nil, nil)
		rows, _ := skill.Total(groups)
		t := Time{
			At: v.at, Rows: int(rows), Known: len(v.rows), BaseRate: Number(skill.BaseRate(groups)), Figures: times[i],
			Baselines: make(map[string]Number),
			BGNBD:     BGNBD{v.fit.Parameters, Number(v.fit.LogLikelihood), v.fit.Customers},
		}
		for scorer := recency; scorer < scorers; scorer++ {
			t.Baselines[nameOf(scorer)] = Number(skill.AUC(m.others[scorer][i].Groups(nil, nil)))
		}
		list = append(list, t)
	}

	return list
}
