package backtest

// The detector and the baselines, by their index in a row.
const (
	detector       = iota
	recency        // time since the last qualifying event
	decayedCount   // qualifying events, halved every half horizon; fewer are worse
	recencyOverGap // recency over the customer's own mean gap
	bgnbdNone      // probability of no event within the horizon by the BG/NBD model
	closedForm     // the same by the detector's own gamma-Poisson rates, without labels
	scorers
)

// nameOf is a scorer's name in JSON.
func nameOf(scorer int) string {
	return [scorers]string{"detector", "recency", "decayed_count", "recency_over_gap", "bgnbd_p0", "gamma_poisson_p0"}[scorer]
}

// score fills in the baselines of one customer but bgnbdNone, higher meaning
// more likely to be lost. A customer without a gap of their own, as after a
// single event, has the mean gap of all.
func (h *habits) score(scores *[scorers]float64, who habit, now int64, meanGap float64) {
	silence := max(0, now-who.last)
	gap := meanGap
	if who.last > who.first {
		gap = float64(who.last-who.first) / float64(who.events-1)
	}
	scores[recency] = float64(silence)
	scores[decayedCount] = -who.decayed * h.decay(silence)
	scores[recencyOverGap] = float64(silence) / max(gap, 1)
}

// Baseline is a score to compare with.
type Baseline struct {
	Name  string // in JSON
	Words string // for people
}

// Baselines are the scores that the detector is compared with, in the order of
// reports.
func Baselines() []Baseline {
	return []Baseline{
		{nameOf(recency), "recency"},
		{nameOf(decayedCount), "decayed count"},
		{nameOf(recencyOverGap), "recency / own mean gap"},
		{nameOf(bgnbdNone), "BG/NBD P(none)"},
		{nameOf(closedForm), "gamma-Poisson P(none)"},
	}
}
