package windows

// Watermark is the time before which no event is accepted any more: the clock
// less the allowed lateness, all in milliseconds.
func Watermark(clock, lateness int64) int64 { return clock - lateness }

// Late reports whether an event of time t comes too late at this clock. An
// event exactly at the watermark is in time.
func Late(t, clock, lateness int64) bool { return t < Watermark(clock, lateness) }

// TooFarAhead reports whether an event of time t lies further in the future
// than the skew allows. An event exactly at clock + skew is accepted.
func TooFarAhead(t, clock, skew int64) bool { return t > clock+skew }
