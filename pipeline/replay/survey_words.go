package replay

import (
	"fmt"
	"strings"

	"ebb/pipeline/vocabulary"
)

// maxNamed is how many types a sentence names.
const maxNamed = 8

// Words says to a person what is wrong with the times of the file, whose its
// anonymous rows are, what it taught and what it lacks, in sentences; none where the times can be believed
// and the vocabulary has all types, and some values are money. where is the place to change it.
func (s *Survey) Words(where string) []string {
	words := s.Timeline.Words(s.Source, s.Mapping, s.limits)
	words = append(words, s.Joins.Words()...)
	say := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	learned := func(kind vocabulary.Kind) []SurveyType {
		return s.only(func(t *SurveyType) bool { return t.Learned && t.Kind == kind })
	}
	if s.Assumed {
		say("Nothing tells which types of %s are engagement, so those that the vocabulary lacks all count as active: %s. "+
			"Give them their kinds %s, or name a column of kinds (passive, micro, active, exposure) in a mapping: fields.kind.",
			s.Source.Name, typeWords(learned(vocabulary.Active)), where)
	} else {
		for _, kind := range []vocabulary.Kind{vocabulary.Active, vocabulary.Micro, vocabulary.Passive, vocabulary.Exposure} {
			if types := learned(kind); len(types) > 0 {
				say("By the file %s, %s: %s.", kind, counts(kind), typeWords(types))
			}
		}
		if len(learned(vocabulary.Passive)) > 0 {
			say("Where a passive type is engagement here, set qualifying for it %s.", where)
		}
	}
	for i := range s.Types {
		if t := &s.Types[i]; t.Learned && t.kinds() > 1 {
			say("%s occurs as %s; it counts as %s.", t.Type, t.told(), t.Kind)
		}
	}
	if s.BadKinds > 0 {
		say("%s a kind that is none of passive, micro, active and exposure, such as %q.", rowsHave(s.BadKinds), s.BadKind)
	}
	s.moneyWords(say, where)
	if types := s.only(func(t *SurveyType) bool { return t.Kind == vocabulary.Unknown }); len(types) > 0 {
		say("Unknown and never counted as engagement: %s. Map them to known types, or give them kinds %s.", typeWords(types), where)
	}
	if s.Beyond > 0 {
		say("%s further types, which stay unknown: a vocabulary has at most %d types. Is the column of types the right one? "+
			"Map them to fewer with types in a mapping.", rowsHave(s.Beyond), vocabulary.MaxTypes)
	}

	return words
}

// Kinds names the file's types by kind, the negative ones apart.
func (s *Survey) Kinds() string {
	var parts []string
	add := func(name string, keep func(*SurveyType) bool) {
		if types := s.only(keep); len(types) > 0 {
			parts = append(parts, name+": "+typeWords(types))
		}
	}
	for kind := range vocabulary.Kind(vocabulary.Kinds) {
		add(kind.String(), func(t *SurveyType) bool { return t.Kind == kind && !t.Negative })
	}
	add("negative", func(t *SurveyType) bool { return t.Negative })

	return strings.Join(parts, "; ")
}

// typeWords names types with their rows, as many as a sentence holds.
func typeWords(types []SurveyType) string {
	var names []string
	for i := range types[:min(len(types), maxNamed)] {
		t := &types[i]
		names = append(names, fmt.Sprintf("%s (%s)", t.Type, rowCount(t.Rows)))
	}
	if more := len(types) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}

	return strings.Join(names, ", ")
}

func (s *Survey) only(keep func(*SurveyType) bool) []SurveyType {
	var types []SurveyType
	for i := range s.Types {
		if keep(&s.Types[i]) {
			types = append(types, s.Types[i])
		}
	}

	return types
}

// kinds is how many kinds the rows say.
func (t *SurveyType) kinds() int {
	n := 0
	for _, rows := range t.Told {
		n += min(int(rows), 1)
	}

	return n
}

func (t *SurveyType) told() string {
	var texts []string
	for kind, n := range t.Told {
		if n > 0 {
			texts = append(texts, fmt.Sprintf("%s (%s)", vocabulary.Kind(kind), rowCount(n)))
		}
	}

	return strings.Join(texts, " and ")
}

func counts(kind vocabulary.Kind) string {
	if kind == vocabulary.Active || kind == vocabulary.Micro {
		return "so engagement"
	}

	return "so no engagement"
}

func rowCount(n int64) string {
	if n == 1 {
		return "1 row"
	}

	return fmt.Sprintf("%d rows", n)
}

func rowsHave(n int64) string {
	if n == 1 {
		return "1 row has"
	}

	return fmt.Sprintf("%d rows have", n)
}
