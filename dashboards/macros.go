package dashboards

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Range is what a person chose in Grafana: the time range, how long the points are that
// fit on a panel, and the variables.
type Range struct {
	From, To  time.Time
	Interval  time.Duration
	Variables map[string][]string
}

var (
	macro    = regexp.MustCompile(`\$__(\w+)(?:\(([^()]*)\))?`)
	variable = regexp.MustCompile(`\$\{(\w+):(sqlstring|singlequote)\}`)
)

// Expand does what Grafana and its ClickHouse plugin do with a query before ClickHouse
// sees it, so that it can be tried without them. What a variable holds is a text and
// nothing else, whatever stands in it.
func (r *Range) Expand(sql string) (string, error) {
	var unknown []string
	from, to := fmt.Sprintf("toDateTime(%d)", r.From.Unix()), fmt.Sprintf("toDateTime(%d)", r.To.Unix())
	expanded := macro.ReplaceAllStringFunc(sql, func(call string) string {
		parts := macro.FindStringSubmatch(call)
		switch name, column := parts[1], parts[2]; name {
		case "fromTime":
			return from
		case "toTime":
			return to
		case "timeFilter":
			return fmt.Sprintf("%s >= %s AND %s <= %s", column, from, column, to)
		case "timeInterval":
			return fmt.Sprintf("toStartOfInterval(toDateTime(%s), INTERVAL %d second)", column, int(r.Interval.Seconds()))
		default:
			unknown = append(unknown, call)

			return ""
		}
	})
	rest := variable.ReplaceAllLiteralString(expanded, "")
	if left := strings.IndexByte(rest, '$'); left >= 0 {
		unknown = append(unknown, strings.Fields(rest[left:])[0])
	}
	expanded = variable.ReplaceAllStringFunc(expanded, func(reference string) string {
		values, known := r.Variables[variable.FindStringSubmatch(reference)[1]]
		if !known {
			unknown = append(unknown, reference)
		}
		if len(values) == 0 { // a variable without options
			values = []string{""}
		}
		quoted := make([]string, len(values))
		for i, value := range values {
			quoted[i] = "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
		}

		return strings.Join(quoted, ",")
	})
	if len(unknown) > 0 {
		return "", fmt.Errorf("neither Grafana nor its ClickHouse plugin knows %s", strings.Join(slices.Compact(unknown), ", "))
	}

	return expanded, nil
}
