package replay

import (
	"strings"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/vocabulary"
)

// What the values of learned types are follows from their names, or from being
// the only type; it is said, and the vocabulary has it.
func TestSurveyLearnsWhatValuesAre(t *testing.T) {
	m := mustMapping(t, "name: x\nfields: {time: event_time, customer: customer_id, type: event_type, kind: engagement, value: value}\n")
	for name, test := range map[string]struct {
		header string
		rows   []string
		money  map[string]vocabulary.Money
		words  string
	}{
		"by name": {
			"event_type,engagement,value", []string{"purchase,active,5", "refund,active,5", "view,passive,5", "order_cancelled,active,5", "course_returned,active,"},
			map[string]vocabulary.Money{"purchase": 1, "refund": -1, "view": 0, "order_cancelled": 0, "course_returned": 0},
			"The values of purchase (1 row) are taken for what customers pay.",
		},
		"given back": {
			"event_type,engagement,value", []string{"purchase,active,5", "purchase_refunded,active,-5", "chargeback,micro,5"},
			map[string]vocabulary.Money{"purchase": 1, "purchase_refunded": -1, "chargeback": -1},
			"The values of chargeback (1 row), purchase_refunded (1 row) are taken for what customers get back",
		},
		"the only type": {
			"event_type,engagement,value", []string{"abc,active,5", "abc,active,6"},
			map[string]vocabulary.Money{"abc": 1},
			"The values of abc (2 rows) are taken for what customers pay.",
		},
		"nothing tells": {
			"event_type,engagement,value", []string{"song,active,5", "home,passive,"},
			map[string]vocabulary.Money{"song": 0, "home": 0},
			"No values count as money, so customers have no value at risk. Where those of song (1 row) are what customers pay, set money=+ HERE",
		},
		"known types": {
			"event_type,engagement,value", []string{"order.completed,active,5", "purchase,active,5", "page.viewed,passive,1"},
			map[string]vocabulary.Money{"order.completed": 1, "purchase": 1, "page.viewed": 0},
			"The values of purchase (1 row) are taken",
		},
		"carts alone": {
			"event_type,engagement,value", []string{"cart.added,active,5"},
			map[string]vocabulary.Money{"cart.added": 0},
			"No values count as money",
		},
		"no values": {
			"event_type,engagement,value", []string{"purchase,active,", "home,passive,"},
			map[string]vocabulary.Money{"purchase": 0},
			"",
		},
	} {
		s := mustSurvey(t, m, eventLog(test.header, test.rows...), vocabulary.Config{})
		vocab, err := vocabulary.NewVocabulary(s.Mapping.AddTo(vocabulary.Config{}))
		if err != nil {
			t.Fatal(err)
		}
		for typ, want := range test.money {
			class, err := vocab.Classify(&event.Event{Type: []byte(typ)})
			if err != nil || class.Money != want {
				t.Errorf("%s: money of %s is %s, want %s (%v)", name, typ, class.Money, want, err)
			}
		}
		words := strings.Join(s.Words("HERE"), " ")
		if !strings.Contains(words, test.words) || test.words == "" && (strings.Contains(words, "money") || strings.Contains(words, "values")) {
			t.Errorf("%s: words are %q, want some with %q", name, words, test.words)
		}
	}
}
