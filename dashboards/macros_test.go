package dashboards

import (
	"maps"
	"strings"
	"testing"
	"time"
)

// timeRange is what a person chose on the dashboards that there are.
type timeRange struct {
	from, to time.Time
	interval time.Duration // of the points that fit on the panel
	window   string        // the variable $window
	vars     map[string][]string
}

func (r timeRange) expand(t *testing.T, sql string) string {
	t.Helper()
	variables := map[string][]string{
		"window": {r.window}, "zone": {"UTC"}, "level": {"at_risk"}, "kind": {"passive", "micro", "active"}, "customer": {"ann"},
		"segment": {"active", "regular", "newcomer", "one_time", "long_silent"}, "channel": {"web", "email"}, "campaign": {"spring"},
	}
	maps.Copy(variables, r.vars)
	expanded, err := (&Range{From: r.from, To: r.to, Interval: r.interval, Variables: variables}).Expand(sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}

	return expanded
}

func TestExpand(t *testing.T) {
	r := Range{
		From: time.Unix(100, 0), To: time.Unix(200, 0), Interval: time.Minute,
		Variables: map[string][]string{"level": {"at_risk", "o'hara\\"}, "none": {}, "macro": {"$__fromTime ${level:sqlstring} $"}},
	}
	for sql, want := range map[string]string{
		"a = $__fromTime AND $__timeFilter(at)": "a = toDateTime(100) AND at >= toDateTime(100) AND at <= toDateTime(200)",
		"$__timeInterval(at), $__toTime":        "toStartOfInterval(toDateTime(at), INTERVAL 60 second), toDateTime(200)",
		"level IN (${level:singlequote})":       `level IN ('at_risk','o\'hara\\')`,
		"level IN (${none:sqlstring})":          "level IN ('')",
		"a = ${macro:sqlstring}":                "a = '$__fromTime ${level:sqlstring} $'",
	} {
		if got, err := r.Expand(sql); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", sql, got, err, want)
		}
	}
	for _, sql := range []string{"$__interval_ms", "${other:sqlstring}", "${level}", "$level"} {
		if got, err := r.Expand(sql); err == nil || !strings.Contains(err.Error(), strings.Trim(sql, "${}")) && !strings.Contains(err.Error(), sql) {
			t.Errorf("%s: %s, %v", sql, got, err)
		}
	}
}
