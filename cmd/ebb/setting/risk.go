package setting

import (
	"fmt"
	"strconv"
)

// Risk is a threshold: a probability, or 0 for auto, which follows the stream.
type Risk float64

// UnmarshalText reads auto, or a probability above 0 and below 1.
func (r *Risk) UnmarshalText(text []byte) error {
	if string(text) == autoText {
		*r = 0

		return nil
	}
	value, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(value > 0 && value < 1) {
		return fmt.Errorf("%q is no risk; write a probability above 0 and below 1, such as 0.7, or %s", text, autoText)
	}
	*r = Risk(value)

	return nil
}

// String is what UnmarshalText reads.
func (r Risk) String() string {
	if r == 0 {
		return autoText
	}

	return strconv.FormatFloat(float64(r), 'g', -1, 64)
}
