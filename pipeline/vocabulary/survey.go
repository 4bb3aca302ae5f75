package vocabulary

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// SurveyAnswered is the default type of answers to surveys.
const SurveyAnswered = "survey.answered"

// surveyPrefix begins types that are the answers to one survey, such as survey.csat.
const surveyPrefix = "survey."

// surveyScale is the scale of the surveys that have one of their own, by their usual
// names: how likely one is to recommend, how satisfied one is, how easy it was, how one
// felt.
func surveyScale(survey string) (Scale, bool) {
	switch survey {
	case "nps":
		return Scale{Worst: 0, Best: 10}, true
	case "csat", "emotion":
		return Scale{Worst: 1, Best: 5}, true
	case "ces":
		return Scale{Worst: 1, Best: 7}, true
	}

	return Scale{}, false
}

// scaleOf is the scale of an event's score: that of its type, and where the type is of
// answers to any survey, that of the survey which the event names.
func (v *Vocabulary) scaleOf(t *EventType, properties []byte) Scale {
	if t.BySurvey {
		if scale, known := surveyScale(surveyNamed(properties)); known {
			return scale
		}
	}

	return t.Scale
}

// surveyNamed is properties.survey in small letters; "" where it is no string.
func surveyNamed(properties []byte) string {
	const name = "survey"
	if !bytes.Contains(properties, []byte(name)) && bytes.IndexByte(properties, '\\') < 0 { // it may be written with escapes
		return ""
	}
	r := jsontext.NewDecoder(bytes.NewReader(properties))
	if r.PeekKind() != '{' {
		return ""
	}
	if _, err := r.ReadToken(); err != nil {
		return ""
	}
	for r.PeekKind() == '"' {
		token, err := r.ReadToken()
		if err != nil {
			return ""
		}
		if token.String() != name {
			if err := r.SkipValue(); err != nil {
				return ""
			}

			continue
		}
		if r.PeekKind() != '"' {
			return ""
		}
		if token, err = r.ReadToken(); err != nil {
			return ""
		}

		return strings.Map(small, token.String())
	}

	return ""
}

// small changes the letters A to Z.
func small(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}

	return r
}
