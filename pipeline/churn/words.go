package churn

import "strconv"

//go:generate go test . -run ^TestWordsAreWrittenDown$ -update

// Language is that of the words of signals. A phrase fits every number that can
// be put in its places, which are names in braces.
type Language struct {
	name    string
	english string // what it is called there
	phrases map[string]string

	units    [spanUnits]unitWords
	numerals [2][]string // from 2 on, masculine and feminine
	about    string
	almost   string
	few      string // less than ten seconds
	everyFew string
	everyOf  func(amount string) string

	messagesFeminine bool

	percent func(n int) string // to 1 to 99 percent
	day     func(n int) string // of a month, with its preposition
	months  [12]string
	ofMonth string
	ofYear  string
}

// unitWords are those of a unit of time.
type unitWords struct {
	one, several, every string
	feminine            bool
}

// languages are those that signals can be worded in.
var languages = []*Language{english(), portuguese(), european(), italian()}

// number is a count in words up to ten, and in figures beyond.
func (l *Language) number(n int64, feminine bool) string {
	words := l.numerals[0]
	if feminine {
		words = l.numerals[1]
	}
	if i := n - 2; i >= 0 && i < int64(len(words)) {
		return words[i]
	}

	return strconv.FormatInt(n, 10)
}

// Languages are the names that Config.Language can have.
func Languages() []string {
	names := make([]string, len(languages))
	for i, l := range languages {
		names[i] = l.name
	}

	return names
}

// languageOf is the language of a name; the first one for "".
func languageOf(name string) (*Language, bool) {
	if name == "" {
		return languages[0], true
	}
	for _, l := range languages {
		if l.name == name {
			return l, true
		}
	}

	return nil, false
}
