package clickhouse_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

const (
	hour    = 60 * minute
	horizon = 48 * hour
	taken   = 10 * 24 * hour // the end of the first window of the later era
)

// lives are the signals of customers who go up and down at random for a month: some are
// cleared by an engagement, some by what was learned, and some go back only in part.
func lives(r *rand.Rand, era, from int64) []wire.Signal {
	levels := []string{"healthy", "cooling", "at_risk", "lapsed"}
	var all []wire.Signal
	for c := range 150 {
		level, gap, at, engaged := 0, int64(1), from+int64(1+r.IntN(48))*hour, from
		for episode := range uint32(1 + r.IntN(12)) {
			previous := level
			signal := wire.Raised
			if gap > 0 && r.IntN(4) == 0 { // seen, and not cleared by it
				engaged = at - hour/2
			}
			if level == 0 || level < 3 && r.IntN(3) > 0 {
				level += 1 + r.IntN(3-level)
			} else {
				signal, level = wire.Cleared, r.IntN(level)
				if r.IntN(4) > 0 {
					engaged = at
				}
			}
			all = append(all, wire.Signal{
				Partition: c % 2, Version: uint64(episode) + 1, Era: era, Customer: fmt.Sprint("c", c), Signal: signal, Level: levels[level], Previous: levels[previous], Episode: episode + 1,
				At: at, Risk: r.Float64(), HorizonMS: horizon, LastEvent: engaged, SilentMS: at - engaged, Value: 10, ValueAtRisk: float64(r.IntN(9)),
				Currency: []string{"", "EUR", "USD"}[r.IntN(3)], Holdout: c%3 == 0,
			})
			gap = int64(r.IntN(60)) // 0: at once
			at += gap * hour
		}
	}

	return all
}

// What is read of the tables by time is what the table of signals says, however often
// its rows come, and across eras.
func TestChangesOfLevelAreThoseOfSignals(t *testing.T) {
	conn := migrated(t)
	sink := clickhouse.New(conn)
	r := rand.New(rand.NewPCG(1, 2))
	former, later := lives(r, 1000, 0), lives(r, 2000, taken)
	for _, signals := range [][]wire.Signal{former, former[100:300], later[:200], later[100:], later} {
		b := &sinks.Batch{Signals: signals}
		era := signals[0].Era
		begins := sinks.Rollup{Window: "1m", End: map[int64]int64{1000: hour, 2000: taken}[era], Version: 1, Row: wire.Row{Events: 1}}
		begins.Era = era
		b.Rollups[sinks.Total] = []sinks.Rollup{begins}
		for partition := range 2 {
			b.Pipeline = append(b.Pipeline, wire.PipelineRow{
				Header: wire.Header{Partition: partition, Version: 99, Clock: 30 * 24 * hour, Era: era}, Time: 30 * 24 * hour,
			})
		}
		if err := sink.Write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}

	for name, pair := range map[string][2]string{
		"changes": {
			"SELECT at, customer, signal, level, previous, risk, last_event, value_at_risk, currency, rule, holdout, episode, era FROM v_signals",
			"SELECT at, customer, signal, level, previous, risk, last_event, value_at_risk, currency, rule, holdout, episode, era FROM v_level_changes",
		},
		"newest": {
			`SELECT customer, level, at, risk FROM (SELECT * FROM signals FINAL WHERE era = (SELECT max(era) FROM signals) ORDER BY customer, episode DESC LIMIT 1 BY customer)
			WHERE level IN ('at_risk', 'lapsed')`,
			"SELECT customer, level, at, risk_at_signal FROM v_leaving",
		},
		// An alert is wrong where any later change clears it in time, or tells of an engagement.
		"alerts": {
			`SELECT raised.at AS at, raised.customer AS customer, holdout, risk,
				NOT arrayExists(c -> c.1 > episode AND (c.2 AND c.3 <= until OR c.4 > at AND c.4 <= until), changes) AS right
			FROM (SELECT era, customer, holdout, risk, episode, at, addMilliseconds(at, horizon_ms) AS until FROM valid_signals WHERE signal = 'raised' AND level = 'at_risk') AS raised
			INNER JOIN (SELECT era, customer, groupArray((episode, signal = 'cleared', at, last_event)) AS changes FROM valid_signals GROUP BY era, customer) AS later
				ON raised.era = later.era AND raised.customer = later.customer
			INNER JOIN v_era_clocks AS ends ON raised.era = ends.era
			WHERE until <= ends.clock`,
			"SELECT at, customer, holdout, risk, right FROM v_alerts",
		},
		"holdout": {
			`SELECT level, holdout, countIf(until <= reached AND came_back) AS returned
			FROM
			(
				SELECT raised.level AS level, raised.holdout AS holdout, raised.until AS until, ends.clock AS reached,
					arrayExists(c -> c.1 > raised.episode AND c.2 <= raised.until, changes) AS came_back
				FROM (SELECT era, customer, level, holdout, episode, addMilliseconds(at, horizon_ms) AS until FROM valid_signals WHERE signal = 'raised' ORDER BY era, episode LIMIT 1 BY customer, level) AS raised
				LEFT JOIN (SELECT era, customer, groupArray((episode, at)) AS changes FROM valid_signals WHERE signal = 'cleared' GROUP BY era, customer) AS later
					ON raised.era = later.era AND raised.customer = later.customer
				LEFT JOIN v_era_clocks AS ends ON raised.era = ends.era
			)
			GROUP BY level, holdout`,
			"SELECT level, holdout, returned FROM v_holdout",
		},
	} {
		var rows, differ uint64
		query := fmt.Sprintf("SELECT (SELECT count() FROM (%[1]s)), (SELECT count() FROM (SELECT * FROM (%[1]s) EXCEPT ALL SELECT * FROM (%[2]s))) + (SELECT count() FROM (SELECT * FROM (%[2]s) EXCEPT ALL SELECT * FROM (%[1]s)))", pair[0], pair[1])
		if err := conn.QueryRow(t.Context(), query).Scan(&rows, &differ); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if rows < 4 || differ > 0 {
			t.Errorf("%s: %d of %d rows differ", name, differ, rows)
		}
	}
}
