-- Table level_changes: every change of level that signals has, with the same figures.
SELECT
    countIf(told = 1 AND kept = 1) AS compared,
    countIf(kept = 0) AS missing,
    countIf(told = 0 OR kept > 1) AS extra,
    countIf(told = 1 AND kept = 1 AND said != held) AS different,
    groupArrayIf(5)(
        format('customer {}, episode {}: {} rows of {}, want {} of {}', customer, toString(episode), toString(kept), held, toString(told), said),
        told != 1 OR kept != 1 OR said != held) AS examples
FROM
(
    SELECT
        customer, episode, level, signal, era,
        countIf(NOT copy) AS told, countIf(copy) AS kept, anyIf(row, NOT copy) AS said, anyIf(row, copy) AS held
    FROM
    (
        SELECT false AS copy, customer, episode, level, signal, era, toString((at, previous, risk, value_at_risk, currency, holdout, rule, reason_code[1], last_event, silent_ms, horizon_ms, partition, version)) AS row
        FROM
        (
            SELECT *
            FROM signals FINAL
            WHERE signal != 'alert'
        )
        UNION ALL
        SELECT true AS copy, customer, episode, level, signal, era, toString((at, previous, risk, value_at_risk, currency, holdout, rule, reason, last_event, silent_ms, horizon_ms, partition, version)) AS row
        FROM level_changes FINAL
    )
    GROUP BY customer, episode, level, signal, era
)
