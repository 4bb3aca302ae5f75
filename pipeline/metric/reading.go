package metric

import (
	"ebb/pipeline/event"
	"ebb/windows"
)

// The slots of reading.
const (
	readingReads = iota
	readingThird
	readingTwoThirds
	readingEnd
)

// Where a third and two thirds begin: many producers round them down to whole percents.
const (
	thirdRead     = 0.33
	twoThirdsRead = 0.66
)

// reading is how far people get in what they read and watch.
func reading() *Metric {
	return &Metric{
		Name:  "reading",
		Title: "Read depth",
		Definition: "How far people get in what they read and watch, by channel and type. Each event is one read: " +
			"who sends one at every mark that is passed has the share of marks.",
		FedBy:   "scroll.reached and video.progressed with the field progress",
		By:      []Dimension{Channel(), Type()},
		ByClass: true,
		Measures: []Measure{
			{Name: "reads", Definition: "events with progress", Unit: "events", Slot: readingReads},
			{Name: "depth", Definition: "sum of their progress, each from 0 to 1, cut to millionths", Unit: "reads", Slot: readingReads, Sum: true},
			{Name: "third", Definition: "those that reached a third, from 0.33 on", Unit: "events", Slot: readingThird},
			{Name: "two_thirds", Definition: "those that reached two thirds, from 0.66 on", Unit: "events", Slot: readingTwoThirds},
			{Name: "finished", Definition: "those that reached the end", Unit: "events", Slot: readingEnd},
		},
		Figures: []Figure{
			perCase("third_share", "A third read", "share of reads that reach a third", "share", "third / reads", "reads"),
			perCase("two_thirds_share", "Two thirds read", "share of reads that reach two thirds", "share", "two_thirds / reads", "reads"),
			perCase("finished_share", "Read to the end", "share of reads that reach the end", "share", "finished / reads", "reads"),
			perCase("mean_depth", "Mean depth", "mean progress, 0 to 1", "share", "depth / reads", "reads"),
		},
		AtMost: 600,
		Takes:  PeopleOf("scroll.reached", "video.progressed"),
		Counts: func(e *Event, row *Row) bool {
			if !e.Has(event.HasProgress) {
				return false
			}
			row.Add(readingReads, windows.SumOf(int64(e.Progress*1e6)))
			for slot, from := range [...]float64{readingThird: thirdRead, readingTwoThirds: twoThirdsRead, readingEnd: 1} {
				if slot != readingReads && e.Progress >= from {
					row.Count(slot)
				}
			}

			return true
		},
	}
}
