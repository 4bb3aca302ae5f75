package clickhouse

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/wire"
)

// Whatever a message says of a row is in ClickHouse too.
func TestEveryFieldOfARowIsAColumn(t *testing.T) {
	aside := []string{"schema", "table", "reasons"} // reasons are several columns
	for _, test := range []struct {
		table table
		row   any
	}{
		{lateTable(), wire.LateEvent{}}, {levelsTable(), wire.LevelsRow{}}, {pipelineTable(), wire.PipelineRow{}},
		{feedTable(), wire.FeedRow{}}, {signalsTable(), wire.Signal{}}, {qualityTable(), wire.QualityBin{}},
	} {
		var columns []string
		for _, c := range test.table.columns {
			columns = append(columns, c.Name)
		}
		fields := reflect.VisibleFields(reflect.TypeOf(test.row))
		for _, f := range fields {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name != "" && !slices.Contains(aside, name) && !slices.Contains(columns, name) {
				t.Errorf("table %s has no column %s", test.table.name, name)
			}
		}
		if len(fields) < 5 {
			t.Errorf("%T has %d fields", test.row, len(fields))
		}
	}
}
