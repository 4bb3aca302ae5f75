package metric_test

import (
	"regexp"
	"strings"
	"testing"

	"ebb/pipeline/metric"
)

// What derives from others says every column that its query gives, and reads views
// alone: they know which rows count.
func TestDerivedViewsAreWhole(t *testing.T) {
	reads := regexp.MustCompile(`(?:FROM|JOIN)\s+([a-z_]+)`)
	for _, d := range metric.Deriveds() {
		query, err := d.SQL()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Columns {
			if !regexp.MustCompile(`\b` + c.Name + `\b`).MatchString(query) {
				t.Errorf("%s: its query says nothing of %s", d.Name, c.Name)
			}
		}
		of := 0
		for _, name := range reads.FindAllStringSubmatch(strings.ReplaceAll(query, "ARRAY JOIN", ""), -1) {
			if strings.HasPrefix(name[1], "v_") || strings.HasPrefix(name[1], "valid_") {
				of++
			} else if !regexp.MustCompile(`\b` + name[1] + `\s+AS\b`).MatchString(query) {
				t.Errorf("%s: its query reads %s, which is no view", d.Name, name[1])
			}
		}
		if of == 0 {
			t.Errorf("%s reads no view", d.Name)
		}
	}
}
