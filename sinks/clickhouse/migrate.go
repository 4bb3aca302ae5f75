package clickhouse

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

//go:embed schema/*.sql
var schema embed.FS

// migration is one numbered file of the schema. Its statements change nothing
// where they have run before, so two that migrate at once, or one that was
// interrupted, end with the same schema.
type migration struct {
	version    uint32
	name       string // of the file
	checksum   string // SHA-256 of the file, hex
	statements []string
}

// createMigrations is the table that says which files were applied.
const createMigrations = `CREATE TABLE IF NOT EXISTS ebb_migrations
(
    version    UInt32,
    name       String,
    checksum   String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY version
COMMENT 'Schema files that were applied'`

// Prepare creates the config's database if it is missing and migrates it.
func Prepare(ctx context.Context, c Config, ttl TTL) error {
	c = c.withDefaults()
	admin, err := c.open("")
	if err != nil {
		return err
	}
	defer admin.Close()
	if err := c.checkCluster(ctx, admin); err != nil {
		return err
	}
	// The name is checked by open; ClickHouse takes no parameters in DDL.
	if err := admin.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+c.Database); err != nil {
		return fmt.Errorf("clickhouse: create database %s: %w; create it, or let user %s do so", c.Database, err, c.User)
	}

	conn, err := Open(c)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := c.checkReplicated(ctx, conn); err != nil {
		return err
	}

	return Migrate(ctx, conn, ttl)
}

// Migrate brings the database of conn to this version's schema and sets the
// times to live. Applying it again changes nothing but those. It fails where
// the schema is newer than this version, or a file that was applied has been
// changed since.
func Migrate(ctx context.Context, conn driver.Conn, ttl TTL) error {
	if err := ttl.check(); err != nil {
		return err
	}
	files, err := migrations(schema)
	if err != nil {
		return err
	}
	if err := conn.Exec(ctx, createMigrations); err != nil {
		return fmt.Errorf("clickhouse: create table ebb_migrations: %w", err)
	}
	applied, err := appliedMigrations(ctx, conn)
	if err != nil {
		return err
	}
	if err := compare(files, applied); err != nil {
		return err
	}
	var done []migration
	for _, m := range files {
		if _, before := applied[m.version]; before {
			done = append(done, m)
		}
	}
	// Tables have to be there before a new file changes them; columns are those
	// of the newest files.
	if err := repair(ctx, conn, done, false); err != nil {
		return err
	}
	if err := applyNew(ctx, conn, files, len(done)); err != nil {
		return err
	}
	if err := makeMetrics(ctx, conn, metric.Tables(), ttl); err != nil {
		return err
	}
	if err := repair(ctx, conn, append(files, metricMigrations(metric.Tables())...), true); err != nil {
		return err
	}
	if err := noteRetention(ctx, conn, ttl); err != nil {
		return err
	}
	if err := makeDerived(ctx, conn); err != nil {
		return err
	}

	return setTTL(ctx, conn, ttl)
}

// run executes the statements of a file.
func run(ctx context.Context, conn driver.Conn, m migration) error {
	for i, statement := range m.statements {
		sorted, err := sortedSo(ctx, conn, statement)
		if err != nil {
			return err
		}
		if sorted {
			continue
		}
		if err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("clickhouse: schema file %s, statement %d: %w", m.name, i+1, err)
		}
	}

	return nil
}

// applyNew applies the files behind those that are done. Where none is, views are made
// once, as the newest file has them: each takes longer than a table, and most of them
// are replaced by later files.
func applyNew(ctx context.Context, conn driver.Conn, files []migration, done int) error {
	if done > 0 {
		return apply(ctx, conn, files[done:])
	}
	if err := again(ctx, conn, files, lossesOf(files, nil).names); err != nil {
		return err
	}

	return note(ctx, conn, files)
}

// apply runs the files, and notes those that ran to their end.
func apply(ctx context.Context, conn driver.Conn, files []migration) error {
	for i, m := range files {
		if err := run(ctx, conn, m); err != nil {
			return errors.Join(err, note(ctx, conn, files[:i]))
		}
	}

	return note(ctx, conn, files)
}

// note notes files as applied, all together: a row for itself takes as long as to make
// a table.
func note(ctx context.Context, conn driver.Conn, files []migration) error {
	if len(files) == 0 {
		return nil
	}
	var versions []uint32
	var names, checksums []string
	for _, m := range files {
		versions, names, checksums = append(versions, m.version), append(names, m.name), append(checksums, m.checksum)
	}
	const insert = "INSERT INTO ebb_migrations (version, name, checksum) SELECT f.1, f.2, f.3 FROM (SELECT arrayJoin(arrayZip(?, ?, ?)) AS f)"
	if err := conn.Exec(ctx, insert, versions, names, checksums); err != nil {
		return fmt.Errorf("clickhouse: note schema files up to %s as applied: %w", names[len(names)-1], err)
	}

	return nil
}

// appliedMigrations are the checksums by version.
func appliedMigrations(ctx context.Context, conn driver.Conn) (map[uint32]string, error) {
	rows, err := conn.Query(ctx, "SELECT version, checksum FROM ebb_migrations FINAL")
	if err != nil {
		return nil, fmt.Errorf("clickhouse: read table ebb_migrations: %w", err)
	}
	defer rows.Close()

	applied := make(map[uint32]string)
	for rows.Next() {
		var version uint32
		var checksum string
		if err := rows.Scan(&version, &checksum); err != nil {
			return nil, fmt.Errorf("clickhouse: read table ebb_migrations: %w", err)
		}
		applied[version] = checksum
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("clickhouse: read table ebb_migrations: %w", err)
	}

	return applied, nil
}

// compare checks that what was applied is what this version would apply.
func compare(files []migration, applied map[uint32]string) error {
	for version := range applied {
		if version > uint32(len(files)) {
			return fmt.Errorf("clickhouse: the database has schema version %d, this ebb knows up to %d; run the newer ebb",
				version, len(files))
		}
	}
	for _, m := range files {
		if checksum, done := applied[m.version]; done && checksum != m.checksum {
			return fmt.Errorf("clickhouse: schema file %s was applied with other content (checksum %.12s, now %.12s); "+
				"run the ebb that applied it, or migrate into a new database", m.name, checksum, m.checksum)
		}
	}

	return nil
}

// migrations reads the files, which are numbered from 1 without a gap.
func migrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "schema/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	out := make([]migration, 0, len(names))
	for i, path := range names {
		name := strings.TrimPrefix(path, "schema/")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseUint(number, 10, 32)
		if err != nil || int(version) != i+1 {
			return nil, fmt.Errorf("schema file %s: its number should be %04d", name, i+1)
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		out = append(out, migration{
			version: uint32(version), name: name,
			checksum: hex.EncodeToString(sum[:]), statements: statements(string(text)),
		})
	}

	return out, nil
}

// statements cuts a file at the semicolons that end a line, and drops the
// comments that are lines of their own.
func statements(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ";\n") {
		var lines []string
		for line := range strings.SplitSeq(part, "\n") {
			if !strings.HasPrefix(strings.TrimSpace(line), "--") {
				lines = append(lines, line)
			}
		}
		if statement := strings.TrimSpace(strings.Join(lines, "\n")); statement != "" {
			out = append(out, statement)
		}
	}

	return out
}
