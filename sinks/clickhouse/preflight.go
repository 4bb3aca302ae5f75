package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/preflight"
)

// leastVersion is the oldest ClickHouse whose functions the schema can count on.
const leastYear, leastMonth = 24, 8

// rights are what the user needs on the database.
func rights() []string {
	return []string{"SELECT", "INSERT", "CREATE TABLE", "CREATE VIEW", "DROP VIEW", "ALTER TABLE"}
}

// Codes by which ClickHouse refuses a user or a right.
const (
	codeNoDatabase     = 81
	codeNoTable        = 60
	codeUnknownUser    = 192
	codeWrongPassword  = 193
	codeRequiredPass   = 194
	codeAccessDenied   = 497
	codeAuthentication = 516
	codeSyntax         = 62
)

// Preflight finds out whether ClickHouse will do for the streams of a prefix. It
// changes nothing. One that is away is a warning: detection does not need it.
func Preflight(ctx context.Context, c Config, prefix string) []preflight.Finding {
	c = c.withDefaults()
	conn, err := c.open("")
	if err != nil {
		return []preflight.Finding{preflight.Fail("clickhouse", err.Error(), "correct the setting")}
	}
	defer conn.Close()
	var version string
	if err := conn.QueryRow(ctx, "SELECT version()").Scan(&version); err != nil {
		return []preflight.Finding{c.unreachable(err)}
	}
	found := []preflight.Finding{checkVersion(c.Address, version)}
	text, remedy, err := c.clusterProblem(ctx, conn)
	switch {
	case err != nil:
		return append(found, c.unreachable(err))
	case text != "":
		return append(found, preflight.Fail("clickhouse cluster", text, remedy))
	}
	database, exists, err := c.checkDatabase(ctx, conn)
	if err != nil {
		return append(found, c.unreachable(err))
	}
	found = append(found, database)
	if finding, ok := checkDisk(ctx, conn); ok {
		found = append(found, finding)
	}
	if exists && preflight.Worst(found) != preflight.Failed {
		found = append(found, c.checkContent(ctx, prefix)...)
	}

	return found
}

// unreachable tells a server that is away from one that refuses.
func (c Config) unreachable(err error) preflight.Finding {
	const name = "clickhouse"
	if slices.Contains([]int32{codeUnknownUser, codeWrongPassword, codeRequiredPass, codeAuthentication}, code(err)) {
		return preflight.Fail(name, fmt.Sprintf("ClickHouse at %s refuses user %s: %s", c.Address, c.User, firstLine(err)),
			"correct clickhouse.user and its password (clickhouse.password_file or EBB_CLICKHOUSE_PASSWORD)")
	}

	return preflight.Warn(name, fmt.Sprintf("ClickHouse at %s does not answer: %s", c.Address, firstLine(err)),
		"start it or correct clickhouse.addr and clickhouse.protocol; detection and signals work without it, and rows wait in NATS")
}

func checkVersion(address, version string) preflight.Finding {
	const name = "clickhouse version"
	text := fmt.Sprintf("ClickHouse %s at %s", version, address)
	if tooOld(version) {
		return preflight.Fail(name, fmt.Sprintf("%s is older than %d.%d", text, leastYear, leastMonth),
			fmt.Sprintf("upgrade it to %d.%d or later", leastYear, leastMonth))
	}

	return preflight.Found(name, text)
}

// tooOld compares year and month. A version that can't be read is not taken for
// an old one.
func tooOld(version string) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	year, yearErr := strconv.Atoi(parts[0])
	month, monthErr := strconv.Atoi(parts[1])

	return yearErr == nil && monthErr == nil && (year < leastYear || year == leastYear && month < leastMonth)
}

// checkDatabase looks at the database, or at the right to make it, and at the
// rights on it.
func (c Config) checkDatabase(ctx context.Context, conn driver.Conn) (found preflight.Finding, exists bool, err error) {
	const name = "clickhouse rights"
	var count uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM system.databases WHERE name = ?", c.Database).Scan(&count); err != nil {
		return found, false, err
	}
	exists = count > 0
	wanted := rights()
	if !exists {
		wanted = append([]string{"CREATE DATABASE"}, wanted...)
	}
	missing, err := missingRights(ctx, conn, c.Database, wanted)
	if err == nil && c.Cluster != "" {
		var granted uint8
		if err = conn.QueryRow(ctx, "CHECK GRANT CLUSTER ON *.*").Scan(&granted); err == nil && granted == 0 {
			return preflight.Fail(name, fmt.Sprintf("user %s may not make tables on all servers of a cluster", c.User), "GRANT CLUSTER ON *.* TO "+c.User), exists, nil
		}
	}
	switch {
	case code(err) == codeSyntax: // before CHECK GRANT was
		return preflight.Found(name, "database "+c.Database+"; this ClickHouse can't tell which rights a user has"), exists, nil
	case err != nil:
		return found, exists, err
	case len(missing) > 0:
		return preflight.Fail(name, fmt.Sprintf("user %s lacks rights on database %s: %s", c.User, c.Database, strings.Join(missing, ", ")),
			fmt.Sprintf("GRANT %s ON %s.* TO %s", strings.Join(missing, ", "), c.Database, c.User)), exists, nil
	case !exists:
		return preflight.Found(name, "database "+c.Database+" is made with the first rows"), false, nil
	}

	return preflight.Found(name, fmt.Sprintf("user %s has what it needs on database %s", c.User, c.Database)), true, nil
}

// missingRights are those of wanted that the user does not have. The names are
// checked: ClickHouse takes no parameters there.
func missingRights(ctx context.Context, conn driver.Conn, database string, wanted []string) (missing []string, err error) {
	if err := checkIdentifier(database); err != nil {
		return nil, err
	}
	for _, right := range wanted {
		var granted uint8
		if err := conn.QueryRow(ctx, "CHECK GRANT "+right+" ON "+database+".*").Scan(&granted); err != nil {
			return nil, err
		}
		if granted == 0 {
			missing = append(missing, right)
		}
	}

	return missing, nil
}

// checkDisk warns where little room is left. Who may not read the table of disks
// is not told.
func checkDisk(ctx context.Context, conn driver.Conn) (preflight.Finding, bool) {
	const name, leastShare, leastBytes = "clickhouse disk", 0.05, 1 << 30
	var free, total uint64
	if err := conn.QueryRow(ctx, "SELECT min(free_space), max(total_space) FROM system.disks WHERE name = 'default'").Scan(&free, &total); err != nil {
		return preflight.Finding{}, false
	}
	text := fmt.Sprintf("%.1f GiB of %.1f GiB are free", float64(free)/leastBytes, float64(total)/leastBytes)
	if total > 0 && (free < leastBytes || float64(free) < leastShare*float64(total)) {
		return preflight.Warn(name, text, "make room, or lower the ttl settings; without room rows wait in NATS"), true
	}

	return preflight.Found(name, text), true
}

// checkContent looks at what the database holds: whose rows, and of which schema.
func (c Config) checkContent(ctx context.Context, prefix string) (found []preflight.Finding) {
	conn, err := Open(c)
	if err != nil {
		return []preflight.Finding{preflight.Fail("clickhouse", err.Error(), "correct the setting")}
	}
	defer conn.Close()
	holder, err := installation(ctx, conn)
	switch {
	case code(err) == codeNoTable:
	case err != nil:
		return append(found, c.unreachable(err))
	case holder != "" && holder != prefix:
		text, remedy := otherInstallation(c.Database, holder, prefix)

		return append(found, preflight.Fail("clickhouse database", text, remedy))
	}
	applied, err := appliedMigrations(ctx, conn)
	if code(err) == codeNoTable {
		return append(found, preflight.Found("clickhouse schema", "ebb run makes the tables"))
	}
	if err != nil {
		return append(found, c.unreachable(err))
	}
	files, err := migrations(schema)
	if err == nil {
		err = compare(files, applied)
	}
	if err != nil {
		return append(found, preflight.Fail("clickhouse schema", "the tables were made by another ebb", err.Error()))
	}

	return append(found, preflight.Found("clickhouse schema", fmt.Sprintf("%d of %d schema files are applied; ebb run applies the others", len(applied), len(files))))
}

// code is that of ClickHouse's exception, 0 for other errors.
func code(err error) int32 {
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		return exception.Code
	}

	return 0
}

// firstLine leaves out the stack that a server may send.
func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")

	return text
}
