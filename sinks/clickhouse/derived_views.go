package clickhouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// makeDerived makes the views over the tables of metrics that are not there as this
// version has them: all that they read is there by now. Each takes longer than a table,
// so those that are right stay.
func makeDerived(ctx context.Context, conn driver.Conn) error {
	mark, err := derivedMark()
	if err != nil {
		return err
	}
	made, err := names(ctx, conn, "SELECT name FROM system.tables WHERE database = currentDatabase() AND comment = "+literal(mark))
	if err != nil {
		return err
	}
	for _, d := range metric.Deriveds() {
		if made[d.View()] {
			continue
		}
		query, err := d.SQL()
		if err != nil {
			return err
		}
		if err := conn.Exec(ctx, derivedStatement(d, query, mark)); err != nil {
			return fmt.Errorf("clickhouse: make view %s: %w", d.View(), err)
		}
	}

	return nil
}

func derivedStatement(d *metric.Derived, query, mark string) string {
	declared := d.Declared()
	if declared != "" {
		declared = " (" + declared + ")"
	}

	return "CREATE OR REPLACE VIEW " + d.View() + declared + " AS\n" + query + "\nCOMMENT " + literal(mark)
}

// derivedMark is the comment of derived views of this version. It names all that is
// made, because a view keeps the types of what it reads. A view that another version or
// a person put in the place of one has another.
func derivedMark() (string, error) {
	digest, err := Digest()
	if err != nil {
		return "", err
	}

	return "Made by ebb of schema " + digest, nil
}
