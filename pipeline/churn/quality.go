package churn

// Segment is a kind of customers whose risks are judged apart. Everyone whom
// the Sampler draws is in exactly one.
type Segment uint8

// The segments, as of the draw. Inside of the first three together, and inside
// of the last, everyone is as likely to be drawn; so these three add up, and
// the last is never added to them.
const (
	OneTime    Segment = iota // still active, in one active slot ever
	Newcomer                  // still active, in several slots, known for less than a horizon
	Regular                   // still active, known for longer
	LongSilent                // silent for more than a horizon, up to 16
	Segments                  // how many there are
)

// String is the segment's name in rows and metrics.
func (s Segment) String() string {
	return [Segments]string{"one_time", "newcomer", "regular", "long_silent"}[s]
}

// QualityBins is how many bins of equal width the risks from 0 to 1 fall into:
// bin b holds those from b/10 to below (b+1)/10, the last one also 1.
const QualityBins = 10

// Reliability compares the risks of some rows with what became of them. The
// sums are whole numbers, so they add up exactly in any order.
type Reliability struct {
	Rows         int64
	Risk         int64 // sum of the Scores, which are steps of 0.0001
	Lost         int64 // of the rows
	SquaredError int64 // sum of (risk − outcome)² in steps of 0.00000001, the outcome 1 where lost, else 0

	// Overlap is the sum, over rows, of what their horizons have in common with
	// those of the same customers' earlier rows, in eighths of a horizon. Such
	// rows share their outcome, more or less, so there are fewer independent
	// cases than rows: about Rows / (1 + 2 Overlap/8 / Rows).
	Overlap int64
}

// Quality holds the rows of a learning step by segment and bin of the risk.
type Quality [Segments][QualityBins]Reliability

// add counts a row that has ended.
func (q *Quality) add(p *pending, outcome Outcome) {
	risk, lost := int64(p.risk), int64(0)
	if outcome == Lost {
		lost = 1
	}
	wrong := risk - lost*int64(Certain)
	r := &q[p.segment][qualityBin(p.risk)]
	r.Rows++
	r.Risk += risk
	r.Lost += lost
	r.SquaredError += wrong * wrong
	r.Overlap += int64(p.overlap)
}

func qualityBin(risk Score) int {
	return min(int(risk)*QualityBins/int(Certain), QualityBins-1)
}

// segment is that of a customer of a group who may be drawn.
func (m *Model) segment(s *State, group int, now int64) Segment {
	switch {
	case group == longSilent:
		return LongSilent
	case s.slots == 1:
		return OneTime
	case now-s.First() < m.config.Horizon:
		return Newcomer
	}

	return Regular
}

// Add adds the rows of another step or partition.
func (q *Quality) Add(other *Quality) {
	for s := range other {
		for bin := range other[s] {
			q[s][bin].add(&other[s][bin])
		}
	}
}

func (r *Reliability) add(o *Reliability) {
	r.Rows += o.Rows
	r.Risk += o.Risk
	r.Lost += o.Lost
	r.SquaredError += o.SquaredError
	r.Overlap += o.Overlap
}

// SegmentOf is the segment with a name, false where there is none.
func SegmentOf(name string) (Segment, bool) {
	for s := range Segments {
		if s.String() == name {
			return s, true
		}
	}

	return 0, false
}

// Count adds rows to a bin, 0 to QualityBins−1, of a segment.
func (q *Quality) Count(s Segment, bin int, r Reliability) { q[s][bin].add(&r) }
