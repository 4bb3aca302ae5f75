package replay

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
)

const plainRows = "event_time,customer_id,event_type,value\n2025-03-01T10:00:00Z,kä,order.completed,10.5\n2025-03-02T10:00:00Z,k1,order.completed,11.5\n"

func asUTF16(order binary.ByteOrder, mark bool, text string) string {
	units := utf16.Encode([]rune(text))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	data := make([]byte, 2*len(units))
	for i, unit := range units {
		order.PutUint16(data[2*i:], unit)
	}

	return string(data)
}

// Whatever a file of rows is written in, it is the same rows.
func TestFilesAreReadInTheirEncoding(t *testing.T) {
	quoted := `"` + strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(plainRows, "\n"), ",", `","`), "\n", "\"\n\"") + "\"\n"
	for name, text := range map[string]string{
		"as it is":                  plainRows,
		"a mark":                    "\ufeff" + plainRows,
		"a mark and quotes":         "\ufeff" + quoted,
		"CRLF":                      strings.ReplaceAll(plainRows, "\n", "\r\n"),
		"CR only":                   strings.ReplaceAll(plainRows, "\n", "\r"),
		"CR only, a mark, quotes":   "\ufeff" + strings.ReplaceAll(quoted, "\n", "\r"),
		"UTF-16LE":                  asUTF16(binary.LittleEndian, true, plainRows),
		"UTF-16BE":                  asUTF16(binary.BigEndian, true, plainRows),
		"UTF-16LE without a mark":   asUTF16(binary.LittleEndian, false, plainRows),
		"UTF-16BE without a mark":   asUTF16(binary.BigEndian, false, plainRows),
		"UTF-16LE, quotes, CR only": asUTF16(binary.LittleEndian, true, strings.ReplaceAll(quoted, "\n", "\r")),
		"gzip of UTF-16":            gzipped(t, asUTF16(binary.LittleEndian, true, plainRows)),
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Detect(textSource("events.csv", text))
			if err != nil {
				t.Fatal(err)
			}
			rows := readRows(t, m, text, ReadOptions{})
			if len(rows) != 2 || string(rows[0].Customer) != "kä" || rows[1].Problem != nil || !rows[1].HasAmount {
				t.Errorf("mapping %s read %+v", m.Name, rows)
			}
		})
	}
	lines := asUTF16(binary.LittleEndian, true, `{"id":"1","time":"2025-03-01T10:00:00Z","customer":"c","type":"a.b"}`+"\n")
	m, err := Detect(textSource("events.jsonl", lines))
	if err != nil || m.Name != "native" || len(readRows(t, m, lines, ReadOptions{})) != 1 {
		t.Errorf("JSON lines in UTF-16: mapping %v, error %v", m, err)
	}
}

// What is no text is named, with what to do.
func TestOtherFilesAreNamed(t *testing.T) {
	for begins, want := range map[string]string{
		"PK\x03\x04\x14\x00": "Excel", "\xd0\xcf\x11\xe0\xa1": "Excel", "PAR1\x15\x04": "Parquet", "BZh91AY": "bunzip2",
		"\xfd7zXZ\x00": "unxz", "\xff\xfe\x00\x00e\x00\x00\x00": "iconv", "abc\x00def\n": "zero bytes", gzipped(t, "x\n"): "packed twice",
	} {
		text := begins
		if want == "packed twice" {
			text = gzipped(t, begins)
		}
		_, err := Detect(textSource("events.csv", text))
		wantError(t, err, "events.csv", want)
		if !errors.Is(err, ErrNotText) {
			t.Errorf("%q: no ErrNotText: %v", begins, err)
		}
		_, err = NewReader(textSource("events.csv", text), shippedMapping(t, "csv"), ReadOptions{})
		wantError(t, err, want)
	}
}

func TestColumnsWithOneName(t *testing.T) {
	text := "event_time,customer_id,event_type,value,value,note,note\n2025-03-01T10:00:00Z,c,order.completed,10,99,a,b\n"
	_, err := NewReader(textSource("e.csv", text), shippedMapping(t, "csv"), ReadOptions{})
	wantError(t, err, `more than one column "value"`, `{value: "value#2"}`)
	m := mustMapping(t, "name: m\nfields: {time: event_time, customer: customer_id, type: event_type, value: 'value#2'}\n")
	rows := readRows(t, m, text, ReadOptions{})
	if body := string(rows[0].Body); !strings.Contains(body, `"value":99,"properties":{"value":"10","note":"a","note#2":"b"}`) {
		t.Errorf("the row is %s", body)
	}
}
