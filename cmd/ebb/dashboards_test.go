package main

import (
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
