package churn

// A dwell is there so that a level does not follow single visits: what is too
// short for that, and what keeps a customer back too long, is told by the
// horizon.
const (
	dwellOf     = 120 // of a horizon
	longestUsed = 6 * hour
)

// DwellOf is the dwell that suits a horizon, both in milliseconds: a 120th of
// it, at most six hours. It suits any horizon of Config.
func DwellOf(horizon int64) int64 { return min(horizon/dwellOf, longestUsed) }
