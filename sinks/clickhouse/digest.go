package clickhouse

import (
	"crypto/sha256"
	"encoding/hex"
	"io"

	"ebb/pipeline/metric"
)

// Digest names what Migrate makes of an empty database: two versions with the same one
// make the same of it.
func Digest() (string, error) {
	sum := sha256.New()
	files, err := migrations(schema)
	if err != nil {
		return "", err
	}
	for _, m := range append(files, metricMigrations(metric.Tables())...) {
		_, _ = io.WriteString(sum, m.name+m.checksum)
		for _, statement := range m.statements {
			_, _ = io.WriteString(sum, statement)
		}
	}
	for _, d := range metric.Deriveds() {
		query, err := d.SQL()
		if err != nil {
			return "", err
		}
		_, _ = io.WriteString(sum, derivedStatement(d, query, "")) // the mark is of this digest
	}

	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}
