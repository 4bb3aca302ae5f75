package demo

import (
	"encoding/json"
	"strings"
	"testing"

	"ebb/pipeline/event"
	"ebb/sinks/clickhouse/verify"
)

// What is exported is what came, a line for each row of a record, and nothing is
// dropped: what holds no rows, or is no text, stands there as it is.
func TestRawRows(t *testing.T) {
	packed := event.AppendRow(event.AppendRow(nil, 5, []byte(`{"id":"a"}`)), 6, []byte("b\xff"))
	for name, test := range map[string]struct {
		record verify.Record
		want   string
	}{
		"rows": {
			verify.Record{Partition: 3, Sequence: 7, Lane: "h", Clock: 6, Rows: 2, Body: packed},
			`{"partition":3,"sequence":7,"row":1,"lane":"h","clock":5,"body":"{\"id\":\"a\"}"}` + "\n" +
				`{"partition":3,"sequence":7,"row":2,"lane":"h","clock":6,"bytes":"Yv8="}`,
		},
		"not the rows it says": {
			verify.Record{Sequence: 7, Lane: "h", Clock: 6, Rows: 3, Body: []byte("5 x")},
			`{"partition":0,"sequence":7,"lane":"h","clock":6,"body":"5 x"}`,
		},
		"a mark": {
			verify.Record{Sequence: 1, Lane: "h", Control: "start", Clock: 4, Rows: 2, Body: []byte(`{}`)},
			`{"partition":0,"sequence":1,"lane":"h","control":"start","clock":4,"body":"{}"}`,
		},
		"a live event": {
			verify.Record{Sequence: 2, Lane: "p", Clock: 4, Body: []byte(`x`)},
			`{"partition":0,"sequence":2,"lane":"p","clock":4,"body":"x"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			for _, row := range rawRows(&test.record) {
				line, err := json.Marshal(row)
				if err != nil {
					t.Fatal(err)
				}
				lines = append(lines, string(line))
			}
			if got := strings.Join(lines, "\n"); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
