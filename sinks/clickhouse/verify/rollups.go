package verify

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// Rollup is one that users declare, see metric.Rollup.
type Rollup struct {
	Name   string
	By     []string // fields of an event, or properties.NAME
	Value  bool
	AtMost int
	Types  []string // that count; without any all do
}

// deriveRollups fills the scratch tables of the rollups of users: first what every
// event says under the configuration that was in force, then which rows each
// partition told apart, one configuration after the other.
func deriveRollups(ctx context.Context, conn driver.Conn, s *Settings) error {
	for _, table := range []string{"verify_rolled", "verify_rolled_rows"} {
		if err := conn.Exec(ctx, "TRUNCATE TABLE "+table); err != nil {
			return fmt.Errorf("verify: table %s: %w", table, err)
		}
	}
	for _, c := range s.all() {
		for i := range c.Settings.Rollups {
			r := &c.Settings.Rollups[i]
			parameters := map[string]string{
				"config": strconv.FormatUint(c.Version, 10), "rollup": r.Name, "most": strconv.Itoa(r.AtMost), "types": array(r.Types),
			}
			if err := conn.Exec(settings(ctx, parameters), rolledEvents(r)); err != nil {
				return fmt.Errorf("verify: rollup %s: %w", r.Name, err)
			}
		}
		parameters := map[string]string{"config": strconv.FormatUint(c.Version, 10)}
		if err := execute(ctx, conn, "rolled_rows.sql", parameters); err != nil {
			return err
		}
	}

	return nil
}

// array is a list of texts as a parameter.
func array(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
	}

	return "[" + strings.Join(quoted, ",") + "]"
}

// rolledEvents reads the fields of a rollup. Names of fields are letters, digits, _,
// $ and -, as settings hold.
func rolledEvents(r *Rollup) string {
	keys := []string{"''", "''", "''"}
	others := []string{"''", "''", "''"}
	for i, field := range r.By {
		keys[i], others[i] = rolledKey(field), "'other'"
	}
	currency, value := "''", "toInt128(0)"
	if r.Value {
		currency, value = "currency", "value"
	}

	return fmt.Sprintf(`INSERT INTO verify_rolled (partition, sequence, time, config, rollup, at_most, key1, key2, key3, other1, other2, other3, currency, value)
SELECT partition, sequence, time, config, {rollup:String}, {most:UInt64}, %s, %s, %s, %s, %s, %s, %s, %s
FROM verify_accepted
WHERE config = {config:UInt64} AND kind != 'machine' AND (empty({types:Array(String)}) OR has({types:Array(String)}, type))`,
		keys[0], keys[1], keys[2], others[0], others[1], others[2], currency, value)
}

// rolledKey is a field as the key of a row. Of the properties, strings are taken as
// they are, truth values and whole numbers as JSON has them, and nothing where there
// is none; the rest is other.
func rolledKey(field string) string {
	path, ofProperties := strings.CutPrefix(field, "properties.")
	if !ofProperties {
		return "toString(" + field + ")"
	}
	names := "'" + strings.Join(strings.Split(path, "."), "', '") + "'"
	const key = `multiIf(
    JSONExtractRaw(properties, NAMES) IN ('', 'null'), '',
    startsWith(JSONExtractRaw(properties, NAMES), '"'), if(length(JSONExtractString(properties, NAMES)) > 256, 'other', JSONExtractString(properties, NAMES)),
    JSONExtractRaw(properties, NAMES) IN ('true', 'false'), JSONExtractRaw(properties, NAMES),
    NOT match(JSONExtractRaw(properties, NAMES), '^[-0-9]'), 'other',
    toFloat64OrZero(JSONExtractRaw(properties, NAMES)) != trunc(toFloat64OrZero(JSONExtractRaw(properties, NAMES)))
        OR abs(toFloat64OrZero(JSONExtractRaw(properties, NAMES))) >= 1e15, 'other',
    toString(toInt64(toFloat64OrZero(JSONExtractRaw(properties, NAMES)))))`

	return strings.ReplaceAll(key, "NAMES", names)
}

// rolledProof is the proof of metric.Custom, over what deriveRollups found.
const rolledProof = `SELECT
    e.partition AS partition, e.sequence AS sequence, e.time AS time, e.rollup AS rollup,
    if(apart, e.key1, e.other1) AS key1, if(apart, e.key2, e.other2) AS key2, if(apart, e.key3, e.other3) AS key3,
    e.currency AS currency, 1 AS events, e.value AS value,
    r.known AND r.since <= e.sequence OR e.key1 = 'other' AND e.key2 IN ('', 'other') AND e.key3 IN ('', 'other') AS apart
FROM verify_rolled AS e
LEFT JOIN verify_rolled_rows AS r USING (partition, rollup, key1, key2, key3, currency)`

// proofOf is the proof of a metric.
func proofOf(m *metric.Metric) (string, error) {
	if m.Name == metric.Custom().Name {
		return rolledProof, nil
	}

	return m.Proof()
}
