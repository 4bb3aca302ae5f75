package churn

import "fmt"

// Dictionary is all that texts in a language are put together from, for one
// horizon: phrases with places in braces, and by unit and number the words of
// lengths of time, dates and percentages. With it, and with the rules that say
// which of them a customer's history asks for, texts can be made anew elsewhere.
func Dictionary(language string, horizon int64) (map[string]string, error) {
	l, ok := languageOf(language)
	if !ok {
		return nil, fmt.Errorf("churn: no language is called %q; use one of %q", language, Languages())
	}
	words := make(map[string]string)
	for form, phrase := range l.phrases {
		words[form] = phrase
	}
	for unit := range spans {
		for n := int64(1); n <= int64(spans[unit].most); n++ {
			words[fmt.Sprintf("span.%s.%d", spans[unit].name, n)] = l.amount(unit, n)
			words[fmt.Sprintf("every.%s.%d", spans[unit].name, n)] = l.units[unit].every
			if n > 1 {
				words[fmt.Sprintf("every.%s.%d", spans[unit].name, n)] = l.everyOf(l.amount(unit, n))
			}
		}
	}
	words["span.few"], words["every.few"] = l.few, l.everyFew
	words["about"], words["almost"] = l.about+" ", l.almost+" "
	for n := range 101 {
		words[fmt.Sprintf("percent.%d", n)] = l.toPercent(Score(100 * n))
	}
	for n := range int64(11) {
		words[fmt.Sprintf("messages.%d", n)] = l.number(n, l.messagesFeminine)
	}
	for n := 1; n <= 31; n++ {
		words[fmt.Sprintf("day.%d", n)] = l.day(n)
	}
	for i, name := range l.months {
		words[fmt.Sprintf("month.%d", i+1)] = l.ofMonth + name
	}
	words["year"] = l.ofYear
	words["horizon"], words["period"] = l.exactly(horizon), l.period(horizon)

	return words, nil
}
