-- What the newest signal said, and the silence as of now. Who is at risk lapses once a
-- horizon of it has passed without a visit.
SELECT
    level, since, silent_days, usual_days, risk_at_signal, value_at_risk, currency,
    if(level = 'at_risk', since + toIntervalSecond(toUInt32(horizon_days * 86400)), NULL) AS next_crossing,
    if(holdout, 'hold-out: do not act', '') AS note
FROM
(
    SELECT
        newest.level AS level, newest.at AS since,
        greatest(0, dateDiff('millisecond', newest.last_event, greatest(clocks.clock, newest.at))) / 86400000 AS silent_days,
        nullIf(newest.usual_ms, 0) / 86400000 AS usual_days,
        newest.risk AS risk_at_signal, newest.value_at_risk AS value_at_risk, newest.currency AS currency,
        newest.horizon_ms / 86400000 AS horizon_days, newest.holdout AS holdout
    FROM
    (
        SELECT *
        FROM valid_signals
        WHERE customer = ${customer:sqlstring} AND signal != 'alert'
        ORDER BY era DESC, episode DESC, version DESC
        LIMIT 1
    ) AS newest
    LEFT JOIN v_partition_clocks AS clocks ON clocks.partition = newest.partition
)
