package dashboards

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse/clickhousetest"
)

// newestMonth is the end of the newest 28 days of the rows of figures.
var newestMonth = time.Date(2024, time.May, 1, 0, 0, 0, 0, time.UTC)

// figured is a database with rows of every metric by windows or send days, on two
// channels of two partitions, whose numbers have nothing to do with each other: no two
// formulas give the same figure by chance.
func figured(t *testing.T) driver.Conn {
	t.Helper()
	conn := clickhousetest.Migrated(t).Open(t)
	statements := []string{
		`INSERT INTO pipeline (time, partition, clock, watermark, version) SELECT '2024-05-01 00:10:00', arrayJoin([0, 1]), '2024-05-01 00:10:00', '2024-05-01 00:00:00', 1`,
		`INSERT INTO rollups_total (window, window_end, partition, events, customers, version)
			SELECT w.1, w.2, arrayJoin([0, 1]) AS p, cityHash64(w, p) % 900 + 100, cityHash64(w, p, 1) % 90 + 100, 1 FROM (` + windowEnds + `)`,
		`INSERT INTO benchmarks (kind, metric, segment, figure, value, at_most, set_at)
			SELECT k, arrayJoin(['', 'nps', 'csat', 'messages']) AS m, '', transform(m, ['messages'], ['opt_outs_per_thousand'], m), cityHash64(k, m) % 50, m = 'messages', '2024-05-01 00:00:00'
			FROM (SELECT arrayJoin(['target', 'industry']) AS k)`,
	}
	for _, m := range metric.Tables() {
		var numbers []string
		for _, measure := range m.Measures {
			numbers = append(numbers, numberOf(m, &measure))
		}
		var names, values []string
		for _, name := range m.Dimensions() {
			value := "'spring'"
			switch name {
			case "channel":
				value = "c"
			case "kind":
				value = "['passive', 'micro', 'active'][1 + (p + length(c)) % 3]"
			}
			names, values = append(names, name), append(values, value)
		}
		key, moment := "window, window_end", "w.1, w.2"
		if m.Daily() {
			key, moment = "day", "toDate(w.2)"
		}
		statements = append(statements, fmt.Sprintf("INSERT INTO %s (%s, partition, version, clock, %s) SELECT %s, p, 1, '2024-05-01 00:10:00', %s FROM (SELECT w, p, arrayJoin(%s) AS c FROM (SELECT w, arrayJoin([0, 1]) AS p FROM (%s)))%s",
			m.Table(), key, strings.Join(append(names, m.Columns()...), ", "), moment, strings.Join(append(values, numbers...), ", "),
			channelsOf(m), windowEnds, map[bool]string{true: " WHERE w.1 = '28d'"}[m.Daily()]))
	}
	for _, statement := range statements {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}

	return conn
}

// windowEnds are the newest 28 days, the 28 before, and the ends of a day's week over ten
// weeks.
const windowEnds = `SELECT ('28d', toDateTime64('2024-05-01 00:00:00', 3, 'UTC') - toIntervalDay(arrayJoin([0, 28]))) AS w
	UNION ALL SELECT ('7d', toDateTime64('2024-05-01 00:00:00', 3, 'UTC') - toIntervalDay(number)) FROM numbers(70)`

// numberOf is the SQL of a measure's number. Answers and scores of surveys are the sums of
// the counts of each score, which figures may follow from as well.
func numberOf(m *metric.Metric, of *metric.Measure) string {
	number := func(name string) string { return "(cityHash64('" + name + "', w, p, c) % 400 + 50)" }
	var count, sum []string
	for _, other := range m.Measures {
		if score, isScore := strings.CutPrefix(other.Name, "score_"); isScore {
			count, sum = append(count, number(other.Name)), append(sum, score+" * "+number(other.Name))
		}
	}
	switch {
	case len(count) > 0 && of.Name == "answers":
		return strings.Join(count, " + ")
	case len(count) > 0 && of.Name == "score":
		return "1000000 * (" + strings.Join(sum, " + ") + ")"
	case of.Sum:
		return number(of.Name) + " * 1000000"
	}

	return number(of.Name)
}

// channelsOf are those that a metric has rows of.
func channelsOf(m *metric.Metric) string {
	if slices.Contains(m.Dimensions(), "channel") {
		return "['web', 'email']"
	}

	return "['']"
}

// numbersOf are the numbers of the rows of a query, by row and column; NaN where there is
// none.
func numbersOf(t *testing.T, conn driver.Conn, sql string, columns int) [][]float64 {
	t.Helper()
	result, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	defer result.Close()
	var out [][]float64
	for result.Next() {
		cells := make([]*float64, columns)
		into := make([]any, columns)
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := result.Scan(into...); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
		out = append(out, known(cells))
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}

	return out
}

// sameNumbers says whether two results are the same but for rounding: views divide amounts
// to a millionth.
func sameNumbers(a, b [][]float64) bool {
	return slices.EqualFunc(a, b, func(a, b []float64) bool {
		return slices.EqualFunc(a, b, func(a, b float64) bool {
			return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 2e-6*math.Max(1, math.Abs(a))
		})
	})
}

// figuresOf are columns of v_benchmark, of all segments together, by metric.figure.
func figuresOf(t *testing.T, conn driver.Conn) map[string][]float64 {
	t.Helper()
	const columns = 6
	result, err := conn.Query(t.Context(), `SELECT concat(metric, '.', figure), value, before, against_before - 1, target, toFloat64(met), industry
		FROM v_benchmark WHERE segment = ''`)
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	figures := make(map[string][]float64)
	for result.Next() {
		var name string
		cells, into := make([]*float64, columns), []any{&name}
		for i := range cells {
			into = append(into, &cells[i])
		}
		if err := result.Scan(into...); err != nil {
			t.Fatal(err)
		}
		figures[name] = known(cells)
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}

	return figures
}

// known are numbers, NaN where there is none.
func known(cells []*float64) []float64 {
	row := make([]float64, len(cells))
	for i, cell := range cells {
		row[i] = math.NaN()
		if cell != nil {
			row[i] = *cell
		}
	}

	return row
}

// What panels add up over channels, partitions and days are the figures of the registry,
// whose formulas they state again so as to read what they show alone.
func TestPanelsFigureAsTheRegistryDoes(t *testing.T) {
	conn := figured(t)
	all := figuresOf(t, conn)
	figuresOfOneChannel(t, conn)
	figuresOfAllChannels(t, conn, all)
	figuresAgainstOthers(t, conn, all)
	engagementOfEachDay(t, conn)
}

// figuresOfOneChannel are those of its view.
func figuresOfOneChannel(t *testing.T, conn driver.Conn) {
	t.Helper()
	const (
		month = "window = '28d' AND window_end = '2024-05-01 00:00:00' AND channel = 'web'"
		day   = "day = '2024-05-01' AND channel = 'web'"
	)
	for query, is := range map[string]struct {
		shown       []string
		view, where string
		figures     []string
	}{
		"experience/nps":             {[]string{"nps"}, "v_nps", month, []string{"nps"}},
		"experience/csat":            {[]string{"csat"}, "v_csat", month, []string{"csat"}},
		"experience/ces":             {[]string{"ces"}, "v_ces", month, []string{"ces"}},
		"experience/sentiment":       {[]string{"mean_sentiment"}, "v_sentiment", month, []string{"mean_sentiment"}},
		"experience/pyramid":         {[]string{"meets_needs", "easy * 6 + 1", "enjoyable * 4 + 1"}, "v_pyramid", month, []string{"meets_needs", "easy", "enjoyable"}},
		"experience/recontact":       {[]string{"recontact_rate", "channel_switch_rate"}, "v_recontact", month, []string{"recontact_rate", "channel_switch_rate"}},
		"channels/active_share":      {[]string{"active_share"}, "v_kind_mix", month, []string{"active_share"}},
		"campaigns/open_rate":        {[]string{"open_rate"}, "v_campaigns", day, []string{"open_rate"}},
		"campaigns/click_rate":       {[]string{"click_rate"}, "v_campaigns", day, []string{"click_rate"}},
		"campaigns/click_to_open":    {[]string{"click_to_open"}, "v_campaigns", day, []string{"click_to_open"}},
		"campaigns/conversion_rate":  {[]string{"conversion_rate"}, "v_campaigns", day, []string{"conversion_rate"}},
		"campaigns/unsubscribe_rate": {[]string{"unsubscribe_rate"}, "v_campaigns", day, []string{"unsubscribe_rate"}},
	} {
		got := numbersOf(t, conn, floats("("+newestOfWeb().expand(t, sqlOf(t, query))+")", is.shown...), len(is.shown))
		want := numbersOf(t, conn, floats(is.view, is.figures...)+" WHERE "+is.where, len(is.figures))
		if len(want) != 1 || math.IsNaN(want[0][0]) || !sameNumbers(got, want) {
			t.Errorf("%s: %v, %s says %v", query, got, is.view, want)
		}
	}
}

// figuresOfAllChannels are those of v_benchmark.
func figuresOfAllChannels(t *testing.T, conn driver.Conn, all map[string][]float64) {
	t.Helper()
	for query, figure := range map[string]string{
		"experience/nps":       "nps.nps",
		"experience/csat":      "csat.csat",
		"experience/ces":       "ces.ces",
		"experience/sentiment": "sentiment.mean_sentiment",
		"channels/recontact":   "recontact.channel_switch_rate",
		"channels/social":      "social.social_rate",
		"journey/conversion":   "conversions.conversion_rate",
	} {
		_, column, _ := strings.Cut(figure, ".")
		sql := channelChoice.ReplaceAllLiteralString(sqlOf(t, query), "")
		got := numbersOf(t, conn, floats("("+newestOfWeb().expand(t, sql)+")", column), 1)
		if len(all[figure]) == 0 || math.IsNaN(all[figure][0]) || !sameNumbers(got, [][]float64{all[figure][:1]}) {
			t.Errorf("%s of all channels: %v, v_benchmark says %v", query, got, all[figure])
		}
	}
}

// figuresAgainstOthers, in the table of the overview, are v_benchmark's, which asks for
// much more.
func figuresAgainstOthers(t *testing.T, conn driver.Conn, all map[string][]float64) {
	t.Helper()
	got := numbersOf(t, conn, floats("("+newestOfWeb().expand(t, sqlOf(t, "overview/benchmarks"))+")",
		"value", "before", "difference / before", "target", "if(met = '', NULL, met = 'yes')", "industry"), 6)
	var want [][]float64
	for _, figure := range []string{"total.customers", "nps.nps", "csat.csat", "ces.ces", "sentiment.mean_sentiment", "messages.opt_outs_per_thousand"} {
		want = append(want, all[figure])
	}
	if !sameNumbers(got, want) {
		t.Errorf("the overview says\n%v, v_benchmark\n%v", got, want)
	}
}

// engagementOfEachDay is that of its view.
func engagementOfEachDay(t *testing.T, conn driver.Conn) {
	t.Helper()
	in := timeRange{from: newestMonth.AddDate(0, 0, -30), to: newestMonth, interval: time.Hour}
	got := numbersOf(t, conn, floats("("+in.expand(t, sqlOf(t, "overview/engagement_index"))+")", "toUnixTimestamp(time)", "engagement_index")+" ORDER BY 1", 2)
	want := numbersOf(t, conn, floats("v_engagement_index", "toUnixTimestamp(window_end)", "engagement_index")+" WHERE window_end >= '2024-04-01 00:00:00' ORDER BY 1", 2)
	if len(want) != 31 || math.IsNaN(want[0][1]) || !sameNumbers(got, want) {
		t.Errorf("panels show\n%v, v_engagement_index says\n%v", got, want)
	}
}

// newestOfWeb is a range whose newest 28 days are those of the rows, on one channel.
func newestOfWeb() timeRange {
	return timeRange{from: newestMonth, to: newestMonth.Add(time.Hour), interval: time.Minute, vars: map[string][]string{"channel": {"web"}}}
}

func sqlOf(t *testing.T, query string) string {
	t.Helper()
	sql, err := readQuery(query)
	if err != nil {
		t.Fatal(err)
	}

	return sql
}

// floats selects columns as numbers, each row once: lines have their newest figure twice.
func floats(from string, columns ...string) string {
	return "SELECT DISTINCT toNullable(toFloat64(" + strings.Join(columns, ")), toNullable(toFloat64(") + ")) FROM " + from
}
