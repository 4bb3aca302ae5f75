package replay

import (
	"strings"
	"testing"
)

// What an error proposes reads the file that it is about.
func TestAProposedMappingReadsTheFile(t *testing.T) {
	for _, test := range []struct {
		format Format
		names  string // and what the values are
		rows   string
		want   string // "" for no proposal
	}{
		{CSV, "timestamp,anonymousId,userId,event", "2025-05-01T08:00:00Z,a,,x.y\n2025-05-02T08:00:00Z,a,u,x.y\n", "u u"},
		{CSV, "created_at,customer", "2025-05-01T08:00:00Z,u\n", "u"},
		{CSV, "time,distinct_id,$device_id,name", "2025-05-01T08:00:00Z,a,a,x.y\n2025-05-02T08:00:00Z,u,a,x.y\n", "u u"},
		{CSV, "ts,user id,visitor_id", "", ""},
		{CSV, "ts,$user_id,Visitor_ID", "2025-05-01T08:00:00Z,u,v\n", "u"},
		{NDJSON, "time,distinct_id,event", `{"time":"2025-05-01T08:00:00Z","distinct_id":"u","event":"x.y"}`, "u"},
		{CSV, "customer_id,amount", "", ""},
	} {
		text := proposal(test.format, strings.Split(test.names, ","))
		if (text == "") != (test.want == "") {
			t.Errorf("%s: proposed %q", test.names, text)
		}
		if text == "" {
			continue
		}
		file := test.rows
		if test.format == CSV {
			file = test.names + "\n" + test.rows
		}
		m := mustMapping(t, text)
		joins := mustPlan(t, textSource("f", file), m, Options{Partitions: 1}).Joins
		var who []string
		for _, row := range readRows(t, m, file, ReadOptions{Joins: joins}) {
			if row.Problem != nil {
				t.Errorf("%s: %v", text, row.Problem)
			}
			who = append(who, string(row.Customer))
		}
		if got := strings.Join(who, " "); got != test.want {
			t.Errorf("%s: customers %q, want %q", text, got, test.want)
		}
	}
}
