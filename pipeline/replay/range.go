package replay

import (
	"math"
	"strconv"

	"ebb/pipeline/amount"
)

// outside says which numbers the field takes, where number, of JSON, is one
// that a shard would refuse; "" where it would not.
func (f field) outside(number []byte) string {
	lowest, highest, allowed := math.Inf(-1), math.Inf(1), "that fits into 64-bit floating point"
	switch f {
	case fieldValue:
		if v, ok := amount.ParseBytes(number); !ok || amount.Max().Less(v.Abs()) {
			return "from -1e18 to 1e18"
		}

		return ""
	case fieldSentiment:
		lowest, highest, allowed = -1, 1, "from -1 to 1"
	case fieldDuration:
		lowest, allowed = 0, "of seconds, 0 or more"
	case fieldProgress:
		lowest, highest, allowed = 0, 1, "from 0 to 1"
	}
	v, err := strconv.ParseFloat(string(number), 64)
	if err == nil && v >= lowest && v <= highest {
		return ""
	}

	return allowed
}
