package clickhouse

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/forget"
)

// letterKey is the key of a row of deadletters as a number.
const letterKey = "cityHash64(reason, sequence, subject, toUnixTimestamp64Milli(era), row)"

// forgetAtOnce bounds how many rows one statement names.
const forgetAtOnce = 5_000

// Forget deletes the rows about customers, takes their names out of those about others,
// and returns how many there were when they are gone from the tables. Figures that count
// the customers stay: they name nobody. A message that is still in a stream is written
// again when it is read again, so erase those first.
//
// ClickHouse keeps the text of statements that delete. So these name customers by a
// hash with a salt of their own, and rows by their keys. It removes the files from
// which rows were taken some minutes later (old_parts_lifetime).
func Forget(ctx context.Context, conn driver.Conn, customers ...string) (deleted uint64, err error) {
	if len(customers) == 0 {
		return 0, nil
	}
	salt, hashes := rand.Text(), make([]string, len(customers))
	for i, customer := range customers {
		sum := sha256.Sum256([]byte(salt + customer))
		hashes[i] = "unhex('" + hex.EncodeToString(sum[:]) + "')"
	}
	theirs := "SHA256(concat('" + salt + "', customer)) IN (" + strings.Join(hashes, ", ") + ")"
	for _, table := range append(PersonalTables(), copiesOfSignals()...) {
		conditions := []string{theirs}
		if table == "deadletters" {
			if conditions, err = lettersOf(ctx, conn, customers); err != nil {
				return deleted, err
			}
		}
		for _, condition := range conditions {
			rows, err := deleteWhere(ctx, conn, table, condition)
			if deleted += rows; err != nil {
				return deleted, err
			}
		}
	}
	named, err := blankJoined(ctx, conn, "SHA256(concat('"+salt+"', joined)) IN ("+strings.Join(hashes, ", ")+")")

	return deleted + named, err
}

// blankJoined takes the name out of signals about anonymous customers, who were known
// to be somebody. The signals stay: what they clear is to stay cleared.
func blankJoined(ctx context.Context, conn driver.Conn, condition string) (rows uint64, err error) {
	condition = "joined != '' AND " + condition
	if err := conn.QueryRow(ctx, "SELECT count() FROM signals WHERE "+condition).Scan(&rows); err != nil || rows == 0 {
		return 0, err
	}
	if err := conn.Exec(ctx, "ALTER TABLE signals UPDATE joined = '' WHERE "+condition+" SETTINGS mutations_sync = 2"); err != nil {
		return 0, fmt.Errorf("clickhouse: forget customers in table signals: %w", err)
	}

	return rows, nil
}

// Forget is the function of that name.
func (s *Sink) Forget(ctx context.Context, customers []string) (deleted uint64, err error) {
	return Forget(ctx, s.conn, customers...)
}

func deleteWhere(ctx context.Context, conn driver.Conn, table, condition string) (rows uint64, err error) {
	if err := conn.QueryRow(ctx, "SELECT count() FROM "+table+" WHERE "+condition).Scan(&rows); err != nil {
		return 0, fmt.Errorf("clickhouse: forget customers in table %s: %w", table, err)
	}
	if rows == 0 { // nothing is to be rewritten
		return 0, nil
	}
	if err := conn.Exec(ctx, "ALTER TABLE "+table+" DELETE WHERE "+condition+" SETTINGS mutations_sync = 2"); err != nil {
		return 0, fmt.Errorf("clickhouse: forget customers in table %s: %w", table, err)
	}

	return rows, nil
}

// lettersOf are conditions that find the dead letters which name customers, in whatever
// form they came.
func lettersOf(ctx context.Context, conn driver.Conn, customers []string) (conditions []string, err error) {
	names := make(map[string]bool, len(customers))
	for _, customer := range customers {
		names[customer] = true
	}
	rows, err := conn.Query(ctx, "SELECT "+letterKey+", body FROM deadletters")
	if err != nil {
		return nil, fmt.Errorf("clickhouse: table deadletters: %w", err)
	}
	defer rows.Close()
	finder := forget.NewFinder()
	var keys []string
	flush := func() {
		if len(keys) > 0 {
			conditions = append(conditions, letterKey+" IN ("+strings.Join(keys, ", ")+")")
			keys = nil
		}
	}
	for rows.Next() {
		var key uint64
		var body string
		if err := rows.Scan(&key, &body); err != nil {
			return nil, fmt.Errorf("clickhouse: table deadletters: %w", err)
		}
		if _, found := finder.Of([]byte(body), func(id string) bool { return names[id] }); !found {
			continue
		}
		if keys = append(keys, strconv.FormatUint(key, 10)); len(keys) == forgetAtOnce {
			flush()
		}
	}
	flush()

	return conditions, rows.Err()
}
