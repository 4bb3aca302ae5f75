package replay

import (
	"slices"
	"strings"

	"ebb/pipeline/vocabulary"
)

// Words at whose beginnings the parts of a type's name are known, where the
// vocabulary lacks the type: what is paid, what is given back, and what says
// that nothing was. purchase_refunded is given back, payment_failed nothing.
func paidWords() []string {
	return []string{"purchas", "order", "transaction", "buy", "bought", "sale", "sold", "pay", "paid", "renew", "invoice", "donat", "booking", "booked"}
}

func returnedWords() []string {
	return []string{"refund", "return", "chargeback", "reimburs", "reversal", "reversed"}
}

func nothingWords() []string {
	return []string{"fail", "cancel", "declin", "reject", "abandon", "start", "view", "add", "remov", "creat", "pend", "quot", "request", "cart", "void", "tip", "method", "remind"}
}

// moneyByName is what the name of a type tells of its values.
func moneyByName(name string) vocabulary.Money {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r < 'a' || r > 'z' })
	has := func(words []string) bool {
		return slices.ContainsFunc(parts, func(part string) bool {
			return slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(part, word) })
		})
	}
	switch {
	case has(nothingWords()):
		return vocabulary.MoneyNone
	case has(returnedWords()):
		return vocabulary.MoneyOut
	case has(paidWords()):
		return vocabulary.MoneyIn
	}

	return vocabulary.MoneyNone
}

// learnMoney says what the values of a learned type are: by its name, or, where
// the file has no other type, what customers pay.
func (s *surveyor) learnMoney(t *SurveyType, only bool) {
	if t.Values == 0 || t.Kind == vocabulary.Exposure {
		return
	}
	if t.Money = moneyByName(t.Type); t.Money == vocabulary.MoneyNone && only {
		t.Money = vocabulary.MoneyIn
	}
}

// onlyType says whether all rows that count are of one type.
func (s *surveyor) onlyType() bool {
	types := len(s.unknown)
	for _, rows := range s.known {
		if rows > 0 {
			types++
		}
	}

	return types == 1 && s.survey.Beyond == 0
}

// moneyWords says which values count as money, as far as the file told, and
// which don't.
func (s *Survey) moneyWords(say func(format string, args ...any), where string) {
	learned := func(money vocabulary.Money) []SurveyType {
		return s.only(func(t *SurveyType) bool { return t.Learned && t.Money == money && t.Values > 0 })
	}
	if types := learned(vocabulary.MoneyIn); len(types) > 0 {
		say("The values of %s are taken for what customers pay. Where they are not, set money=none for them %s.", typeWords(types), where)
	}
	if types := learned(vocabulary.MoneyOut); len(types) > 0 {
		say("The values of %s are taken for what customers get back, whatever their sign.", typeWords(types))
	}
	counts := func(t *SurveyType) bool { return t.Money != vocabulary.MoneyNone && t.Values > 0 }
	if types := s.only(func(t *SurveyType) bool { return t.Values > 0 }); len(types) > 0 && !slices.ContainsFunc(types, func(t SurveyType) bool { return counts(&t) }) {
		say("No values count as money, so customers have no value at risk. Where those of %s are what customers pay, set money=+ %s; "+
			"where they are given back, money=-.", typeWords(types), where)
	}
}
