package shard

import (
	"testing"

	"ebb/windows"
)

// A day of many keys does not wait as a whole: what is in memory is bounded.
func TestRowsOfADayThatWaitAreBounded(t *testing.T) {
	var g gathering
	lengths := []windows.Length{{Name: "1m", Size: 60_000, Slide: 30_000}}
	packed, most := 0, 0
	const keys, ends = 500, 1440
	for end := range ends { // of one day and length
		for key := range keys {
			row := windows.Row{Key: windows.Key(key), Length: 0, End: int64(end+1) * 60_000 / 2, Events: 1}
			if g.full(&row) {
				packed += g.rows
				g.clear()
			}
			g.row(row.Key, 1, &row, lengths).count(0, row.Events)
			most = max(most, g.rows)
		}
	}
	if packed += g.rows; packed != keys*ends || most > mostSeriesRows {
		t.Errorf("%d of %d rows, at most %d at once", packed, keys*ends, most)
	}
}
