package replay

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// Drafts are mappings that read every row of the files that they were made for.
func TestDrafts(t *testing.T) {
	latin, err := charmap.Windows1252.NewEncoder().String("Bestellnummer;Datum;Kunde;Betrag\n1;04.05.2026 12:30;Zoë;1.234,50\n2;25.05.2026 09:05;Jürgen;7,00\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		want       []string // of the mapping
		row        string   // of the first row's event
		note       string
	}{
		{"shop", "event_time,customer_id,event_type,amount,currency\n2026-05-04T12:00:00+0000,a,buy,3.5,EUR\n2026-05-05 12:00:00Z,b,buy,4,EUR\n",
			[]string{"name: export\n", "format: csv\n", "  value: amount\n", `formats: ["rfc3339"]`},
			`"time":"2026-05-04T12:00:00.000Z","customer":"a","type":"buy","value":3.5,"currency":"EUR"`, ""},
		{"german", latin, []string{"encoding: windows-1252\n", "  customer: Kunde\n", `formats: ["dd.MM.yyyy HH:mm"]`, `numbers: {decimal: ",", group: "."}`, "constants: {type: order.completed}"},
			`"time":"2026-05-04T12:30:00.000Z","customer":"Zoë","type":"order.completed","value":1234.50`, "No column says the currency"},
		{"American", "Order Date\tuser_id\taction\n5/24/2026 3:05 PM\t7\tview\n", []string{"fields:\n  time: \"Order Date\"\n", `formats: ["M/d/yyyy h:mm a"]`}, `"time":"2026-05-24T15:05:00.000Z","customer":"7","type":"view"`, "The times name no zone"},
		{"either", "date,user_id,action\n05/04/2026,7,view\n", []string{`formats: ["dd/MM/yyyy"]`}, `"time":"2026-04-05T00:00:00.000Z"`, "can't be told from the rows; dd/MM is taken"},
		{"seconds", "ts,user_id,action\n1777898096,7,view\n", []string{`formats: ["unix"]`}, `"time":"2026-05-04T12:34:56.000Z"`, ""},
		{"milliseconds", "ts,user_id,action\n1777898096789,7,view\n", []string{`formats: ["unix_ms"]`}, `"time":"2026-05-04T12:34:56.789Z"`, ""},
		{"JSON", `{"meta":{"created_at":"2026-05-04T12:00:00Z"},"user":{"id":"u","user_id":"u7"},"event_name":"buy","order":{"total":12.5,"currency":"EUR"},"tags":[1]}` + "\n",
			[]string{"format: ndjson\n", "  time: \"meta.created_at\"\n", "  value: \"order.total\"\n"}, `"time":"2026-05-04T12:00:00.000Z","customer":"u7","type":"buy","value":12.5,"currency":"EUR"`, ""},
		{"order lines", "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n5,tea,2,2010-12-01 08:26:00,2.55,17850\n5,cup,1,2010-12-01 08:26:00,3.39,17850\n6,cup,1,2010-12-01 08:28:00,3.39,17851\n",
			[]string{"  quantity: Quantity\n", "  price: UnitPrice\n", "group: InvoiceNo\n"}, `"time":"2010-12-01T08:26:00.000Z","customer":"17850","type":"order.completed","value":5.1,`, "lines of one order"},
		{"events", `{"id":"n1","time":"2026-05-04T12:00:00Z","customer":"c1","type":"page.viewed"}`, nil, `"customer":"c1"`, "The file needs no mapping: its lines are events (format native)."},
		{"Segment", `{"type":"page","userId":"c1","timestamp":"2026-05-04T12:00:00Z"}`, nil, `"customer":"c1"`, "(format auto)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := textSource("Export.2026.csv", c.text)
			draft, err := DraftMapping(source)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(draft.Text, want) {
					t.Errorf("the draft lacks %q:\n%s", want, draft.Text)
				}
			}
			if (c.want == nil) != (draft.Text == "") {
				t.Errorf("the draft is %q", draft.Text)
			}
			if notes := strings.Join(draft.Notes, "\n"); !strings.Contains(notes, c.note) {
				t.Errorf("the notes lack %q:\n%s", c.note, notes)
			}
			rows := readRows(t, draft.Mapping, c.text, ReadOptions{Digest: "d"})
			if len(rows) == 0 || !strings.Contains(string(rows[0].Body), c.row) {
				t.Fatalf("%d rows: %s", len(rows), rows[0].Body)
			}
			for _, row := range rows {
				if row.Problem != nil {
					t.Error(row.Problem)
				}
			}
		})
	}
}

func TestDraftsOfNothing(t *testing.T) {
	for text, want := range map[string]string{
		"":               "the file is empty",
		"a,b\n1,2\n":     "it can't be told which of a, b says when, and which who",
		"event_time,x\n": "it has no rows",
	} {
		_, err := DraftMapping(textSource("x.csv", text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: says %v, want %s", text, err, want)
		}
	}
	if _, err := DraftMapping(textSource("x.csv", "a,b\n1,2\n")); !errors.Is(err, ErrNoMapping) {
		t.Errorf("says %v", err)
	}
}
