package main

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"ebb/dashboards"
	"ebb/deploy/local/localtest"
	"ebb/sinks/clickhouse/clickhousetest"
)

// The check of all queries says how they fare where nothing is, and which fail where
// there are no tables.
func TestDashboardsCheck(t *testing.T) {
	clearEnvironment(t)
	checkOf := func(d localtest.Database) []string {
		return []string{"dashboards", "--check", "--clickhouse.addr", d.Addr, "--clickhouse.database", d.Name}
	}
	code, _, problem := command(t, checkOf(localtest.ClickHouse(t))...)
	if code != exitFailure || !strings.Contains(problem, "queries fail; where tables or views are missing, run ebb migrate") {
		t.Errorf("without tables: exit code %d, %q", code, problem)
	}
	code, stdout, stderr := command(t, checkOf(clickhousetest.Migrated(t))...)
	if code != exitOK || !strings.Contains(stdout, " dashboards: 0 fail, ") || !strings.Contains(stdout, "shows nothing") {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	if !regexp.MustCompile(`(?m)^(1[2-9]|[2-9]\d) alert rules: 0 fail, 0 would fire now$`).MatchString(stdout) {
		t.Errorf("of alert rules it says\n%s", stdout)
	}
	if code, _, stderr = command(t, "dashboards"); code != exitUsage || !strings.Contains(stderr, "name the provisioning folder, or use --check") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// Of a demo every panel of every dashboard has something to show, or says why not, and no
// query of theirs fails.
func TestDashboardsOfADemo(t *testing.T) {
	clearEnvironment(t)
	database := localtest.ClickHouse(t)
	t.Setenv("EBB_CLICKHOUSE_ADDR", database.Addr)
	t.Cleanup(func() { // whatever server it uses, the demo's database is called so
		if err := database.Open(t).Exec(context.WithoutCancel(t.Context()), "DROP DATABASE ebb SYNC"); err != nil {
			t.Error(err)
		}
	})
	if code, _, problem := command(t, "demo", "--json", "--customers", "120", "--days", "50", "--horizon", "7d"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, problem)
	}
	code, stdout, problem := command(t, "dashboards", "--check", "--json", "--last", "30d", "--clickhouse.database", "ebb")
	var report dashboards.CheckReport
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || code != exitOK {
		t.Fatalf("exit code %d, %v: %s", code, err, problem)
	}
	if report.Dashboards < 9 || report.Failing+report.Empty+report.RulesFail > 0 || report.Panels < 100 {
		t.Errorf("%d dashboards of %d panels: %d fail, %d show nothing, %d rules fail", report.Dashboards, report.Panels, report.Failing, report.Empty, report.RulesFail)
	}
	shown := 0
	for _, q := range report.Queries {
		if q.Error != "" || q.Rows == 0 && !q.MayLack {
			t.Errorf("%s, %s: %d rows, %s", q.Of, q.Title, q.Rows, q.Error)
		}
		if q.Of != "alerts" && q.Rows > 0 {
			shown++
		}
	}
	if shown < 100 {
		t.Errorf("%d panels, variables and annotations show something", shown)
	}
}
