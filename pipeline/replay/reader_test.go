package replay

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

const shop = `
name: shop
fields:
  id: no
  time: at
  customer: who
  anonymous_id: cookie
  type: what
  channel: where
  value: amount
  currency: cur
  machine: bot
  arrival: known
constants: {channel: web, currency: EUR, product: book}
types: {buy: order.completed}
ignore: [internal]
time: {formats: [rfc3339, unix]}
`

const shopHeader = "no,at,who,cookie,what,where,amount,cur,bot,known,internal,note\n"

func TestCSVRowsBecomeNativeEvents(t *testing.T) {
	for name, test := range map[string]struct{ row, body, problem string }{
		"everything": {
			`7,2004-10-19T21:56:03Z,anna,,buy,store,12.50,USD,no,,x,"a ""b"""`,
			`{"id":"7","time":"2004-10-19T21:56:03.000Z","customer":"anna","type":"order.completed","channel":"store","product":"book","value":12.50,"currency":"USD","machine":false,"properties":{"note":"a \"b\""}}`, "",
		},
		"constants and an id of the file": {
			`,1098222963,anna,,page.viewed,,,,,,,`,
			`{"id":"d-1","time":"2004-10-19T21:56:03.000Z","customer":"anna","type":"page.viewed","channel":"web","product":"book"}`, "",
		},
		"constant currency beside a value": {
			`1,1098222963,,c7,buy,,-3,,,,,`,
			`{"id":"1","time":"2004-10-19T21:56:03.000Z","anonymous_id":"c7","type":"order.completed","channel":"web","product":"book","value":-3,"currency":"EUR"}`, "",
		},
		"numbers that JSON writes otherwise": {
			`1,1098222963,a,,buy,,+.5,,1,,,`,
			`{"id":"1","time":"2004-10-19T21:56:03.000Z","customer":"a","type":"order.completed","channel":"web","product":"book","value":0.5,"currency":"EUR","machine":true}`, "",
		},
		"control characters": {
			"1,1098222963,a,,buy,,,,,,,\"x\ty\nz\\\x01\"",
			`{"id":"1","time":"2004-10-19T21:56:03.000Z","customer":"a","type":"order.completed","channel":"web","product":"book","properties":{"note":"x\ty\nz\\\u0001"}}`, "",
		},
		"no time": {
			`1,,a,,buy,,,,,,,`,
			`{"id":"1","customer":"a","type":"order.completed","channel":"web","product":"book"}`,
			`column at: time is "", which is empty; every event needs a time`,
		},
		"no customer": {
			`1,1098222963,,,buy,,,,,,,`,
			`{"id":"1","time":"2004-10-19T21:56:03.000Z","type":"order.completed","channel":"web","product":"book"}`,
			`column who: customer is "", which is empty; every event needs a customer or an anonymous_id`,
		},
		"bad time": {
			`1,yesterday,a,,buy,,,,,,,`,
			`{"id":"1","time":"yesterday","customer":"a","type":"order.completed","channel":"web","product":"book"}`,
			`column at: time is "yesterday", which is not a time of 1970 to 2200 in the format rfc3339 or unix; name the format of the file in the mapping under time.formats`,
		},
		"bad value": {
			`1,1098222963,a,,buy,,"1,5",,,,,`,
			`{"id":"1","time":"2004-10-19T21:56:03.000Z","customer":"a","type":"order.completed","channel":"web","product":"book","value":"1,5","currency":"EUR"}`,
			`column amount: value is "1,5", which is not a number; write numbers like 1234.5`,
		},
		"bad truth": {
			`1,1098222963,a,,buy,,,,perhaps,,,`,
			`{"id":"1","time":"2004-10-19T21:56:03.000Z","customer":"a","type":"order.completed","channel":"web","product":"book","machine":"perhaps"}`,
			`column bot: machine is "perhaps", which is not a truth value; write true or false`,
		},
		"bad arrival": {
			`1,1098222963,a,,buy,,,,,soon,,`,
			`{"id":"1","time":"2004-10-19T21:56:03.000Z","customer":"a","type":"order.completed","channel":"web","product":"book"}`,
			`column known: arrival is "soon", which is not a time`,
		},
		"bad UTF-8": {
			"1,1098222963,a\xff,,buy,,,,,,,",
			"{\"id\":\"1\",\"time\":\"2004-10-19T21:56:03.000Z\",\"customer\":\"a\xff\",\"type\":\"order.completed\",\"channel\":\"web\",\"product\":\"book\"}",
			`column who: customer is "a\xff", which is not UTF-8; convert the file to UTF-8`,
		},
		"too few cells": {`1,1098222963,a`, `1,1098222963,a`, `3 cells, but the header has 12 columns; put text that holds the delimiter "," into quotation marks`},
		"broken quotes": {`1,"1098222963,a`, "1,\"1098222963,a\n", `a quotation mark is not closed; double it`},
	} {
		t.Run(name, func(t *testing.T) {
			rows := readRows(t, mustMapping(t, shop), shopHeader+test.row+"\n", ReadOptions{Digest: "d"})
			if len(rows) != 1 {
				t.Fatalf("%d rows, want 1", len(rows))
			}
			if got := string(rows[0].Body); got != test.body {
				t.Errorf("body\n%s, want\n%s", got, test.body)
			}
			_, err := decode(rows[0].Body)
			if test.problem == "" {
				if rows[0].Problem != nil || err != nil {
					t.Errorf("problem %v, a shard says %v", rows[0].Problem, err)
				}

				return
			}
			wantError(t, rows[0].Problem, "events: row 1 (line 2)", test.problem)
			if err == nil && name != "bad arrival" {
				t.Error("a shard takes the event, so its problem would not show")
			}
		})
	}
}

func TestNDJSONRowsBecomeNativeEvents(t *testing.T) {
	const mapping = `
name: tracker
format: ndjson
fields: {time: ts, customer: user.id, type: /event~1name, value: items.0.price, campaign: context.campaign, machine: bot, device: user.device}
ignore: [debug]
time: {formats: [unix_ms]}
`
	const longName = `{"ts":1098222963000,"user":{"id":"a"},"event/name":"x.y","bot":{"is":true}}`
	for name, test := range map[string]struct{ line, body, problem string }{
		"everything": {
			`{"ts":1098222963000,"user":{"id":42,"plan":"pro"},"event/name":"page\u002eviewed","items":[{"price":1.5},{"price":2}],"context":{"campaign":"fall"},"debug":1,"bot":false,"x":[1, 2]}`,
			`{"id":"d-1","time":"2004-10-19T21:56:03.000Z","customer":"42","type":"page.viewed","campaign":"fall","value":1.5,"machine":false,` +
				`"properties":{"user":{"id":42,"plan":"pro"},"items":[{"price":1.5},{"price":2}],"context":{"campaign":"fall"},"x":[1, 2]}}`, "",
		},
		"null is absent": {
			`{"ts":"1098222963000","user":{"id":"a","device":null},"event/name":"x.y","context":7}`,
			`{"id":"d-1","time":"2004-10-19T21:56:03.000Z","customer":"a","type":"x.y","properties":{"user":{"id":"a","device":null},"context":7}}`, "",
		},
		"object for a scalar": {
			longName,
			`{"id":"d-1","time":"2004-10-19T21:56:03.000Z","customer":"a","type":"x.y","machine":{"is":true},"properties":{"user":{"id":"a"}}}`,
			`column bot: machine is "{\"is\":true}", which is an object or array; let the path lead to a string or number`,
		},
		"no object":   {`[1]`, `[1]`, "not a JSON object"},
		"a number":    {`17`, `17`, "not a JSON object"},
		"no JSON":     {`{"ts":`, `{"ts":`, "the line is not JSON"},
		"no name":     {`{ts:1}`, `{ts:1}`, "the line is not JSON"},
		"no end":      {`{"ts":1`, `{"ts":1`, "the line is not JSON"},
		"wrong end":   {`{"ts":1]`, `{"ts":1]`, "the line is not JSON"},
		"more":        {`{"ts":1} {}`, `{"ts":1} {}`, "more follows the object"},
		"twice":       {`{"ts":1,"ts":2}`, `{"ts":1,"ts":2}`, "duplicate"},
		"bad inside":  {`{"user":{"id":1,"id":2}}`, `{"user":{"id":1,"id":2}}`, "duplicate"},
		"nothing but": {`nul`, `nul`, "the line is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			rows := readRows(t, mustMapping(t, mapping), "\n"+test.line+"\n\n", ReadOptions{Digest: "d"})
			if len(rows) != 1 {
				t.Fatalf("%d rows, want 1", len(rows))
			}
			if got := string(rows[0].Body); got != test.body {
				t.Errorf("body\n%s, want\n%s", got, test.body)
			}
			if _, err := decode(rows[0].Body); (err == nil) != (test.problem == "") {
				t.Errorf("a shard says %v", err)
			}
			if test.problem != "" {
				wantError(t, rows[0].Problem, "row 1 (line 2)", test.problem)
			} else if rows[0].Problem != nil {
				t.Error(rows[0].Problem)
			}
		})
	}
}

func TestPropertiesOfAFileBecomeThoseOfTheEvent(t *testing.T) {
	m := mustMapping(t, "name: x\nformat: ndjson\nfields: {time: t, customer: c, type: y, properties: more}\n")
	rows := readRows(t, m, `{"t":"2004-10-19T21:56:03Z","c":"a","y":"x.y","more":{"k":1},"rest":2}`+"\n"+
		`{"t":"2004-10-19T21:56:03Z","c":"a","y":"x.y","more":"text"}`, ReadOptions{Digest: "d"})
	if got, want := string(rows[0].Body), `{"id":"d-1","time":"2004-10-19T21:56:03.000Z","customer":"a","type":"x.y","properties":{"k":1}}`; got != want {
		t.Errorf("body %s, want %s", got, want)
	}
	wantError(t, rows[1].Problem, `properties is "text", which is not a JSON object`)
}

func TestNativeEventsStayAsTheyAre(t *testing.T) {
	const hour = 3_600_000
	const start = "2004-10-19T21:56:03Z"
	for name, test := range map[string]struct {
		line, body string
		shift      int64
		problem    string
	}{
		"untouched": {
			line: `{"type":"x.y", "id":"a" ,"time":"2004-10-19T23:56:03+02:00","customer":"c","extra":[1]}`,
			body: `{"type":"x.y", "id":"a" ,"time":"2004-10-19T23:56:03+02:00","customer":"c","extra":[1]}`,
		},
		"without id": {
			line: `{"type":"x.y","time":"` + start + `","customer":"c"}`,
			body: `{"id":"d-1","type":"x.y","time":"` + start + `","customer":"c"}`,
		},
		"null id": {
			line: `{"type":"x.y","id" : null,"time":"` + start + `","customer":"c"}`,
			body: `{"type":"x.y","id" : "d-1","time":"` + start + `","customer":"c"}`,
		},
		"shifted": {
			line:  `{"received_at": "2004-10-19T22:00:00Z", "type":"x.y","time" : "2004-10-19T23:56:03+02:00" ,"customer":"c"}`,
			body:  `{"id":"d-1","received_at": "2004-10-19T23:00:00.000Z", "type":"x.y","time" : "2004-10-19T22:56:03.000Z" ,"customer":"c"}`,
			shift: hour,
		},
		"shifted, bad time": {
			line: `{"id":"1","type":"x.y","time":"noon","customer":"c"}`, body: `{"id":"1","type":"x.y","time":"noon","customer":"c"}`,
			shift: hour, problem: `time is "noon"`,
		},
		"empty object": {line: `{}`, body: `{"id":"d-1"}`, problem: "every event needs a time"},
		"no object":    {line: `[]`, body: `[]`, problem: "not a JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			rows := readRows(t, shippedMapping(t, "native"), test.line, ReadOptions{Digest: "d", ShiftMS: test.shift})
			if got := string(rows[0].Body); got != test.body {
				t.Errorf("body\n%s, want\n%s", got, test.body)
			}
			event, err := decode(rows[0].Body)
			if (err == nil) != (test.problem == "") {
				t.Errorf("a shard says %v", err)
			}
			if test.problem != "" {
				wantError(t, rows[0].Problem, test.problem)
			} else if rows[0].Problem != nil || event.Time != rows[0].Time || !bytes.Equal(event.Customer, rows[0].Customer) {
				t.Errorf("row %+v, a shard reads %d of %s", rows[0], event.Time, event.Customer)
			}
		})
	}
}

func TestClockIsTheRunningMaximum(t *testing.T) {
	clocks := func(m *Mapping, text string, options ReadOptions) string {
		var out []string
		for _, row := range readRows(t, m, text, options) {
			out = append(out, time.UnixMilli(row.Clock).UTC().Format("02"))
		}

		return strings.Join(out, " ")
	}
	const header = "event_time,customer_id,event_type,value\n"
	const body = "bad,a,x,\n2004-10-03T00:00:00Z,a,x,\n2004-10-02T00:00:00Z,a,x,\nbad,a,x,\n2004-10-09T00:00:00Z,a,x,\nonly two,cells\n"
	day := int64(24 * 3_600_000)
	if got := clocks(shippedMapping(t, "csv"), header+body, ReadOptions{}); got != "01 03 03 03 09 09" {
		t.Errorf("of event time: %s", got)
	}
	if got := clocks(shippedMapping(t, "csv"), header+body, ReadOptions{ShiftMS: day, Clock: 1096588800000 + 2*day}); got != "03 04 04 04 10 10" {
		t.Errorf("shifted by a day: %s", got)
	}
	arrivals := mustMapping(t, "name: x\nfields: {time: t, customer: c, type: y, arrival: a}\n")
	const rows = "t,c,y,a\n2004-10-01T00:00:00Z,a,x,2004-10-05T00:00:00Z\n2004-10-31T00:00:00Z,a,x,\n2004-10-02T00:00:00Z,a,x,2004-10-06T00:00:00Z\n2004-10-02T00:00:00Z,a,x,bad\n"
	if got := clocks(arrivals, rows, ReadOptions{}); got != "05 05 06 06" {
		t.Errorf("of arrival: %s", got)
	}
	native := mustMapping(t, "name: x\nformat: native\nfields: {arrival: received_at}\n")
	const lines = `{"id":"1","time":"2004-10-01T00:00:00Z","received_at":"2004-10-05T00:00:00Z","customer":"a","type":"x"}`
	if got := clocks(native, lines, ReadOptions{}); got != "05" {
		t.Errorf("of native arrival: %s", got)
	}
}

func TestEventsThatAreTooLargeAreShownAsSuch(t *testing.T) {
	large := strings.Repeat("x", event.MaxEventBytes)
	rows := readRows(t, shippedMapping(t, "csv"), "event_time,customer_id,event_type,value,note\n2004-10-03T00:00:00Z,a,x.y,,"+large+"\n"+
		"2004-10-03T00:00:00Z,a,x.y,,"+strings.Repeat("\x01", 200<<10)+"\n", ReadOptions{Digest: "d"})
	wantError(t, rows[0].Problem, "the event has", "the limit is 65536", "rest: drop")
	for _, row := range rows {
		if _, err := decode(row.Body); !errors.Is(err, event.ErrOversize) {
			t.Errorf("a shard says %v", err)
		}
		if len(row.Body) > maxBodyBytes {
			t.Errorf("the body has %d bytes, more than a message can have", len(row.Body))
		}
	}
	lines := readRows(t, shippedMapping(t, "native"), `{"id":"`+strings.Repeat("x", 2*MaxRowBytes)+"\"}\n{}\n", ReadOptions{Digest: "d"})
	wantError(t, lines[0].Problem, "longer than")
	if len(lines) != 2 || len(lines[0].Body) != MaxRowBytes {
		t.Errorf("%d rows, the first with %d bytes", len(lines), len(lines[0].Body))
	}
}

func TestHeaderHasToHaveTheColumnsOfTheMapping(t *testing.T) {
	_, err := NewReader(textSource("shop.csv", "event_time,customer,event_type,value\n"), shippedMapping(t, "csv"), ReadOptions{})
	wantError(t, err, "shop.csv", `no column "customer_id"`, "did you mean customer?", "for customer")
	_, err = NewReader(textSource("shop.csv", ""), shippedMapping(t, "csv"), ReadOptions{})
	wantError(t, err, "shop.csv", "the file is empty")
	m := shippedMapping(t, "csv")
	m.Time.Zone = "Nowhere"
	_, err = NewReader(textSource("shop.csv", ""), m, ReadOptions{})
	wantError(t, err, "mapping csv", "Nowhere")
}

func TestColumnsWithOneNameAreNumbered(t *testing.T) {
	rows := readRows(t, shippedMapping(t, "csv"), "event_time,customer_id,event_type,value,note,note\n2004-10-03T00:00:00Z,a,x.y,1,first,second\n", ReadOptions{Digest: "d"})
	want := `{"id":"d-1","time":"2004-10-03T00:00:00.000Z","customer":"a","type":"x.y","value":1,"properties":{"note":"first","note#2":"second"}}`
	if got := string(rows[0].Body); got != want {
		t.Errorf("body %s, want %s", got, want)
	}
}

func TestFilesAreUnpackedAndKnownByTheirContent(t *testing.T) {
	const text = "event_time,customer_id,event_type,value\n2004-10-03T00:00:00Z,a,x.y,\n"
	plain, err := Identify(textSource("a.csv", text))
	if err != nil {
		t.Fatal(err)
	}
	packed, err := Identify(textSource("b.csv.gz", gzipped(t, text)))
	if err != nil {
		t.Fatal(err)
	}
	if plain != packed || plain.Lines != 2 || plain.Bytes != int64(len(text)) || len(plain.Digest) != 16 {
		t.Errorf("plain %+v, packed %+v", plain, packed)
	}
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	if zst, err := Identify(textSource("c.csv.zst", string(encoder.EncodeAll([]byte(text), nil)))); err != nil || zst != plain {
		t.Errorf("plain %+v, packed with zstd %+v: %v", plain, zst, err)
	}
	torn := gzipped(t, text)
	torn = torn[:len(torn)-12]
	_, err = Identify(textSource("b.csv.gz", torn))
	wantError(t, err, "read b.csv.gz")
	r, err := NewReader(textSource("b.csv.gz", torn), shippedMapping(t, "csv"), ReadOptions{})
	if err == nil {
		for row := (Row{}); err == nil; {
			err = r.Next(&row)
		}
	}
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("a torn file ends like a whole one")
	}
	wantError(t, err, "b.csv.gz", "unexpected EOF")
	_, err = Identify(textSource("c.csv.gz", "\x1f\x8bnothing"))
	wantError(t, err, "unpack c.csv.gz")
}

// A row without a problem is an event that a shard takes; its customer, type
// and time are those that the record around it was made with.
func TestRowsWithoutAProblemAreEvents(t *testing.T) {
	m := mustMapping(t, shop)
	text := rapid.SampledFrom([]string{"", "a", "ü", "x\"y", "a,b", "1", "-1.5", "1e3", "0x1p4", "0.10", "00", "NaN", "true", "buy", "2004-10-19T21:56:03Z", "1098222963", "\xff", "l\nm", "  "})
	rapid.Check(t, func(t *rapid.T) {
		cells := make([]string, 12)
		for i := range cells {
			cells[i] = `"` + strings.ReplaceAll(text.Draw(t, "cell"), `"`, `""`) + `"`
		}
		cells[7] = `""` // a currency is checked by the shards alone
		r, err := NewReader(textSource("f", shopHeader+strings.Join(cells, ",")+"\n"), m, ReadOptions{Digest: "d"})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		var row Row
		if err := r.Next(&row); err != nil {
			t.Fatal(err)
		}
		event, err := decode(row.Body)
		if row.Problem != nil || strings.Contains(cells[2]+cells[3]+cells[0]+cells[4]+cells[5], "\n") {
			return // control characters in names are the shards' to refuse
		}
		if err != nil {
			t.Fatalf("no problem, but a shard refuses %s: %v", row.Body, err)
		}
		if !bytes.Equal(event.Customer, row.Customer) || !bytes.Equal(event.Type, row.Type) || event.Time != row.Time {
			t.Fatalf("row %s %s %d, event %s %s %d", row.Customer, row.Type, row.Time, event.Customer, event.Type, event.Time)
		}
		if r.Bad() != 0 || r.Bytes() == 0 {
			t.Fatalf("%d bad rows in %d bytes", r.Bad(), r.Bytes())
		}
	})
}

func TestNumbersOutOfRangeAreProblems(t *testing.T) {
	for _, test := range []struct {
		field   field
		text    string
		outside bool
	}{
		{fieldValue, "1000000000", false}, {fieldValue, "1000000000000000000.0000009", false}, {fieldValue, "-1e18", false}, {fieldValue, "-1000000000000000001", true}, {fieldValue, "1e400", true},
		{fieldScore, "1e308", false}, {fieldScore, "1e400", true}, {fieldDuration, "1e400", true},
		{fieldSentiment, "-1", false}, {fieldSentiment, "1.01", true},
		{fieldDuration, "0", false}, {fieldDuration, "-0.5", true}, {fieldDuration, "1e300", false},
		{fieldProgress, "1", false}, {fieldProgress, "1.5", true}, {fieldScore, "-1e300", false},
	} {
		if got := test.field.outside([]byte(test.text)); (got != "") != test.outside {
			t.Errorf("%s %s: %q, outside is %v", test.field, test.text, got, test.outside)
		}
	}
}
