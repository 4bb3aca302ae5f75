package dashboards

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.yaml.in/yaml/v3"

	"ebb/sinks/clickhouse/clickhousetest"
)

// month is 29 days of a business up to now, of which the last day, or hour, differs.
type month struct {
	Raised, Lapsed               int     // customers in the last day
	OptedOut, Complaints, Failed int     // events of the last day
	Bounced                      int     // of 2,000 messages
	Sentiment                    float64 // mean of the last 7 days; before, 0.4
	Active                       int     // customers of the last day; before, 1000
	Promoters, Detractors        int     // of 100 answers of the last 7 days; of 400 of 28 days, 160 and 80
	Feed                         string  // state of the channel e-mail
	Lost                         int     // of 200 drawn with the risk 0.5
	Late, Refused, Counted       int     // events of each minute of the last hour, of a partition
	Behind                       int     // seconds that the last row of partition 1 is behind now
}

// asUsual differs from nothing; the others are what has to fire.
func asUsual() month {
	return month{
		Raised: 30, Lapsed: 10, OptedOut: 4, Complaints: 30, Failed: 30, Bounced: 30, Sentiment: 0.38, Active: 980, Promoters: 34, Detractors: 26,
		Feed: "back", Lost: 104, Late: 1, Refused: 0, Counted: 200, Behind: 30,
	}
}

// Of days it has the last that ended two hours ago: a partition that is an hour behind has
// seen its end.
const monthFixture = `
INSERT INTO pipeline (time, partition, clock, watermark, sequence, processed, duplicates, dead_letters, late_dropped, version)
	SELECT now() - INTERVAL (169 - number) HOUR AS time, 0, time, time - INTERVAL 10 MINUTE, number + 1, 1000 * (number + 1), 0, number, 5 * number, number + 1
	FROM numbers(168);
INSERT INTO pipeline (time, partition, clock, watermark, sequence, processed, duplicates, dead_letters, late_dropped, version)
	SELECT now() - INTERVAL (59 - number) MINUTE AS time, 0, time, time - INTERVAL 10 MINUTE, 1000 + number, 168000 + {{.Counted}} * (number + 1), 0, 168 + {{.Refused}} * (number + 1), 840 + {{.Late}} * (number + 1), 1000 + number
	FROM numbers(60);
INSERT INTO pipeline (time, partition, clock, watermark, sequence, processed, duplicates, dead_letters, late_dropped, version)
	SELECT now() - INTERVAL {{.Behind}} SECOND AS time, 1, time, time - INTERVAL 10 MINUTE, 9, 0, 0, 0, 0, 9;
INSERT INTO rollups_total (window, window_end, partition, events, customers, version, clock)
	SELECT '24h', toStartOfHour(now()) - INTERVAL number HOUR, 0, 5000, if(number < 3, {{.Active}}, 1000), 1, now() FROM numbers(29 * 24);
INSERT INTO rollups_type (window, window_end, type, currency, partition, events, value_sum, version, clock)
	SELECT '24h', toStartOfHour(now()) - INTERVAL number HOUR AS end, t.1, '', 0, if(number < 3, t.2, t.3), 0, 1, now()
	FROM numbers(29 * 24)
	ARRAY JOIN [('message.sent', 2000, 2000), ('unsubscribed', {{.OptedOut}}, 4), ('case.opened', {{.Complaints}}, 30), ('payment.failed', {{.Failed}}, 30), ('message.bounced', {{.Bounced}}, 30)] AS t;
INSERT INTO rollups_sentiment (window, window_end, partition, channel, answers, sentiment, negative, version, clock)
	SELECT w.1, toStartOfDay(now() - INTERVAL 2 HOUR), 0, 'web', w.2, toInt128(1000000 * w.2 * w.3), 0, 1, now()
	FROM numbers(1) ARRAY JOIN [('7d', 100, {{.Sentiment}}), ('28d', 400, 0.4)] AS w;
INSERT INTO rollups_nps (window, window_end, partition, channel, responses, answers, score, score_0, score_10, version, clock)
	SELECT w.1, toStartOfDay(now() - INTERVAL 2 HOUR), 0, 'web', w.2, w.2, 10 * w.3, w.4, w.3, 1, now()
	FROM numbers(1) ARRAY JOIN [('7d', 100, {{.Promoters}}, {{.Detractors}}), ('28d', 400, 160, 80)] AS w;
INSERT INTO signals (customer, episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, value, value_at_risk, currency, partition, sequence, version)
	SELECT concat('r', toString(number)), 1, 'at_risk', 'raised', 'cooling', now() - INTERVAL 30 HOUR - INTERVAL (number % 27) DAY, 0.8, 86400000, now() - INTERVAL 40 DAY, 1, 10, 8, 'EUR', 0, 1, 1
	FROM numbers(28 * 30);
INSERT INTO signals (customer, episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, value, value_at_risk, currency, partition, sequence, version)
	SELECT concat('t', toString(number)), 1, 'at_risk', 'raised', 'cooling', now() - INTERVAL 3 HOUR, 0.8, 86400000, now() - INTERVAL 40 DAY, 1, 10, 8, 'EUR', 0, 1, 1
	FROM numbers({{.Raised}});
INSERT INTO signals (customer, episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, partition, sequence, version)
	SELECT concat('l', toString(number)), 2, 'lapsed', 'raised', 'at_risk', now() - INTERVAL 30 HOUR - INTERVAL (number % 26) DAY, 0.9, 86400000, now() - INTERVAL 60 DAY, 1, 0, 1, 1
	FROM numbers(27 * 10);
INSERT INTO signals (customer, episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, partition, sequence, version)
	SELECT concat('m', toString(number)), 2, 'lapsed', 'raised', 'at_risk', now() - INTERVAL 3 HOUR, 0.9, 86400000, now() - INTERVAL 60 DAY, 1, 0, 1, 1
	FROM numbers({{.Lapsed}});
INSERT INTO feed (channel, time, partition, state, since, observed, expected, held, released, dropped, version, clock) VALUES
	('email', now() - INTERVAL 20 MINUTE, 0, '{{.Feed}}', now() - INTERVAL 1 HOUR, 1, 33, 0, 0, 0, 12, now());
INSERT INTO model_quality (time, horizon_ms, partition, segment, bin, rows, risk_sum, lost, brier_sum, overlap, version, clock)
	SELECT now() - INTERVAL 2 HOUR, 4800000, 0, 'regular', 5, 200, 1000000, {{.Lost}}, 5000000000, 0, 1, now();`

// values are what the query of an alert gives, by its labels.
func values(t *testing.T, conn driver.Conn, a *alert) map[string]float64 {
	t.Helper()
	sql, err := a.sql()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	sql = timeRange{from: now.Add(-alertRange * time.Second), to: now, interval: time.Minute}.expand(t, sql)
	result, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v\n%s", a.uid, err, sql)
	}
	defer result.Close()
	got := map[string]float64{}
	for result.Next() {
		cells := make([]any, len(result.ColumnTypes()))
		var labels []string
		var value *float64
		for i, column := range result.ColumnTypes() {
			switch kind := strings.TrimRight(strings.TrimPrefix(column.DatabaseTypeName(), "Nullable("), ")"); kind {
			case "String", "LowCardinality(String":
				labels = append(labels, "")
				cells[i] = &labels[len(labels)-1]
			case "Float64":
				if value != nil {
					t.Errorf("%s: two numbers", a.uid)
				}
				value = new(float64)
				cells[i] = value
				if kind != column.DatabaseTypeName() {
					cells[i] = &value
				}
			default:
				t.Fatalf("%s: column %s of type %s: an alert takes one Float64, with Strings as labels", a.uid, column.Name(), kind)
			}
		}
		if err := result.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		label := strings.Join(labels, " ")
		if _, twice := got[label]; twice {
			t.Errorf("%s: labels %q twice", a.uid, label)
		}
		if value != nil {
			got[label] = *value
		}
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}

	return got
}

// lived is a database with such a month in it.
func lived(t *testing.T, m month) driver.Conn {
	t.Helper()
	conn := clickhousetest.Migrated(t).Open(t)
	var text strings.Builder
	if err := template.Must(template.New("").Parse(monthFixture)).Execute(&text, m); err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(strings.TrimSuffix(text.String(), ";"), ";\n") {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}

	return conn
}

// Each alert fires on a month that ends badly, and on none that ends as usual.
func TestAlertsFireAndDoNot(t *testing.T) {
	bad := month{
		Raised: 100, Lapsed: 200, OptedOut: 30, Complaints: 90, Failed: 90, Bounced: 200, Sentiment: 0.1, Active: 500, Promoters: 20, Detractors: 45,
		Feed: "silent", Lost: 180, Late: 20, Refused: 20, Counted: 200, Behind: 3600,
	}
	silent := bad
	silent.Counted, silent.Late, silent.Refused = 0, 0, 0

	usual, worst, quiet := lived(t, asUsual()), lived(t, bad), lived(t, silent)
	for _, a := range alerts() {
		for labels, value := range values(t, usual, &a) {
			if a.fires(value) {
				t.Errorf("%s fires as usual, with %v %s", a.uid, value, labels)
			}
		}
		conn := worst
		if a.uid == "no_events" {
			conn = quiet
		}
		got, fired := values(t, conn, &a), false
		for _, value := range got {
			fired = fired || a.fires(value)
		}
		if !fired {
			t.Errorf("%s does not fire: %v", a.uid, got)
		}
	}
}

// The file has the shapes that Grafana takes, and what whoever is woken needs.
func TestAlertsSayWhatToDo(t *testing.T) {
	file, err := alertsFile()
	if err != nil {
		t.Fatal(err)
	}
	var read alertFile
	if err := yaml.Unmarshal(file.Content, &read); err != nil {
		t.Fatal(err)
	}
	uids, rules := map[string]bool{}, 0
	for _, group := range read.Groups {
		for _, rule := range group.Rules {
			rules++
			if uids[rule.UID] || len(rule.UID) > 40 {
				t.Errorf("uid %q is taken or too long", rule.UID)
			}
			uids[rule.UID] = true
			if s := rule.Labels["severity"]; s != "warning" && s != "critical" {
				t.Errorf("%s: severity %q", rule.UID, s)
			}
			if _, err := time.ParseDuration(rule.For); err != nil || rule.NoDataState != "OK" || rule.Condition != "B" {
				t.Errorf("%s: for %q, no data %q, condition %q", rule.UID, rule.For, rule.NoDataState, rule.Condition)
			}
			for _, key := range []string{"summary", "description", "__dashboardUid__", "__panelId__"} {
				if rule.Annotations[key] == "" {
					t.Errorf("%s has no %s", rule.UID, key)
				}
			}
			if err := parses(rule.Annotations["summary"]); err != nil {
				t.Errorf("%s: summary: %v", rule.UID, err)
			}
			// Dashboard variables don't exist in rules, and tables in series can't be alerted on.
			sql := fmt.Sprint(rule.Data[0].Model["rawSql"])
			if strings.Contains(sql, "${") || rule.Data[0].Model["queryType"] != "table" || len(rule.Data) != 2 || rule.Data[0].DatasourceUID != sourceUID {
				t.Errorf("%s: a form that Grafana does not take", rule.UID)
			}
			code := regexp.MustCompile(`(?m)^--.*$`).ReplaceAllString(sql, "")
			for _, found := range regexp.MustCompile(`(?i)\b(?:FROM|JOIN)\s+([a-z_]+)`).FindAllStringSubmatch(code, -1) {
				if !strings.HasPrefix(found[1], "v_") {
					t.Errorf("%s reads %s, which is no view", rule.UID, found[1])
				}
			}
			if regexp.MustCompile(`SELECT[^(]*\bcustomer\b`).MatchString(sql) {
				t.Errorf("%s names customers", rule.UID)
			}
		}
	}
	if rules < 12 || rules != len(alerts()) || rules != len(queryNames(t, "alerts")) {
		t.Errorf("%d rules in the file, %d declared, %d queries", rules, len(alerts()), len(queryNames(t, "alerts")))
	}
}

// parses reads a template with the functions that Grafana has, and fills it in.
func parses(text string) error {
	text = strings.NewReplacer("$values", ".values", "$labels", ".labels").Replace(text)
	human := func(v float64) string { return fmt.Sprint(v) }
	read, err := template.New("").Funcs(template.FuncMap{"humanizeDuration": human, "humanizePercentage": human}).Option("missingkey=error").Parse(text)
	if err != nil {
		return err
	}

	return read.Execute(new(strings.Builder), map[string]any{
		"values": map[string]any{"A": map[string]any{"Value": 1.5}},
		"labels": map[string]string{"channel": "email", "currency": "EUR"},
	})
}

// The check finds what fails, what is empty and what would fire.
func TestCheckAll(t *testing.T) {
	m := asUsual()
	m.Failed = 90
	conn := lived(t, m)
	if err := conn.Exec(t.Context(), "DROP VIEW v_kind"); err != nil {
		t.Fatal(err)
	}
	report, err := CheckAll(t.Context(), conn, 28*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if report.RulesFail > 0 || report.RulesFiring != 1 || report.AlertRules != len(alerts()) || report.Dashboards != len(boards()) || report.Panels < 50 {
		t.Errorf("%+v", report)
	}
	for _, q := range report.Queries {
		if q.Firing != (q.Title == "Many payments fail") || q.MS <= 0 || (q.Error != "") != (q.Title == "Interactions by kind") {
			t.Errorf("%+v", q)
		}
	}
}
