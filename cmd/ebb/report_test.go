package main

import (
	"strings"
	"testing"

	"ebb/cmd/ebb/report"
)

// The page is there once there are rows, and one sentence says why where there are none.
func TestReport(t *testing.T) {
	args, conn := measured(t)
	report28 := append([]string{"report"}, args...)
	code, _, stderr := command(t, report28...)
	if code != exitFailure || !strings.Contains(stderr, "holds no rows of this stream yet; `ebb status") {
		t.Errorf("without rows: exit code %d: %s", code, stderr)
	}
	someRows(t, conn)
	const era = "'2020-01-01 00:00:00.000'"
	execAll(t, conn,
		"INSERT INTO rollups_total (window, window_end, partition, events, customers, version, era) VALUES ('28d', '2020-02-29 00:00:00.000', 0, 50, 30, 1, "+era+"), ('28d', '2020-02-01 00:00:00.000', 0, 40, 20, 1, "+era+")",
		"INSERT INTO rollups_type (window, window_end, partition, type, currency, events, value_sum, version, era) VALUES "+
			"('28d', '2020-02-29 00:00:00.000', 0, 'order.completed', 'EUR', 4, 100000000, 1, "+era+"), ('28d', '2020-02-29 00:00:00.000', 0, 'order.returned', 'EUR', 1, -30000000, 1, "+era+")",
		"INSERT INTO levels (time, partition, healthy, cooling, at_risk, lapsed, version, era) VALUES ('2020-02-29 00:00:00.000', 0, 20, 5, 3, 2, 1, "+era+")",
		"INSERT INTO cohorts_campaigns (day, partition, campaign, channel, messages, delivered, opened, clicked, version, clock, era) VALUES ('2020-02-20', 0, 'spring', 'email', 101, 100, 40, 10, 1, '2020-03-01 00:00:00.000', "+era+")",
	)
	said := commandOutput(t, report28...)
	for _, want := range []string{
		"The 28 days up to 2020-02-29", "active                 30, +50%", "4 orders, 100.00 EUR, 25.00 each; 1 given back, 30.00",
		"3 at risk, 5 cooling, 20 healthy, 2 lapsed", "spring                          10.0% of 100 delivered; 40% opened", "nps waits for survey.answered",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the report does not say %q:\n%s", want, said)
		}
	}
	for line := range strings.SplitSeq(said, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
	var got report.Report
	commandJSON(t, &got, append(report28, "--json")...)
	if len(got.Orders) != 1 || got.Orders[0].Returned != 30 || got.Levels.AtRisk != 3 || len(got.Campaigns) != 1 || len(got.Waiting) == 0 || got.AsOf == nil {
		t.Errorf("%+v", got)
	}

	code, _, stderr = command(t, "report", "--clickhouse.addr", "127.0.0.1:1")
	if code != exitFailure || !strings.Contains(stderr, "nothing could be read: ClickHouse at 127.0.0.1:1") || strings.Count(stderr, "\n") > 1 {
		t.Errorf("away: exit code %d: %s", code, stderr)
	}
	code, _, stderr = command(t, append(report28, "--clickhouse.database", "nowhere")...)
	if code != exitFailure || !strings.Contains(stderr, "has no database nowhere yet; `ebb run ") {
		t.Errorf("no database: exit code %d: %s", code, stderr)
	}
}
