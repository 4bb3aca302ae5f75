package churn

// What stands around the texts of signals is to be in their language, too. These
// say lengths of time in ms as the texts do. A language that there is none of is
// taken for the first of Languages.

// SpanIn is a length as people say it: "about six weeks".
func SpanIn(language string, ms int64) string { return speaking(language).span(max(0, ms)) }

// ExactlyIn is a length that somebody has set: "30 days".
func ExactlyIn(language string, ms int64) string { return speaking(language).exactly(max(0, ms)) }

// ListedIn is a reason's code in a word or two, for a list that shows beside it how
// long customers are silent, and how long they usually are; "" for a code that says
// more than that.
func ListedIn(language, code string) string { return speaking(language).phrases["list."+code] }

func speaking(name string) *Language {
	l, ok := languageOf(name)
	if !ok {
		return languages[0]
	}

	return l
}
