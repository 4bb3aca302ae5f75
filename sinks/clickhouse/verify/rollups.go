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
	Metric string   // that is cut; "" where events count
}

// declared is the rollup as a configuration has it.
func (r *Rollup) declared() *metric.Rollup { return &metric.Rollup{By: r.By, Metric: r.Metric} }

// cut is the metric that is cut, nil for none.
func (r *Rollup) cut() *metric.Metric {
	if m, _ := metric.ByTable(metric.All(), (&metric.Metric{Name: r.Metric}).Table()); r.Metric != "" {
		return m
	}

	return nil
}

// follows says whether rows of a table follow customers in the order of their events: those
// of rollups do where one of them is by what customers are, or cuts such a metric.
func (s *Settings) follows(m *metric.Metric) bool {
	ofUsers := m.Name == metric.Custom().Name || m.Name == metric.Cuts().Name

	return m.Ordered || ofUsers && s.anyRollup((*metric.Rollup).Ordered)
}

// anyRollup says whether something holds of a rollup of some configuration.
func (s *Settings) anyRollup(holds func(*metric.Rollup) bool) bool {
	return slices.ContainsFunc(s.all(), func(c Change) bool {
		return slices.ContainsFunc(c.Settings.Rollups, func(r Rollup) bool { return holds(r.declared()) })
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
	if len(s.leftOut) == 0 || m.Name != metric.Custom().Name && m.Name != metric.Cuts().Name {
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
	if s.anyRollup((*metric.Rollup).OfCustomers) {
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
			query, err := s.rolledEvents(r)
			if err != nil {
				return err
			}
			if err := conn.Exec(settings(ctx, parameters), query); err != nil {
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

// rolledEvents reads the fields of a rollup, and what the metric counts that it cuts. Names
// of fields are letters, digits, _, $ and -, as settings hold.
func (s *Settings) rolledEvents(r *Rollup) (string, error) {
	cut := r.cut()
	keys := []string{"''", "''", "''"}
	others := []string{"''", "''", "''"}
	for i, field := range r.By {
		keys[i], others[i] = rolledKey(field), "'other'"
		if cut != nil && slices.Contains(cut.Dimensions(), field) {
			keys[i] = "cut_" + field
		}
	}
	from := "verify_accepted"
	if r.declared().OfCustomers() {
		from = `(
    SELECT a.*, f.* EXCEPT (partition, sequence)
    FROM verify_accepted AS a
    LEFT JOIN
    (
        SELECT
            partition, sequence, level AS customer_level, recency AS customer_recency, frequency AS customer_frequency,
            monetary AS customer_monetary, lifecycle AS customer_lifecycle, stage AS customer_stage
        FROM verify_fields
    ) AS f ON a.partition = f.partition AND a.sequence = f.sequence
)`
	}
	currency, value, slots := "''", "toInt128(0)", "[]"
	where := "kind != 'machine' AND (empty({types:Array(String)}) OR has({types:Array(String)}, type))"
	if r.Value {
		currency, value = "currency", "value"
	}
	if cut != nil {
		events, err := s.cutEvents(cut)
		if err != nil {
			return "", err
		}
		from = "(SELECT e.*, m.* EXCEPT (cut_partition, cut_sequence) FROM " + from + " AS e INNER JOIN " + events +
			" AS m ON e.partition = m.cut_partition AND e.sequence = m.cut_sequence)"
		slots, where = "cut_slots", "1"
		if slices.Contains(cut.Dimensions(), "currency") {
			currency = "cut_currency"
		}
	}

	return fmt.Sprintf(`INSERT INTO verify_rolled (partition, sequence, time, config, rollup, at_most, key1, key2, key3, other1, other2, other3, currency, metric, value, slots)
SELECT partition, sequence, time, config, {rollup:String}, {most:UInt64}, %s, %s, %s, %s, %s, %s, %s, '%s', %s, %s
FROM %s
WHERE config = {config:UInt64} AND %s`,
		keys[0], keys[1], keys[2], others[0], others[1], others[2], currency, r.Metric, value, slots, from, where), nil
}

// cutEvents are the events that a metric takes, as its proof says, with its dimensions and
// what each brings to the slots: of a slot that only sums up, those count that bring
// something.
func (s *Settings) cutEvents(m *metric.Metric) (string, error) {
	proof, err := m.Proof()
	if err != nil {
		return "", err
	}
	var columns []string
	for _, name := range m.Dimensions() {
		columns = append(columns, "toString("+name+") AS cut_"+name)
	}
	slots := make([]string, 2*metric.MaxSlots)
	for i := range slots {
		slots[i] = "toInt128(0)"
	}
	counted := map[int]bool{}
	for _, measure := range m.Measures {
		at := 2 * measure.Slot
		if measure.Sum {
			slots[at+1] = "toInt128(" + measure.Name + ")"
			if !counted[measure.Slot] {
				slots[at] = "toInt128(" + measure.Name + " != 0)"
			}

			continue
		}
		counted[measure.Slot] = true
		slots[at] = "toInt128(" + measure.Name + ")"
	}

	return fmt.Sprintf("(SELECT partition AS cut_partition, sequence AS cut_sequence, %s, [%s] AS cut_slots FROM (%s))",
		strings.Join(columns, ", "), strings.Join(slots, ", "), s.sinceKept(m, strings.TrimSpace(proof))), nil
}

// rolledKey is a field as the key of a row. Of the properties, strings are taken as
// they are, truth values and whole numbers as JSON has them, and nothing where there
// is none; the rest is other.
func rolledKey(field string) string {
	if of := (Rollup{By: []string{field}}); of.declared().OfCustomers() {
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

// rolledProof is the proof of metric.Custom and of metric.Cuts, over what deriveRollups
// found.
const rolledProof = `SELECT
    e.partition AS partition, e.sequence AS sequence, e.time AS time, e.rollup AS rollup,
    if(apart, e.key1, e.other1) AS key1, if(apart, e.key2, e.other2) AS key2, if(apart, e.key3, e.other3) AS key3,
    e.currency AS currency, e.metric AS metric, %s,
    r.known AND r.since <= e.sequence OR e.key1 = 'other' AND e.key2 IN ('', 'other') AND e.key3 IN ('', 'other') AS apart
FROM (SELECT * FROM verify_rolled WHERE metric %s '') AS e
LEFT JOIN verify_rolled_rows AS r USING (partition, rollup, key1, key2, key3, currency, metric)`

// proofOf is the proof of a metric.
func proofOf(m *metric.Metric) (string, error) {
	switch m.Name {
	case metric.Custom().Name:
		return fmt.Sprintf(rolledProof, "1 AS events, e.value AS value", "="), nil
	case metric.Cuts().Name:
		slots := m.Columns()
		for i, name := range slots {
			slots[i] = fmt.Sprintf("e.slots[%d] AS %s", i+1, name)
		}

		return fmt.Sprintf(rolledProof, strings.Join(slots, ", "), "!="), nil
	}

	return m.Proof()
}
