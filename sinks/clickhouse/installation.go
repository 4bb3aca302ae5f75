package clickhouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// createInstallations is the table that says whose rows a database holds. Rows
// carry no prefix, so those of two installations could not be told apart.
const createInstallations = `CREATE TABLE IF NOT EXISTS ebb_installations
(
    prefix   String,
    noted_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(noted_at)
ORDER BY prefix
COMMENT 'Prefix of the streams whose rows this database holds'`

// Claim notes that the database holds the rows of the streams of a prefix. It
// fails where it holds those of another.
func Claim(ctx context.Context, c Config, prefix string) error {
	conn, err := Open(c)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.Exec(ctx, createInstallations); err != nil {
		return fmt.Errorf("clickhouse: create table ebb_installations: %w", err)
	}
	holder, err := installation(ctx, conn)
	if err != nil {
		return err
	}
	switch holder {
	case prefix:
		return nil
	case "":
		if err := conn.Exec(ctx, "INSERT INTO ebb_installations (prefix) VALUES (?)", prefix); err != nil {
			return fmt.Errorf("clickhouse: note the prefix %s: %w", prefix, err)
		}

		return nil
	}
	text, remedy := otherInstallation(c.withDefaults().Database, holder, prefix)

	return fmt.Errorf("clickhouse: %s; %s", text, remedy)
}

// installation is the prefix whose rows the database holds, "" where none is
// noted.
func installation(ctx context.Context, conn driver.Conn) (string, error) {
	var prefix string
	row := conn.QueryRow(ctx, "SELECT if(count() = 0, '', argMin(prefix, noted_at)) FROM ebb_installations")
	if err := row.Scan(&prefix); err != nil {
		return "", fmt.Errorf("clickhouse: read table ebb_installations: %w", err)
	}

	return prefix, nil
}

func otherInstallation(database, holder, prefix string) (text, remedy string) {
	return fmt.Sprintf("database %s holds the rows of the streams of prefix %s, and these are of prefix %s", database, holder, prefix),
		"set clickhouse.database to another name, or drop that database if its rows are no longer wanted"
}
