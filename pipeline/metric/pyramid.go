package metric

import (
	"ebb/pipeline/event"
	"ebb/windows"
)

// The slots of pyramid.
const (
	pyramidEvents = iota
	pyramidGoals
	pyramidReached
	pyramidEase
	pyramidJoy
	pyramidOpened
	pyramidResolved
)

// pyramid is the three levels of an experience side by side, and the cases beside them.
func pyramid() *Metric {
	return &Metric{
		Name:  "pyramid",
		Title: "CX pyramid",
		Definition: "Whether an experience meets needs (goal reached), is easy (customer effort, 1 to 7) and enjoyable (emotion, 1 to 5), by channel, with cases opened and resolved. " +
			"Scores beside their scale are not in it.",
		Source: "H. Manning, K. Bodine, Outside In, 2012",
		FedBy:  "survey.answered with properties.goal_reached true or false, or properties.survey ces or emotion and a score; case.opened, case.resolved",
		By:     []Dimension{Channel()}, ByClass: true,
		Measures: []Measure{
			{Name: "events", Definition: "answers to one of the three, and cases", Unit: "events", Slot: pyramidEvents},
			{Name: "goal_answers", Definition: "answers whether the goal was reached", Unit: "answers", Slot: pyramidGoals},
			{Name: "goals_reached", Definition: "those that say yes", Unit: "answers", Slot: pyramidReached},
			{Name: "ease_answers", Definition: "answers of customer effort, whole numbers from 1 to 7", Unit: "answers", Slot: pyramidEase},
			{Name: "ease", Definition: "sum of their scores", Unit: "points", Slot: pyramidEase, Sum: true},
			{Name: "joy_answers", Definition: "answers of emotion, whole numbers from 1 to 5", Unit: "answers", Slot: pyramidJoy},
			{Name: "joy", Definition: "sum of their scores", Unit: "points", Slot: pyramidJoy, Sum: true},
			{Name: "cases_opened", Definition: "cases opened", Unit: "events", Slot: pyramidOpened},
			{Name: "cases_resolved", Definition: "cases resolved", Unit: "events", Slot: pyramidResolved},
		},
		Figures: []Figure{
			perCase("meets_needs", "Meets needs", "share of answers that say that the goal was reached", "share", "goals_reached / goal_answers", "goal_answers"),
			perCase("easy", "Easy", "mean of customer effort, 1, very hard, to 7, very easy", "points", "ease / ease_answers", "ease_answers"),
			perCase("enjoyable", "Enjoyable", "mean of emotion, 1 to 5", "points", "joy / joy_answers", "joy_answers"),
		},
		AtMost: 300,
		Takes:  PeopleOf(surveyAnswered, "survey.ces", "survey.emotion", "survey.goal", "case.opened", "case.resolved"),
		Counts: func(e *Event, row *Row) bool {
			switch e.TypeName() {
			case "case.opened":
				row.Count(pyramidOpened)
			case "case.resolved":
				row.Count(pyramidResolved)
			default:
				if !pyramidAnswer(e, row) {
					return false
				}
			}
			row.Count(pyramidEvents)

			return true
		},
	}
}

// pyramidAnswer fills the slots of an answer: one may say whether the goal was reached
// and how easy it was. It is false for what is none of the three.
func pyramidAnswer(e *Event, row *Row) (answered bool) {
	if reached, known := e.Property("goal_reached").Truth(); known {
		row.Count(pyramidGoals)
		if reached {
			row.Count(pyramidReached)
		}
		answered = true
	}
	slot, most := pyramidEase, 7
	switch e.survey() {
	case "ces":
	case "emotion":
		slot, most = pyramidJoy, 5
	default:
		return answered
	}
	score := int(min(max(e.Score, 0), 1000))
	if !e.Has(event.HasScore) || float64(score) != e.Score || score < 1 || score > most {
		return answered
	}
	row.Add(slot, windows.SumOf(int64(score)*1_000_000))

	return true
}
