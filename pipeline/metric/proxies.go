package metric

import (
	"math/bits"
	"strconv"
)

// proxies is how customers are spread over three kinds of engagement.
func proxies() *Census {
	names := []string{"cognitive", "emotional", "behavioural"}

	return &Census{
		Name:  "proxies",
		Title: "Proxies of engagement",
		Definition: "Customers by attention (cognitive: pings, and how far they read or watched), by opinion (emotional: mean of ratings and sentiments) and by action (behavioural: active engagements), " +
			"of the four calendar weeks up to the day, each among those who have any. They are proxies: what customers think and feel is not measured. " +
			"Percentiles are in v_proxy_percentiles, and of single values in v_proxy_ranks.",
		Source: "Hollebeek and others 2014, \"Consumer brand engagement in social media\", for the three dimensions; bins of HdrHistogram with eight parts an octave, so a value is up to 12.5 % above its bin's least",
		FedBy:  "page.pinged, screen.pinged, scroll.reached, video.progressed; survey.answered with a score, and any sentiment; active engagements",
		By: []CensusDimension{
			{Name: "proxy", Definition: "cognitive (points), emotional (hundredths, -100 to 100) or behavioural (events)", Text: func(v int32) string { return names[v] }},
			{Name: "at_least", Definition: "least value of the bin: exact below 16, eight bins up to each double of it; of emotional, bins of 5", Text: func(v int32) string { return strconv.Itoa(int(v)) }},
		},
		Measures: []Measure{{Name: "customers", Definition: "customers in the bin", Unit: "customers"}},
		Ordered:  true,
		Reads:    []string{"deeds"},
		Counts: func(p *Person, t *Tally) {
			d := p.Who.deeds(p.Day)
			if d.cognitive > 0 {
				t.Row(0, leastOfBin(d.cognitive)).Count(0)
			}
			if d.opinions > 0 {
				t.Row(1, 5*floorOf(d.opinion, 5*d.opinions)).Count(0)
			}
			if d.behavioural > 0 {
				t.Row(2, leastOfBin(d.behavioural)).Count(0)
			}
		},
	}
}

// leastOfBin is the least value of a value's bin.
func leastOfBin(v int) int32 {
	if v < 16 {
		return int32(v)
	}
	drop := bits.Len(uint(v)) - 4

	return int32(v >> drop << drop)
}

// floorOf is a / b rounded down, for b above 0.
func floorOf(a, b int) int32 {
	q := a / b
	if a%b < 0 {
		q--
	}

	return int32(q)
}
