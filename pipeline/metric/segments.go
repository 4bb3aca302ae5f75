package metric

import "ebb/pipeline/amount"

// The slots of segments.
const (
	segmentCustomers = iota
	segmentSpent
)

// ranges are those of a number, by name: each from its bound on, up to the next one's.
type ranges struct {
	from  []int64
	names []string
}

func (b *ranges) of(n int64) int32 {
	bin := int32(0)
	for int(bin)+1 < len(b.from) && n >= b.from[bin+1] {
		bin++
	}

	return bin
}

func (b *ranges) text(bin int32) string { return b.names[bin] }

// levelNames are those of the levels of risk.
func levelNames() []string { return []string{"healthy", "cooling", "at_risk", "lapsed"} }

// recencyBins are those of the days since a customer last engaged.
func recencyBins() *ranges {
	return &ranges{[]int64{0, 7, 28, 84}, []string{"0-6", "7-27", "28-83", "84+"}}
}

// frequencyDays is over how many days those are counted on which customers engaged, and
// frequencyBins are the bins of their number.
const frequencyDays = 84

func frequencyBins() *ranges {
	return &ranges{[]int64{0, 1, 2, 4, 10}, []string{"0", "1", "2-3", "4-9", "10+"}}
}

// monetaryBins are those of what a customer has paid, in millionths.
func monetaryBins() *ranges {
	const unit = 1_000_000

	return &ranges{[]int64{0, 1, 100 * unit, 1000 * unit}, []string{"0", "1-99", "100-999", "1000+"}}
}

// segments are the customers by recency, frequency and monetary value, and by risk
// level. The bins are fixed and not quintiles of the population: those move with it, so
// that a customer would change the segment by what others do, and no partition knows
// them alone.
func segments() *Census {
	recency, frequency, monetary, levels := recencyBins(), frequencyBins(), monetaryBins(), levelNames()

	return &Census{
		Name:  "segments",
		Title: "Customers by segment",
		Definition: "Customers who ever engaged by recency, frequency and monetary value (RFM) in fixed bins, and by their risk level, when the day is counted, with what they have paid so far. " +
			"Of each the sum is in the currency of their first payment.",
		Source: "Hughes 1994, \"Strategic Database Marketing\"; fixed bins in place of quintiles, which move with the population",
		FedBy:  "qualifying events; of monetary value, those of types that carry money",
		By: []CensusDimension{
			{Name: "recency", Definition: "days since the customer last engaged, up to the day: 0-6, 7-27, 28-83, 84+", Text: recency.text},
			{Name: "frequency", Definition: "days on which they engaged, of the last 84: 0, 1, 2-3, 4-9, 10+", Text: frequency.text},
			{Name: "monetary", Definition: "what they have paid so far, in units of the currency: 0 (or less), 1-99 (more than 0, below 100), 100-999, 1000+", Text: monetary.text},
			{Name: "currency", Definition: "of their first payment: ISO 4217; empty for none", Text: currencyText},
			{Name: "level", Definition: "risk level: healthy, cooling, at_risk or lapsed", Text: func(v int32) string { return levels[v] }},
		},
		Measures: []Measure{
			{Name: "customers", Definition: "customers of this segment", Unit: "customers", Slot: segmentCustomers},
			{Name: "spent", Definition: "what they have paid so far, without what they got back", Unit: "currency", Slot: segmentSpent, Sum: true},
		},
		Figures: []Figure{
			{Name: "spent_each", Title: "Paid by each", Definition: "what a customer of the segment has paid so far, on average", Unit: "currency", SQL: "spent / customers", Cases: "customers", Least: 10},
		},
		Ordered: true,
		Reads:   []string{"days_engaged", "spent"},
		Counts: func(p *Person, t *Tally) {
			if !p.Engaged.By(p.Day) {
				return
			}
			spent := p.Who.Spent()
			row := t.Row(
				recency.of(int64(p.Engaged.Since(p.Day))), frequency.of(int64(p.Engaged.Count(p.Day, frequencyDays))),
				monetary.of(clamped(spent.Amount)), currencyCode(spent.Currency), int32(p.Level))
			row.Count(segmentCustomers)
			row.Add(segmentSpent, spent.Amount)
		},
	}
}

// clamped is an amount in millionths, or 2^62 where it is more, and -1 where it is below 0.
func clamped(a amount.Amount) int64 {
	const most = 1 << 62
	switch {
	case a.Sign() < 0:
		return -1
	case a.Hi > 0 || a.Lo > most:
		return most
	}

	return int64(a.Lo)
}

// currencyCode is a currency as the value of a dimension, and currencyText its text.
func currencyCode(c [3]byte) int32 { return int32(c[0])<<16 | int32(c[1])<<8 | int32(c[2]) }

func currencyText(v int32) string {
	if v == 0 {
		return ""
	}

	return string([]byte{byte(v >> 16), byte(v >> 8), byte(v)})
}
