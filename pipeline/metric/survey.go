package metric

import (
	"fmt"
	"strings"

	"ebb/pipeline/event"
	"ebb/windows"
)

// surveyAnswered is the type of answers that say in properties.survey of which survey
// they are. A type of the vocabulary that is called survey.<name> needs no property.
const surveyAnswered = "survey.answered"

// The slots of a survey. The bins follow, from the lowest score to the highest.
const (
	surveyResponses = iota
	surveyAnswers
	surveyOffScale
	surveyBins
)

// leastAnswers is how many answers a figure of a survey needs.
const leastAnswers = 10

// survey is a metric of the answers to one question whose scores are whole numbers of a
// scale. A score beside the scale is counted as such and nowhere else: who moves it to
// the nearest end makes up an answer.
func survey(name, title, definition, source string, from, to int, figures ...Figure) *Metric {
	m := &Metric{
		Name: name, Title: title, Source: source,
		Definition: definition + " By channel, with a count of each score.",
		FedBy:      fmt.Sprintf("survey.answered with a score and properties.survey %s, or a type survey.%s of your vocabulary", name, name),
		By:         []Dimension{Channel()},
		ByClass:    true,
		Measures: []Measure{
			{Name: "responses", Definition: "answers of people with a score", Unit: "answers", Slot: surveyResponses},
			{Name: "answers", Definition: fmt.Sprintf("those whose score is a whole number from %d to %d", from, to), Unit: "answers", Slot: surveyAnswers},
			{Name: "score", Definition: "sum of their scores", Unit: "points", Slot: surveyAnswers, Sum: true},
			{Name: "off_scale", Definition: "responses with another score, which count in no figure", Unit: "answers", Slot: surveyOffScale},
		},
		Figures: figures,
		AtMost:  300,
		Takes:   PeopleOf(surveyAnswered, "survey."+name),
		Counts: func(e *Event, row *Row) bool {
			if !e.Has(event.HasScore) || e.survey() != name {
				return false
			}
			row.Count(surveyResponses)
			bin := int(min(max(e.Score, -1), 1000)) // any score fits
			if float64(bin) != e.Score || bin < from || bin > to {
				row.Count(surveyOffScale)

				return true
			}
			row.Add(surveyAnswers, windows.SumOf(int64(bin)*1_000_000))
			row.Count(surveyBins + bin - from)

			return true
		},
	}
	for score := from; score <= to; score++ {
		m.Measures = append(m.Measures, Measure{
			Name: scored(score), Definition: fmt.Sprintf("answers of %d", score), Unit: "answers", Slot: surveyBins + score - from,
		})
	}

	return m
}

// survey is the survey that the event answers, in small letters; "" for none that is
// named.
func (e *Event) survey() string {
	if name, found := strings.CutPrefix(e.TypeName(), "survey."); found && name != "answered" {
		return name
	}

	return smallLetters(e.Property("survey").Text())
}

// smallLetters changes the letters A to Z.
func smallLetters(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}

		return r
	}, text)
}

func scored(score int) string { return fmt.Sprint("score_", score) }

// bins is the sum of the bins from a score to another, each times a number that follows
// from it, in SQL.
func bins(from, to int, times func(score int) int) string {
	var terms []string
	for score := from; score <= to; score++ {
		if by := times(score); by == 1 {
			terms = append(terms, scored(score))
		} else {
			terms = append(terms, fmt.Sprintf("%d * %s", by, scored(score)))
		}
	}

	return "(" + strings.Join(terms, " + ") + ")"
}

func once(int) int { return 1 }

// ofAnswers completes a figure that divides by the answers.
func ofAnswers(name, title, definition, unit, sql string) Figure {
	return Figure{Name: name, Title: title, Definition: definition, Unit: unit, SQL: sql, Cases: "answers", Least: leastAnswers}
}

// meanOf and meanError are the mean of the answers and its standard error, from bins.
func meanOf(from, to int) string {
	return bins(from, to, func(s int) int { return s }) + " / answers"
}

func meanError(from, to int) string {
	squares := bins(from, to, func(s int) int { return s * s }) + " / answers"

	return fmt.Sprintf("sqrt(greatest(%s - pow(%s, 2), 0) / answers)", squares, meanOf(from, to))
}

// wilson is the interval in which a share of the answers lies with 95 % confidence: its lower end for
// a sign of -, its upper end for +.
func wilson(cases, sign string) string {
	return fmt.Sprintf("(%[1]s + 1.9208 %[2]s 1.96 * sqrt(%[1]s * (answers - %[1]s) / answers + 0.9604)) / (answers + 3.8416)", cases, sign)
}

// wilsonSource is where the interval comes from.
const wilsonSource = "E. B. Wilson, Probable inference, 1927, for the interval"
