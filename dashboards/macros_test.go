package dashboards

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// timeRange is what a person chose in Grafana.
type timeRange struct {
	from, to time.Time
	interval time.Duration // of the points that fit on the panel
	window   string        // the variable $window
}

// expand does what Grafana and the ClickHouse plugin do with a query before
// ClickHouse sees it.
func (r timeRange) expand(t *testing.T, sql string) string {
	t.Helper()
	sql = strings.ReplaceAll(sql, "${window:sqlstring}", "'"+r.window+"'")

	from := fmt.Sprintf("toDateTime(%d)", r.from.Unix())
	to := fmt.Sprintf("toDateTime(%d)", r.to.Unix())
	macro := regexp.MustCompile(`\$__(\w+)(?:\(([^()]*)\))?`)
	sql = macro.ReplaceAllStringFunc(sql, func(call string) string {
		parts := macro.FindStringSubmatch(call)
		switch name, column := parts[1], parts[2]; name {
		case "fromTime":
			return from
		case "toTime":
			return to
		case "timeFilter":
			return fmt.Sprintf("%s >= %s AND %s <= %s", column, from, column, to)
		case "timeInterval":
			return fmt.Sprintf("toStartOfInterval(toDateTime(%s), INTERVAL %d second)", column, int(r.interval.Seconds()))
		default:
			t.Fatalf("the ClickHouse plugin has no macro %s", call)

			return ""
		}
	})
	if strings.Contains(sql, "$") {
		t.Fatalf("not expanded:\n%s", sql)
	}

	return sql
}
