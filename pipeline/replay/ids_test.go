package replay

import (
	"strings"
	"testing"

	"ebb/pipeline/vocabulary"
)

func TestWordsForNothingAreNoValues(t *testing.T) {
	m := shippedMapping(t, "csv")
	text := "event_time,customer_id,event_type,value\n"
	words := []string{"NULL", "None", "undefined", "NaN", `\N`, "  ", "\u00a0\u200b", " null ", "(null)"}
	for _, word := range words {
		text += "2025-03-01T10:00:00Z," + word + ",order.completed,1\n"
	}
	rows := readRows(t, m, text+"2025-03-01T10:00:00Z, \ufeffanna\u00a0,order.completed,NULL\n", ReadOptions{})
	for i := range words {
		wantError(t, rows[i].Problem, "column customer_id")
		if _, err := decode(rows[i].Body); err == nil || len(rows[i].Customer) > 0 {
			t.Errorf("%q is the customer %q", words[i], rows[i].Customer)
		}
	}
	wantError(t, rows[0].Problem, `customer is "NULL"`)
	last := rows[len(words)]
	if string(last.Customer) != "anna" || last.HasAmount || last.Problem != nil {
		t.Errorf("the last row is %+v: %s", last, last.Body)
	}
	kept := mustMapping(t, "name: m\nfields: {time: event_time, customer: customer_id, type: event_type}\nnulls: [none]\nkeep_blanks: true\n")
	rows = readRows(t, kept, "event_time,customer_id,event_type\n2025-03-01T10:00:00Z, c ,a\n2025-03-01T10:00:00Z,none,a\n2025-03-01T10:00:00Z,NULL,a\n", ReadOptions{})
	if string(rows[0].Customer) != " c " || len(rows[1].Customer) != 0 || string(rows[2].Customer) != "NULL" {
		t.Errorf("customers %q, %q, %q", rows[0].Customer, rows[1].Customer, rows[2].Customer)
	}
}

func TestDryRunCountsIdsThatLookAlike(t *testing.T) {
	text := "event_time,customer_id,event_type\n"
	for _, id := range []string{"anna", "ANNA", "an na", "bert", "Bert", "J\u00f6rg", "Jo\u0308rg", "zoe\u200b", "zoe", "anna", "carl", "Dora"} {
		text += "2025-03-01T10:00:00Z," + id + ",a.b\n"
	}
	s, err := Sniff(textSource("e.csv", text), mustMapping(t, "name: m\nfields: {time: event_time, customer: customer_id, type: event_type}\nkeep_blanks: true\n"), vocabulary.DefaultVocabulary(), testLimits())
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(s.Notes, " ")
	if s.Customers != 11 || s.LookAlikes != 5 || s.Unclean != 2 || !strings.Contains(notes, `"Jo\u0308rg"`) || !strings.Contains(notes, "5 ids of customers differ") {
		t.Errorf("%d customers, %d alike, %d unclean: %s", s.Customers, s.LookAlikes, s.Unclean, notes)
	}
}
