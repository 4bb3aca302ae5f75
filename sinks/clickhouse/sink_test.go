package clickhouse_test

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/amount"
	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
	"ebb/sinks/clickhouse/clickhousetest"
	"ebb/sinks/sinktest"
)

func TestSink(t *testing.T) {
	sinktest.Run(t, func(t testing.TB) sinktest.Subject {
		conn := migrated(t)

		return sinktest.Subject{
			Sink: clickhouse.New(conn),
			Rows: func(t testing.TB) *sinks.Batch { return stored(t, conn) },
		}
	})
}

// migrated opens a database of the test's own with the schema.
func migrated(t testing.TB) driver.Conn {
	t.Helper()
	conn := clickhousetest.Migrated(t).Open(t)

	return conn
}

// stored reads all tables back as readers take them, each key once.
func stored(t testing.TB, conn driver.Conn) *sinks.Batch {
	t.Helper()
	b := &sinks.Batch{}
	for table, columns := range []string{
		"'', '', toInt64(events), toInt64(customers), toInt128(0)",
		"kind, '', toInt64(events), toInt64(customers), toInt128(0)",
		"channel, '', toInt64(events), toInt64(0), toInt128(0)",
		"type, currency, toInt64(events), toInt64(0), value_sum",
	} {
		name := sinks.RollupTable(table).Name()
		read(t, conn, "SELECT window, toUnixTimestamp64Milli(window_end), partition, version, toUnixTimestamp64Milli(clock), toUnixTimestamp64Milli(era), "+
			columns+" FROM valid_"+string(name),
			func(rows driver.Rows) error {
				var r sinks.Rollup
				var partition uint16
				var sum big.Int
				err := rows.Scan(&r.Window, &r.End, &partition, &r.Version, &r.Clock, &r.Era, &r.Key, &r.Currency, &r.Events, &r.Customers, &sum)
				r.Value = amountOf(&sum)
				r.Partition = int(partition)
				b.Rollups[table] = append(b.Rollups[table], r)

				return err
			})
	}
	filled := map[string]bool{}
	read(t, conn, "SELECT name FROM system.tables WHERE database = currentDatabase() AND total_rows > 0", func(rows driver.Rows) error {
		var table string
		err := rows.Scan(&table)
		filled[table] = true

		return err
	})
	for _, m := range metric.Tables() {
		var rows sinks.MetricRows
		if table := string(m.Table()); filled[table] || filled[table+"_series"] { // most have none, and a view takes long to read
			rows = storedMetric(t, conn, m)
		}
		b.Metrics = append(b.Metrics, rows)
	}
	readFacts(t, conn, b)

	return b
}

// storedMetric reads the table of a metric.
func storedMetric(t testing.TB, conn driver.Conn, m *metric.Metric) sinks.MetricRows {
	t.Helper()
	var out sinks.MetricRows
	moment := "window, toUnixTimestamp64Milli(window_end)"
	if m.Daily() {
		moment = fmt.Sprintf("'', toInt64(toInt32(day)) * %d", sinks.Day)
	}
	read(t, conn, fmt.Sprintf("SELECT "+moment+", partition, version, toUnixTimestamp64Milli(clock), toUnixTimestamp64Milli(era), "+
		"arrayMap(x -> toString(x), [%s]), arrayMap(x -> toString(x), [%s]) FROM valid_%s",
		strings.Join(m.Dimensions(), ", "), "toString("+strings.Join(m.Columns(), "), toString(")+")", m.Table()),
		func(rows driver.Rows) error {
			var r sinks.MetricRow
			var numbers []string
			err := rows.Scan(&r.Window, &r.End, &r.Partition, &r.Version, &r.Clock, &r.Era, &r.By, &numbers)
			for _, text := range numbers {
				n, _ := new(big.Int).SetString(text, 10)
				r.Measures = append(r.Measures, wire.Number(amountOf(n)))
			}
			out.Append(r)

			return err
		})

	return out
}

// amountOf reads millionths.
func amountOf(v *big.Int) amount.Amount {
	low := new(big.Int).And(v, new(big.Int).SetUint64(math.MaxUint64))

	return amount.Amount{Lo: low.Uint64(), Hi: new(big.Int).Rsh(v, 64).Int64()}
}

func readFacts(t testing.TB, conn driver.Conn, b *sinks.Batch) {
	t.Helper()
	var partition uint16
	read(t, conn, "SELECT sequence, toInt64(row), partition, toUnixTimestamp64Milli(time), toUnixTimestamp64Milli(clock), customer, id, type, version, toUnixTimestamp64Milli(era) FROM valid_late",
		func(rows driver.Rows) error {
			r := wire.LateEvent{Header: wire.Header{Schema: wire.Schema, Table: wire.Late}}
			var row int64
			err := rows.Scan(&r.Sequence, &row, &partition, &r.Time, &r.Clock, &r.Customer, &r.ID, &r.Type, &r.Version, &r.Era)
			r.Partition, r.Row = int(partition), int(row)
			b.Late = append(b.Late, r)

			return err
		})
	read(t, conn, "SELECT toUnixTimestamp64Milli(time), partition, toInt64(healthy), toInt64(cooling), toInt64(at_risk), toInt64(lapsed), toInt64(left), version, toUnixTimestamp64Milli(clock), toUnixTimestamp64Milli(era) FROM valid_levels",
		func(rows driver.Rows) error {
			r := wire.LevelsRow{Header: wire.Header{Schema: wire.Schema, Table: wire.Levels}}
			err := rows.Scan(&r.Time, &partition, &r.Healthy, &r.Cooling, &r.AtRisk, &r.Lapsed, &r.Left, &r.Version, &r.Clock, &r.Era)
			r.Partition = int(partition)
			b.Levels = append(b.Levels, r)

			return err
		})
	read(t, conn, "SELECT toUnixTimestamp64Milli(time), partition, toUnixTimestamp64Milli(clock), toUnixTimestamp64Milli(watermark), sequence, processed, duplicates, dead_letters, late_dropped, version, toUnixTimestamp64Milli(era) FROM valid_pipeline",
		func(rows driver.Rows) error {
			r := wire.PipelineRow{Header: wire.Header{Schema: wire.Schema, Table: wire.Pipeline}}
			err := rows.Scan(&r.Time, &partition, &r.Clock, &r.Watermark, &r.Sequence, &r.Processed, &r.Duplicates, &r.DeadLetters, &r.LateDropped, &r.Version, &r.Era)
			r.Partition = int(partition)
			b.Pipeline = append(b.Pipeline, r)

			return err
		})
	read(t, conn, "SELECT toUnixTimestamp64Milli(time), horizon_ms, partition, segment, toInt64(bin), toInt64(rows), toInt64(risk_sum), toInt64(lost), toInt64(brier_sum), toInt64(overlap), version, toUnixTimestamp64Milli(clock), toUnixTimestamp64Milli(era) FROM valid_model_quality",
		func(rows driver.Rows) error {
			var r sinks.Quality
			var bin int64
			err := rows.Scan(&r.Time, &r.HorizonMS, &partition, &r.Segment, &bin, &r.Rows, &r.RiskSum, &r.Lost, &r.BrierSum, &r.Overlap, &r.Version, &r.Clock, &r.Era)
			r.Partition, r.Bin = int(partition), int(bin)
			b.Quality = append(b.Quality, r)

			return err
		})
	read(t, conn, "SELECT channel, toUnixTimestamp64Milli(time), partition, state, toUnixTimestamp64Milli(since), observed, expected, held, released, dropped, version, toUnixTimestamp64Milli(clock), toUnixTimestamp64Milli(era) FROM valid_feed",
		func(rows driver.Rows) error {
			r := wire.FeedRow{Header: wire.Header{Schema: wire.Schema, Table: wire.Feed}}
			err := rows.Scan(&r.Channel, &r.Time, &partition, &r.State, &r.Since, &r.Observed, &r.Expected, &r.Held, &r.Released, &r.Dropped, &r.Version, &r.Clock, &r.Era)
			r.Partition = int(partition)
			b.Feed = append(b.Feed, r)

			return err
		})
	read(t, conn, "SELECT customer, episode, level, signal, previous, toUnixTimestamp64Milli(at), risk, horizon_ms, toUnixTimestamp64Milli(last_event), silent_ms, usual_ms, reason_code, reason_log_odds, reason_text, reason_numbers, value, value_at_risk, currency, headline, rule, risk_usual, risk_if_back, if_back, holdout, returned, joined, partition, sequence, toInt64(row), version, toUnixTimestamp64Milli(era) FROM valid_signals",
		func(rows driver.Rows) error {
			r := wire.Signal{Schema: wire.Schema}
			var codes, texts []string
			var odds []float64
			var numbers []map[string]int64
			var row int64
			err := rows.Scan(&r.Customer, &r.Episode, &r.Level, &r.Signal, &r.Previous, &r.At, &r.Risk, &r.HorizonMS, &r.LastEvent,
				&r.SilentMS, &r.UsualMS, &codes, &odds, &texts, &numbers, &r.Value, &r.ValueAtRisk, &r.Currency, &r.Headline, &r.Rule, &r.RiskUsual, &r.RiskIfBack, &r.IfBack, &r.Holdout, &r.Returned, &r.Joined, &partition, &r.Sequence, &row, &r.Version, &r.Era)
			r.Partition, r.Row = int(partition), int(row)
			r.Reasons = make([]wire.Reason, len(codes))
			for i := range codes {
				r.Reasons[i] = wire.Reason{Code: codes[i], LogOdds: odds[i], Text: texts[i]}
				if len(numbers[i]) > 0 {
					r.Reasons[i].Numbers = numbers[i]
				}
			}
			b.Signals = append(b.Signals, r)

			return err
		})
	read(t, conn, "SELECT reason, sequence, toInt64(row), subject, partition, toUnixTimestamp64Milli(time), error, body, version, toUnixTimestamp64Milli(era) FROM valid_deadletters",
		func(rows driver.Rows) error {
			var r sinks.DeadLetter
			var body string
			var row int64
			err := rows.Scan(&r.Reason, &r.Sequence, &row, &r.Subject, &partition, &r.Time, &r.Error, &body, &r.Version, &r.Era)
			r.Partition, r.Row, r.Body = int(partition), int(row), []byte(body)
			b.DeadLetters = append(b.DeadLetters, r)

			return err
		})
}

func read(t testing.TB, conn driver.Conn, query string, scan func(driver.Rows) error) {
	t.Helper()
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
