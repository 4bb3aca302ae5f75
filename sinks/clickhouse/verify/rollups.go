package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// Rollup is one that users declare, see metric.Rollup.
type Rollup struct {
	Name   string
	By     []string // fields of an event or of its customer, or properties.NAME
	Value  bool
	AtMost int
	Types  []string // that count; without any all do
}

func (r *Rollup) ofCustomers() bool {
	of := metric.Rollup{By: r.By}

	return of.OfCustomers()
}

// rollsCustomers says whether a rollup of some configuration is by what customers are.
func (s *Settings) rollsCustomers() bool {
	return slices.ContainsFunc(s.all(), func(c Change) bool {
		return slices.ContainsFunc(c.Settings.Rollups, func(r Rollup) bool { return r.ofCustomers() })
	})
}

// byLevel are the names of the rollups that are by the level of risk in some
// configuration.
func (s *Settings) byLevel() (names []string) {
	for _, c := range s.all() {
		for _, r := range c.Settings.Rollups {
			if slices.Contains(r.By, "level") {
				names = append(names, r.Name)
			}
		}
	}

	return names
}

// unleveled are the rollups by level where levels can't be told from signals any more.
func unleveled(ctx context.Context, conn driver.Conn, s *Settings) ([]string, error) {
	names := s.byLevel()
	if len(names) == 0 {
		return nil, nil
	}
	known, err := levelsKnown(ctx, conn)
	if err != nil || known == "1" {
		return nil, err
	}

	return names, nil
}

// without is a condition that leaves out rows of rollups that are not compared.
func (s *Settings) without(m *metric.Metric) string {
	if len(s.leftOut) == 0 || m.Name != metric.Custom().Name {
		return ""
	}

	return " AND rollup NOT IN ('" + strings.Join(s.leftOut, "', '") + "')"
}

// deriveFields fills verify_fields: what customers were before each event.
func deriveFields(ctx context.Context, conn driver.Conn, s *Settings, chunks []chunk, progress func(string)) error {
	for _, table := range []string{"verify_dated", "verify_fields"} {
		if err := conn.Exec(ctx, "TRUNCATE TABLE "+table); err != nil {
			return fmt.Errorf("verify: table %s: %w", table, err)
		}
	}
	for _, c := range s.all() {
		parameters := with(s.parameters(), "config", strconv.FormatUint(c.Version, 10), "zone", cmp.Or(c.Settings.Zone, "UTC"))
		if err := steps(ctx, conn, parameters, chunks, progress, []step{{"dated.sql", true}}); err != nil {
			return err
		}
	}

	return steps(ctx, conn, s.parameters(), chunks, progress, []step{{"fields.sql", true}})
}

// deriveRollups fills the scratch tables of the rollups of users: first what every
// event says under the configuration that was in force, then which rows each
// partition told apart, one configuration after the other.
func deriveRollups(ctx context.Context, conn driver.Conn, s *Settings, chunks []chunk, progress func(string)) error {
	for _, table := range []string{"verify_rolled", "verify_rolled_rows"} {
		if err := conn.Exec(ctx, "TRUNCATE TABLE "+table); err != nil {
			return fmt.Errorf("verify: table %s: %w", table, err)
		}
	}
	if s.rollsCustomers() {
		if err := deriveFields(ctx, conn, s, chunks, progress); err != nil {
			return err
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

	from := "verify_accepted"
	if r.ofCustomers() {
		from = "(SELECT a.*, f.* EXCEPT (partition, sequence) FROM verify_accepted AS a INNER JOIN (SELECT partition, sequence, " +
			"level AS customer_level, recency AS customer_recency, frequency AS customer_frequency, monetary AS customer_monetary, " +
			"lifecycle AS customer_lifecycle, stage AS customer_stage FROM verify_fields) AS f ON a.partition = f.partition AND a.sequence = f.sequence)"
	}

	return fmt.Sprintf(`INSERT INTO verify_rolled (partition, sequence, time, config, rollup, at_most, key1, key2, key3, other1, other2, other3, currency, value)
SELECT partition, sequence, time, config, {rollup:String}, {most:UInt64}, %s, %s, %s, %s, %s, %s, %s, %s
FROM %s
WHERE config = {config:UInt64} AND kind != 'machine' AND (empty({types:Array(String)}) OR has({types:Array(String)}, type))`,
		keys[0], keys[1], keys[2], others[0], others[1], others[2], currency, value, from)
}

// rolledKey is a field as the key of a row. Of the properties, strings are taken as
// they are, truth values and whole numbers as JSON has them, and nothing where there
// is none; the rest is other.
func rolledKey(field string) string {
	if of := (Rollup{By: []string{field}}); of.ofCustomers() {
		return "toString(customer_" + field + ")"
	}
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
