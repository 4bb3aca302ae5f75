package verify_test

import "testing"

// After streams were made anew their versions begin at 1 again, and the rows of
// the former ones are still there: more of them, of customers and times that the
// new stream does not have, and with higher versions.
func TestRowsOfAFormerEraDoNotCount(t *testing.T) {
	c := config()
	former := newStream(31, c)
	former.history(3_000, false)
	p := prove(t, c, former.records)

	c.Partitions = 2 // those of partition 2 are nobody's now
	again := newStream(32, c)
	again.history(800, false)
	next := proveIn(t, p.conn, c, begin, again.records)
	next.expectOK(t, next.run(t))

	for what, query := range map[string]string{
		"a customer at risk twice, or one of the former era": "SELECT count() FROM v_at_risk WHERE customer NOT IN (SELECT customer FROM signals WHERE era > toDateTime64(0, 3, 'UTC'))",
		"signals of the former era":                          "SELECT count() FROM v_signals WHERE era = toDateTime64(0, 3, 'UTC')",
		"levels that don't add up to the customers":          "SELECT toUInt64(ifNull(argMax(healthy + cooling + at_risk + lapsed, time) != (SELECT sum(n) FROM (SELECT argMax(healthy + cooling + at_risk + lapsed, time) AS n FROM levels WHERE era > toDateTime64(0, 3, 'UTC') GROUP BY partition)), 1)) FROM v_levels",
		"a clock of the former era":                          "SELECT countIf(partitions != 2) FROM v_clock",
	} {
		var found uint64
		if err := p.conn.QueryRow(t.Context(), query).Scan(&found); err != nil {
			t.Errorf("%s: %v", what, err)
		} else if found != 0 {
			t.Errorf("%s: %d", what, found)
		}
	}

	// The proof sees it if readers take rows of the former era.
	if err := p.conn.Exec(t.Context(), "CREATE OR REPLACE VIEW valid_rollups_kind AS SELECT * FROM rollups_kind FINAL"); err != nil {
		t.Fatal(err)
	}
	if found := find(t, next.run(t), "rollups_kind", "1m"); found.Extra == 0 {
		t.Errorf("readers take rows of the former era, and the report is %+v", found)
	}
}
