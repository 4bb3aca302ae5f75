package replay

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func TestNumbersOfPeople(t *testing.T) {
	german, french, swiss := Numbers{",", "."}, Numbers{",", " "}, Numbers{".", "'"}
	english, plain := Numbers{".", ","}, Numbers{Decimal: ","}
	for _, c := range []struct {
		form       Numbers
		text, want string // "" where it is none
	}{
		{german, "1.234,50", "1234.50"}, {german, "-1.234.567,8", "-1234567.8"}, {german, "12,5", "12.5"}, {german, "1234,5", "1234.5"}, {german, "1.234", "1234"},
		{german, "1.23", ""}, {german, "1.2345,6", ""}, {german, "1234.567", ""}, {german, "1,2,3", ""}, {german, "1,234.5", ""}, {german, ".5", ""}, {german, "7", "7"}, {german, "−3,5", "-3.5"},
		{french, "1 234,5", "1234.5"}, {french, "1\u202f234\u00a0567,5", "1234567.5"}, {french, "12 34", ""},
		{swiss, "1'234.50", "1234.50"}, {swiss, "1’234", "1234"},
		{english, "1,234.5", "1234.5"}, {english, "1,00,000.5", "100000.5"}, {english, "1,2345", ""}, {english, "+5", "5"}, {english, "1e3", "1e3"},
		{plain, "1234,5", "1234.5"}, {plain, "1.5", ""}, {plain, ",5", "0.5"}, {plain, "x", ""},
	} {
		got := ""
		if text, ok := c.form.plain(nil, []byte(c.text)); ok {
			if number, ok := appendNumber(nil, text); ok {
				got = string(number)
			}
		}
		if got != c.want {
			t.Errorf("%q by %+v is %q, want %q", c.text, c.form, got, c.want)
		}
	}
}

func TestPatternsOfTimes(t *testing.T) {
	for _, c := range []struct{ format, text, want string }{
		{"dd/MM/yyyy", "04/05/2026", "2026-05-04T00:00:00.000Z"},
		{"dd/MM/yyyy HH:mm:ss", "04/05/2026 12:34:56", "2026-05-04T12:34:56.000Z"},
		{"d.M.yy H:mm", "4.5.26 9:05", "2026-05-04T09:05:00.000Z"},
		{"MM/dd/yyyy hh:mm a", "05/04/2026 09:05 PM", "2026-05-04T21:05:00.000Z"},
		{"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2026-05-04T12:34:56.789+02:00", "2026-05-04T10:34:56.789Z"},
		{"yyyy-MM-dd HH:mm:ss Z", "2026-05-04 12:34:56 +0200", "2026-05-04T10:34:56.000Z"},
		{"EEE, d MMM yyyy HH:mm:ss zzz", "Mon, 4 May 2026 12:34:56 UTC", "2026-05-04T12:34:56.000Z"},
		{"rfc3339", "2026-05-04T12:34:56+0200", "2026-05-04T10:34:56.000Z"},
		{"rfc3339", "2026-05-04 12:34:56 +02:00", "2026-05-04T10:34:56.000Z"},
		{"rfc3339", "2026-05-04 12:34:56.5 UTC", "2026-05-04T12:34:56.500Z"},
		{"rfc3339", "2026-05-04t12:34:56z", "2026-05-04T12:34:56.000Z"},
		{"rfc3339", "2026-05-04 12:34:56", ""}, // whose zone is not known
	} {
		parser, err := Times{Formats: []string{c.format}, Zone: "UTC"}.parser()
		if err != nil {
			t.Errorf("%s: %v", c.format, err)

			continue
		}
		got := ""
		if ms, ok := parser.parse([]byte(c.text)); ok {
			got = string(appendTime(nil, ms))
		}
		if got != c.want {
			t.Errorf("%q by %s is %q, want %q", c.text, c.format, got, c.want)
		}
		if parser.names() != c.format {
			t.Errorf("%s is called %s", c.format, parser.names())
		}
	}
	for _, wrong := range []string{"dd/MM/yyy", "yyyy-mm-dd", "yyyy", "dd/MM/yyyy QQ", "yyyy-MM-dd'T"} {
		if _, err := (Times{Formats: []string{wrong}, Zone: "UTC"}).parser(); err == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
}

const shopOfPeople = `
name: shop
delimiter: ";"
fields: {time: Datum, customer: Kunde, value: Betrag}
constants: {type: order.completed, currency: EUR}
time: {formats: [dd.MM.yyyy]}
numbers: {decimal: ",", group: "."}
`

func TestEncodingsAndArchives(t *testing.T) {
	const text = "Datum;Kunde;Betrag\n04.05.2026;Zoë;1.234,50\n"
	const want = `"time":"2026-05-04T00:00:00.000Z","customer":"Zoë","type":"order.completed","value":1234.50,"currency":"EUR"}`
	latin, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, encoding, content string }{
		{"utf-8", "utf-8", text}, {"latin-1", "latin-1", latin}, {"windows-1252", "Windows-1252", latin}, {"utf-16be", "utf-16be", wide}, {"nothing said", "", wide},
	} {
		m, err := ParseMapping([]byte(shopOfPeople + "encoding: " + c.encoding + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		rows := readRows(t, m, c.content, ReadOptions{Digest: "d"})
		if len(rows) != 1 || !strings.Contains(string(rows[0].Body), want) {
			t.Errorf("%s: %d rows: %s", c.name, len(rows), rows[0].Body)
		}
		source := FileSource(zipped(t, map[string]string{"export.csv": c.content, "__MACOSX/._export.csv": "x"})).Until(t.Context())
		reader, err := NewReader(source, m, ReadOptions{Digest: "d"})
		if err != nil {
			t.Fatal(err)
		}
		var row Row
		if err := reader.Next(&row); err != nil || !strings.Contains(string(row.Body), want) {
			t.Errorf("%s, zipped: %v, %s", c.name, err, row.Body)
		}
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{"a.csv": "x", "b.csv": "y"}, "the ZIP archive holds 2 files; keep one file of events in it, or unpack it"},
		{map[string]string{"[Content_Types].xml": "x"}, "save the sheet as CSV (UTF-8)"},
	} {
		if _, err := Identify(FileSource(zipped(t, c.files))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("says %v, want %s", err, c.want)
		}
	}
}

// zipped is the path of an archive of files.
func zipped(t *testing.T, files map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := zip.NewWriter(file)
	for name, content := range files {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	return path
}

func TestSettingsOfPeopleAreChecked(t *testing.T) {
	for _, c := range []struct{ more, want string }{
		{`numbers: {decimal: ";"}`, `numbers.decimal is ";"; write "." or ","`},
		{`numbers: {group: "_"}`, `numbers.group is "_"; write ".", ",", "'" or " "`},
		{`numbers: {group: "."}`, `numbers.group is ".", as numbers.decimal is; change one of the two`},
		{`numbers: {point: ","}`, `unknown key "point" under numbers`},
		{`encoding: latin1`, `encoding is "latin1"; did you mean latin-1`},
	} {
		_, err := ParseMapping([]byte("name: shop\nfields: {time: a, customer: b, type: c}\n" + c.more))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: says %v, want %s", c.more, err, c.want)
		}
	}
}

// Numbers of JSON stay what they are, whatever strings look like.
func TestNumbersOfJSONStay(t *testing.T) {
	m, err := ParseMapping([]byte("name: shop\nformat: ndjson\nfields: {time: at, customer: who, type: what, value: order.total}\nnumbers: {decimal: \",\", group: \".\"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	rows := readRows(t, m, `{"at":"2026-05-04T00:00:00Z","who":"a","what":"t","order":{"total":1.234}}`+"\n"+`{"at":"2026-05-04T00:00:00Z","who":"a","what":"t","order":{"total":"1.234,5"}}`, ReadOptions{Digest: "d"})
	if len(rows) != 2 || !strings.Contains(string(rows[0].Body), `"value":1.234`) || !strings.Contains(string(rows[1].Body), `"value":1234.5`) {
		t.Errorf("reads %s and %s", rows[0].Body, rows[1].Body)
	}
}
