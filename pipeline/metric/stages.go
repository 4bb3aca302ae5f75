package metric

import "ebb/pipeline/vocabulary"

// stages is where the customers are on the journey: journey.go has the moves between.
func stages() *Census {
	text := func(v int32) string { return vocabulary.Stage(v).String() }

	return &Census{
		Name:  "stages",
		Title: "Customers by stage of the journey",
		Definition: "Customers by the stage of the journey in which they are, and by the furthest one that they have been in, when the day is counted: " +
			"awareness, consideration, preference, purchase, loyalty. Who has not had an event with a stage is in none.",
		FedBy: "events of types that have a stage",
		By: []CensusDimension{
			{Name: "stage", Definition: "stage of the customer's newest event whose type has one; none", Text: text},
			{Name: "furthest", Definition: "the furthest stage that they have been in; none", Text: text},
		},
		Measures: []Measure{{Name: "customers", Definition: "customers who are there", Unit: "customers"}},
		Ordered:  true,
		Reads:    []string{"stage"},
		Counts: func(p *Person, t *Tally) {
			stage, furthest := int32(p.Who.Stage()), int32(p.Who.FurthestStage())
			t.At(stage*vocabulary.StageCount+furthest, stage, furthest).Count(0)
		},
	}
}
