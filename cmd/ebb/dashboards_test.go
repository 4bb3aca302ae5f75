package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"ebb/dashboards"
	"ebb/deploy/local/localtest"
	"ebb/sinks/clickhouse"
)

// The check of all queries says how they fare where nothing is, and which fail where
// there are no tables.
func TestDashboardsCheck(t *testing.T) {
	clearEnvironment(t)
	database := localtest.ClickHouse(t)
	args := []string{"dashboards", "--check", "--clickhouse.addr", database.Addr, "--clickhouse.database", database.Name}
	code, _, problem := command(t, args...)
	if code != exitFailure || !strings.Contains(problem, "queries fail; where tables or views are missing, run ebb migrate") {
		t.Errorf("without tables: exit code %d, %q", code, problem)
	}
	if err := clickhouse.Migrate(t.Context(), database.Open(t), clickhouse.TTL{}); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := command(t, args...)
	if code != exitOK || !strings.Contains(stdout, " fail, ") || !strings.Contains(stdout, "shows nothing") {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	code, stdout, stderr = command(t, append(args, "--json")...)
	var report dashboards.CheckReport
	if err := json.Unmarshal([]byte(stdout), &report); code != exitOK || err != nil || report.Failing+report.RulesFail+report.RulesFiring > 0 || report.AlertRules < 12 {
		t.Errorf("exit code %d, %v, %q\n%s", code, err, stderr, stdout)
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
