package clickhouse

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// A cluster is servers that are replicas of each other: one shard. Its tables are the
// same ReplacingMergeTree, replicated; rows are aggregates, which one server holds for
// years, and views that deduplicate over several shards would read all of each for every
// panel. So there are no Distributed tables, and a cluster of several shards is refused.

// clustered is a connection on which what makes databases, tables and views makes them on
// every replica. What alters and deletes is replicated by the tables themselves.
type clustered struct {
	driver.Conn
	cluster string
}

// Exec runs a statement; see clustered.
func (c *clustered) Exec(ctx context.Context, statement string, args ...any) error {
	return c.Conn.Exec(ctx, onCluster(statement, c.cluster), args...)
}

var (
	creates = regexp.MustCompile(`^(CREATE (?:DATABASE IF NOT EXISTS|TABLE IF NOT EXISTS|MATERIALIZED VIEW IF NOT EXISTS|OR REPLACE VIEW) \w+)`)
	engine  = regexp.MustCompile(`\nENGINE = ReplacingMergeTree(?:\((\w+)\))?`)
)

// onCluster is a statement of the schema as the replicas of a cluster take it. They find
// each other by a path that says which table of which database of which cluster it is, so
// that a replica that joins later finds it, too.
func onCluster(statement, cluster string) string {
	name := creates.FindString(statement)
	if name == "" {
		return statement
	}
	rest := statement[len(name):]
	if strings.HasPrefix(statement, "CREATE TABLE") {
		rest = engine.ReplaceAllStringFunc(rest, func(found string) string {
			arguments := []string{"'/clickhouse/ebb/" + cluster + "/{database}/{table}'", "'{replica}'"}
			if version := engine.FindStringSubmatch(found)[1]; version != "" {
				arguments = append(arguments, version)
			}

			return "\nENGINE = ReplicatedReplacingMergeTree(" + strings.Join(arguments, ", ") + ")"
		})
	}

	return name + " ON CLUSTER " + cluster + rest
}

// clusterSettings are those of every connection to a cluster. Rows are on most replicas
// before they count as stored, because the streams are not read again for the sake of one
// that is lost; a change of a table is on all before a view reads it.
func clusterSettings() clickhouse.Settings {
	return clickhouse.Settings{"insert_quorum": "auto", "alter_sync": 2, "distributed_ddl_output_mode": "none"}
}

// clusterProblem says what is wrong with the cluster, and what to do: it isn't there, or it
// is no set of replicas. Both are empty where it will do, or none is set.
func (c Config) clusterProblem(ctx context.Context, conn driver.Conn) (text, remedy string, err error) {
	if c.Cluster == "" {
		return "", "", nil
	}
	var shards uint64
	var known []string
	err = conn.QueryRow(ctx, "SELECT uniqExactIf(shard_num, cluster = ?), arraySort(groupUniqArray(cluster)) FROM system.clusters", c.Cluster).Scan(&shards, &known)
	switch {
	case err != nil:
		return "", "", fmt.Errorf("clickhouse: read the clusters: %w", err)
	case shards == 0:
		return fmt.Sprintf("clickhouse.cluster is %q, which the server does not know; it knows %s", c.Cluster, anyOf(known)),
			"name one that it knows, or describe this one below remote_servers of every replica", nil
	case shards > 1:
		return fmt.Sprintf("clickhouse.cluster is %q, which has %d shards", c.Cluster, shards),
			"name a cluster whose servers are replicas of each other; what ebb writes fits on one of them", nil
	}

	return "", "", nil
}

// checkCluster refuses a cluster that has a problem.
func (c Config) checkCluster(ctx context.Context, conn driver.Conn) error {
	text, remedy, err := c.clusterProblem(ctx, conn)
	if err != nil || text == "" {
		return err
	}

	return fmt.Errorf("clickhouse: %s; %s", text, remedy)
}

func anyOf(names []string) string {
	if len(names) == 0 {
		return "none"
	}

	return strings.Join(names, ", ")
}

// checkReplicated refuses tables that were made for one server where a cluster is set, and
// those of a cluster where none is: half of them would be on one replica alone.
func (c Config) checkReplicated(ctx context.Context, conn driver.Conn) error {
	var single, replicated uint64
	err := conn.QueryRow(ctx, `SELECT countIf(engine = 'ReplacingMergeTree'), countIf(engine = 'ReplicatedReplacingMergeTree')
		FROM system.tables WHERE database = currentDatabase()`).Scan(&single, &replicated)
	switch {
	case err != nil:
		return fmt.Errorf("clickhouse: read the engines of the tables: %w", err)
	case c.Cluster != "" && single > 0:
		return fmt.Errorf("clickhouse: database %s has %d tables of one server alone, and clickhouse.cluster is %s; "+
			"set clickhouse.database to a new name, into which ebb writes what the streams still hold, and copy older rows with INSERT INTO … SELECT; "+
			"or leave clickhouse.cluster empty", c.Database, single, c.Cluster)
	case c.Cluster == "" && replicated > 0:
		return fmt.Errorf("clickhouse: the %d tables of database %s are replicated; set clickhouse.cluster to the name of their cluster, "+
			"or new ones would be on one replica alone", replicated, c.Database)
	}

	return nil
}
