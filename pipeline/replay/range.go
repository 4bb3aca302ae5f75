package replay

import (
	"bytes"
	"math"
	"strconv"

	"ebb/pipeline"
)

// outside says which numbers the field takes, where text is a number that a
// shard would refuse; "" where it would not.
func (f field) outside(text []byte) string {
	var lowest float64
	var allowed string
	highest := math.Inf(1)
	switch f {
	case fieldValue:
		highest = float64(pipeline.MaxValue / pipeline.ValueScale)
		lowest, allowed = -highest, "from -1e9 to 1e9"
	case fieldSentiment:
		lowest, highest, allowed = -1, 1, "from -1 to 1"
	case fieldDuration:
		lowest, allowed = 0, "of seconds, 0 or more"
	case fieldProgress:
		lowest, highest, allowed = 0, 1, "from 0 to 1"
	default:
		return ""
	}
	number, err := strconv.ParseFloat(string(bytes.TrimSpace(text)), 64)
	if err == nil && number >= lowest && number <= highest {
		return ""
	}

	return allowed
}
