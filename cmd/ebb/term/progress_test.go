package term

import "testing"

func TestProgressFitsTheTerminal(t *testing.T) {
	const all = "importing, at risk 12, watermark 2026-10-07 23:14:45, processed 1322"
	for _, test := range []struct {
		columns int
		want    string
	}{
		{200, all},
		{len(all), all},
		{len(all) - 1, "importing, at risk 12, watermark 2026-10-07 23:14:45"},
		{25, "importing, at risk 12"},
		{3, "importing"},
		{-5, "importing"},
	} {
		if got := fitting(all, test.columns); got != test.want {
			t.Errorf("in %d columns: %q, want %q", test.columns, got, test.want)
		}
	}
}
