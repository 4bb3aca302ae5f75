package clickhouse

import (
	"context"
	"strings"
	"testing"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/metric"
)

// allStatements are those that make the schema, in their order.
func allStatements(t *testing.T) []string {
	t.Helper()
	files, err := migrations(schema)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"CREATE DATABASE IF NOT EXISTS ebb", createMigrations, createMetrics, createInstallations}
	for _, m := range append(files, metricMigrations(metric.Tables())...) {
		all = append(all, m.statements...)
	}
	for _, d := range metric.Deriveds() {
		query, err := d.SQL()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, "CREATE OR REPLACE VIEW "+d.View()+" AS\n"+query)
	}

	return all
}

// ClickHouse itself reads the schema of a cluster, and what it reads is that of one server
// but for the replication. The engine of tests has no Keeper that would run it.
func TestSchemaOfAClusterIsThatOfOneServerReplicated(t *testing.T) {
	conn := localtest.ClickHouse(t).Open(t)
	read := func(statement string) string {
		var text string
		if err := conn.QueryRow(t.Context(), "SELECT formatQuerySingleLine(?)", statement).Scan(&text); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}

		return text
	}
	const path = `ReplicatedReplacingMergeTree('/clickhouse/ebb/reports/{database}/{table}', '{replica}'`
	plain := strings.NewReplacer(" ON CLUSTER reports", "", path+", ", "ReplacingMergeTree(", path+")", "ReplacingMergeTree")
	made := 0
	for _, statement := range allStatements(t) {
		replicated := onCluster(statement, "reports")
		if strings.HasPrefix(statement, "ALTER TABLE") || strings.HasPrefix(statement, "INSERT INTO") {
			if replicated != statement {
				t.Errorf("tables replicate what alters and fills them; this does it again: %s", replicated)
			}

			continue
		}
		made++
		got := read(replicated)
		if want := read(statement); plain.Replace(got) != want {
			t.Errorf("on a cluster\n%s\non one server\n%s", got, want)
		}
		if table := strings.HasPrefix(statement, "CREATE TABLE"); !strings.Contains(got, " ON CLUSTER reports ") && !strings.HasSuffix(got, " ON CLUSTER reports") ||
			table != strings.Contains(got, "ENGINE = Replicated") {
			t.Errorf("this makes nothing on the other replicas: %s", got)
		}
	}
	if made < 100 {
		t.Errorf("%d statements make something", made)
	}
}

// A cluster that the server doesn't know is refused before anything is made.
func TestClusterThatIsNotThereIsRefused(t *testing.T) {
	database := localtest.ClickHouse(t)
	conn := database.Open(t)
	c := Config{Address: "http://" + database.Addr, Database: database.Name, Cluster: "reports"}.withDefaults()
	err := Prepare(t.Context(), c, TTL{})
	if err == nil || !strings.Contains(err.Error(), `clickhouse.cluster is "reports", which the server does not know`) || !strings.Contains(err.Error(), "remote_servers") {
		t.Errorf("%v", err)
	}
	var tables uint64
	if err := conn.QueryRow(t.Context(), "SELECT count() FROM system.tables WHERE database = currentDatabase()").Scan(&tables); err != nil || tables > 0 {
		t.Errorf("%d tables were made, %v", tables, err)
	}
	found := Preflight(t.Context(), c, "ebb")
	if last := found[len(found)-1]; !strings.Contains(last.Text, "does not know") || last.Remedy == "" {
		t.Errorf("%+v", found)
	}
}

// Tables of one server stay what they are, and so do those of a cluster.
func TestTablesOfOneServerDoNotBecomeThoseOfACluster(t *testing.T) {
	database := localtest.ClickHouse(t)
	conn := database.Open(t)
	c := Config{Database: database.Name, Cluster: "reports"}
	if err := c.checkReplicated(t.Context(), conn); err != nil {
		t.Errorf("an empty database: %v", err)
	}
	if err := conn.Exec(t.Context(), createMigrations); err != nil {
		t.Fatal(err)
	}
	err := c.checkReplicated(t.Context(), conn)
	if err == nil || !strings.Contains(err.Error(), "has 1 tables of one server alone") || !strings.Contains(err.Error(), "set clickhouse.database to a new name") {
		t.Errorf("%v", err)
	}
	c.Cluster = ""
	if err := c.checkReplicated(t.Context(), conn); err != nil {
		t.Errorf("without a cluster: %v", err)
	}
}

// Connections to a cluster wait for most replicas, and no others do.
func TestConnectionsToAClusterWaitForReplicas(t *testing.T) {
	for cluster, want := range map[string]any{"": nil, "reports": "auto"} {
		options, err := Config{Address: "http://127.0.0.1", Cluster: cluster}.options("d")
		if err != nil || options.Settings["insert_quorum"] != want {
			t.Errorf("cluster %q: settings %v, %v", cluster, options.Settings, err)
		}
	}
	if _, err := Open(Config{Address: "http://127.0.0.1", Cluster: "a b"}); err == nil || !strings.Contains(err.Error(), "clickhouse cluster: name is") {
		t.Errorf("%v", err)
	}
}

// Every statement of a connection to a cluster goes through onCluster.
func TestConnectionsToAClusterMakeThingsOnAllReplicas(t *testing.T) {
	database := localtest.ClickHouse(t)
	conn, err := Open(Config{Address: "http://" + database.Addr, Database: database.Name, Cluster: "reports"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{"CREATE DATABASE IF NOT EXISTS other", createMetrics, "CREATE OR REPLACE VIEW v AS SELECT 1"} {
		if err := conn.Exec(context.WithoutCancel(t.Context()), statement); err == nil || !strings.Contains(err.Error(), "Requested cluster 'reports' not found") {
			t.Errorf("%s: %v; want ClickHouse to look for the cluster", statement, err)
		}
	}
}
