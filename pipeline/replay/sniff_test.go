package replay

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/amount"
	"ebb/pipeline/vocabulary"
)

func TestSniffSaysWhatAnImportWouldPublish(t *testing.T) {
	const rows = `event_time,customer_id,event_type,value,arrival_time
2004-10-19T00:00:00Z,anna,buy,5,2004-10-19T00:00:00Z
2004-10-19T00:00:00Z,bert,page.viewed,,2004-10-19T00:20:00Z
2004-10-19T00:00:00Z,bert,page.viewed,,2004-10-21T01:00:00Z
2004-10-22T00:00:00Z,bert,hopped,,2004-10-21T01:00:00Z
never,anna,page.viewed,,2004-10-21T01:00:00Z
2004-10-21T00:59:00Z,,page.viewed,,2004-10-21T01:00:00Z
2004-10-21T00:59:00Z,anna,buy,2000000000000000000,2004-10-21T01:00:00Z
only,three,cells
`
	m := mustMapping(t, `
name: m
fields: {time: event_time, customer: customer_id, type: event_type, value: value, arrival: arrival_time}
constants: {channel: store}
types: {buy: order.completed}
`)
	summary, err := Sniff(textSource("m.csv", rows), m, vocabulary.DefaultVocabulary(), Limits{Lateness: time.Hour, Skew: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(summary, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	summary.Digest = "d"
	want := Summary{
		Source: "m.csv", Mapping: "m", Digest: "d", Rows: 8, Bad: 4, Customers: 2, Engaging: 1,
		DeadLetters: map[string]int64{"invalid_field": 2, "malformed": 1, "missing_customer": 1},
		FirstTime:   1098144000000, LastTime: 1098403200000, FirstClock: 1098144000000, LastClock: 1098320400000,
		LatenessMS: 3600000, Late: 1, TooFarAhead: 1,
		LateUnder:     []LateUnder{{600000, 2}, {3600000, 1}, {86400000, 1}, {259200000, 0}, {604800000, 0}, {2419200000, 0}},
		BiggestJumpMS: 175200000, BiggestJumpRow: 3,
		Distrusted: map[string]int64{}, Encoding: "utf-8", Alike: 1, Money: []MoneySummary{{Paid: amount.Of(5_000_000), PaidRows: 1}},
		Notes: []string{
			"Rows that are as another one in everything: 1; each of them counts. If they are the same event, let a column that tells events apart be the id (fields.id).",
			"Money: 5 without a currency paid (rows: 1).",
		},
		Types: []TypeSummary{
			{"page.viewed", "passive", "store", 4, 0}, {"order.completed", "active", "store", 2, 2}, {"hopped", "unknown", "store", 1, 0},
		},
		Problems: summary.Problems,
	}
	expected, err := json.MarshalIndent(want, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := json.MarshalIndent(summary, "", " "); err != nil || !bytes.Equal(again, expected) {
		t.Errorf("summary\n%s\nwant\n%s", got, expected)
	}
	for i, part := range []string{`row 5 (line 6), column event_time: time is "never"`, "row 6 (line 7)", `row 7 (line 8), column value: value is "2000000000000000000", which is out of range`, "row 8 (line 9): 3 cells"} {
		wantError(t, errorText(summary.Problems[i]), part)
	}
}

type errorText string

func (e errorText) Error() string { return string(e) }

func TestSniffFailsWhereReadingFails(t *testing.T) {
	m := shippedMapping(t, "csv")
	torn := gzipped(t, fiveRows)
	_, err := Sniff(textSource("a.csv.gz", torn[:len(torn)-12]), m, vocabulary.DefaultVocabulary(), Limits{Lateness: time.Hour, Skew: time.Minute})
	wantError(t, err, "a.csv.gz")
	_, err = Sniff(textSource("a.csv", "when\n"), m, vocabulary.DefaultVocabulary(), Limits{Lateness: time.Hour, Skew: time.Minute})
	wantError(t, err, "no column")
}

// Rows with the same fault are one problem; what is the same again, and what money
// there is, is said; and where nothing counts the summary tells.
func TestSniffGroupsAndCounts(t *testing.T) {
	m := mustMapping(t, "name: m\nencoding: latin-1\nfields: {time: at, customer: who, type: what, value: value, currency: currency, id: id}\n")
	summary, err := Sniff(textSource("m.csv", `at,who,what,value,currency,id
2026-01-01T00:00:00Z,anna,order.completed,10.50,EUR,1
2026-01-01T00:00:00Z,anna,order.completed,10.50,EUR,1
2026-01-01T01:00:00Z,anna,order.completed,-2,EUR,2
2026-01-01T02:00:00Z,anna,order.returned,3,USD,3
2026-01-01T03:00:00Z,anna,order.completed,,,4
never,anna,page.viewed,,,5
soon,bert,page.viewed,,,6
2026-01-01T03:00:00Z,,page.viewed,,,7
`), m, vocabulary.DefaultVocabulary(), Limits{Lateness: time.Hour, Skew: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if len(summary.Problems) != 2 || !strings.Contains(summary.Problems[0], `time is "never"`) || !strings.HasSuffix(summary.Problems[0], " (2 rows in all)") {
		t.Errorf("problems are %q", summary.Problems)
	}
	if summary.Counts() != 5 || summary.Repeated != 1 || summary.Alike != 0 || summary.Worthless != 1 {
		t.Errorf("%d count, %d repeated, %d alike, %d without a value", summary.Counts(), summary.Repeated, summary.Alike, summary.Worthless)
	}
	notes := strings.Join(summary.Notes, "\n")
	for _, want := range []string{"The file is written in latin-1.", "Rows with the id and the time of another row of their customer: 1; they count once.",
		"Money: 10.5 EUR paid (rows: 1), 2 given back (rows: 1).", "Money: 0 USD paid (rows: 0), 3 given back (rows: 1).", "without a value: 1."} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes lack %q:\n%s", want, notes)
		}
	}
	summary, err = Sniff(textSource("m.csv", "at,who,what,value,currency,id\nnever,a,b,,,1\n2026-01-01T03:00:00Z,,b,,,1\n"), m, vocabulary.DefaultVocabulary(), Limits{})
	if err != nil || summary.Counts() != 0 {
		t.Errorf("%d would count, error %v", summary.Counts(), err)
	}
}
