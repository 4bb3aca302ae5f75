package metric

import (
	"ebb/pipeline/event"
	"ebb/windows"
)

// The slots of sentiment.
const (
	sentimentOf = iota
	sentimentNegative
)

// sentiment is how people feel in what they write, as the producer's own analysis
// says with the event.
func sentiment() *Metric {
	return &Metric{
		Name:       "sentiment",
		Title:      "Sentiment",
		Definition: "Mean sentiment and share of negative ones, of events of people that carry a sentiment, by channel.",
		FedBy:      "events with the field sentiment, such as feedback.given and mention.posted",
		By:         []Dimension{Channel()},
		ByClass:    true,
		Measures: []Measure{
			{Name: "answers", Definition: "events that carry a sentiment", Unit: "events", Slot: sentimentOf},
			{Name: "sentiment", Definition: "sum of their sentiments, each from -1 to 1, cut toward zero to millionths", Unit: "points", Slot: sentimentOf, Sum: true},
			{Name: "negative", Definition: "events with a sentiment below 0", Unit: "events", Slot: sentimentNegative},
		},
		Figures: []Figure{
			{
				Name: "mean_sentiment", Title: "Mean sentiment", Definition: "from -1, all negative, to 1", Unit: "points",
				SQL: "sentiment / answers", Cases: "answers", Least: 10,
			},
			{
				Name: "negative_share", Title: "Negative", Definition: "share of events with a sentiment below 0", Unit: "share",
				SQL: "negative / answers", Cases: "answers", Least: 10,
			},
		},
		AtMost: 300,
		Takes:  People,
		Needs:  event.HasSentiment,
		Counts: func(e *Event, row *Row) bool {
			row.Add(sentimentOf, windows.SumOf(int64(e.Sentiment*1e6)))
			if e.Sentiment < 0 {
				row.Count(sentimentNegative)
			}

			return true
		},
	}
}
