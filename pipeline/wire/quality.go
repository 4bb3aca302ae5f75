package wire

// QualityRow compares published risks with what came of them: the rows of one
// partition whose outcome became known at one learning step, an eighth of the
// horizon after the one before. It is the same as another with the same
// partition and time. Its figures are of this step alone, so they add up over
// steps and partitions.
type QualityRow struct {
	Header
	Time      int64        `json:"time"`       // when the outcomes were known, Unix ms
	HorizonMS int64        `json:"horizon_ms"` // the risks were given a horizon before, ms
	Bins      []QualityBin `json:"bins"`       // those that hold rows; none before the first outcomes

	CoolingAt float64 `json:"cooling_at"` // the risk from which on customers are cooling, at that time
	AtRiskAt  float64 `json:"at_risk_at"` // the risk from which on they are at risk, at that time
}

// QualityBin are the rows of a segment whose risk was in one of ten bins of
// equal width.
type QualityBin struct {
	Segment  string `json:"segment"`   // of the customers: one_time, newcomer, regular or long_silent
	Bin      int    `json:"bin"`       // 0 to 9; 0 holds risks below 0.1
	Rows     int64  `json:"rows"`      // risks given
	RiskSum  int64  `json:"risk_sum"`  // of the risks, in units of 0.0001
	Lost     int64  `json:"lost"`      // had no engagement in the horizon
	BrierSum int64  `json:"brier_sum"` // of (risk − outcome)², in units of 0.00000001
	Overlap  int64  `json:"overlap"`   // of horizons of the same customers, in eighths of a horizon
}
