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
	aside := []string{
		"schema", "table",
		"reasons",                 // are several columns
		"id", "time", "last_time", // of a signal: follow from others, see wire.Signal.Complete
	}
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
			elsewhere := slices.Contains(aside, name) && (name != "id" && name != "time" || test.table.name == "signals")
			if name != "" && !elsewhere && !slices.Contains(columns, name) {
				t.Errorf("table %s has no column %s", test.table.name, name)
			}
		}
		if len(fields) < 5 {
			t.Errorf("%T has %d fields", test.row, len(fields))
		}
	}
}
