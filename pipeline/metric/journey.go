package metric

import "ebb/pipeline/vocabulary"

// The slots of journey.
const (
	journeyTransitions = iota
	journeyFirst
	journeyForward
	journeyBackward
)

// journey is how customers move between the stages: how many are in each is in the
// column, see stage.go.
func journey() *Metric {
	return &Metric{
		Name:  "journey",
		Title: "Journey",
		Definition: "Moves of customers from stage to stage of the journey: awareness, consideration, preference, purchase, loyalty. " +
			"A customer is in the stage of their newest event whose type has one, so they move both ways. What speaks against the relation moves nobody.",
		FedBy: "events of types that have a stage",
		By: []Dimension{
			{
				Name: "from_stage", Definition: "stage that the customer leaves; none before their first one",
				Of: func(e *Event) string { return e.Who.Stage().String() },
			},
			{
				Name: "to_stage", Definition: "stage that the customer comes to",
				Of: func(e *Event) string { return e.Class.Stage.String() },
			},
		},
		Code: func(e *Event) (uint32, bool) { return uint32(e.Who.Stage())<<8 | uint32(e.Class.Stage), true },
		Measures: []Measure{
			{Name: "transitions", Definition: "moves between the two stages", Unit: "moves", Slot: journeyTransitions},
			{Name: "first_reached", Definition: "of them, those of customers who had never been in the stage that they came to", Unit: "moves", Slot: journeyFirst},
			{Name: "forward", Definition: "of them, those to a later stage of the journey; who comes from none moves forward", Unit: "moves", Slot: journeyForward},
			{Name: "backward", Definition: "of them, those to an earlier stage of the journey", Unit: "moves", Slot: journeyBackward},
		},
		Figures: []Figure{
			{
				Name: "first_share", Title: "Reached for the first time", Definition: "share of the moves that brought a customer to a stage for the first time", Unit: "share",
				SQL: "first_reached / transitions", Cases: "transitions", Least: 10,
			},
		},
		AtMost:  vocabulary.StageCount * vocabulary.StageCount,
		Ordered: true,
		Reads:   []string{"stage"},
		Takes:   staged,
		Counts: func(e *Event, row *Row) bool {
			from, to := e.Who.Stage(), e.Class.Stage
			if from == to {
				return false
			}
			row.Count(journeyTransitions)
			if !e.Who.Reached(to) {
				row.Count(journeyFirst)
			}
			if from < to {
				row.Count(journeyForward)
			} else {
				row.Count(journeyBackward)
			}

			return true
		},
	}
}
