-- Table newest_signals: of every customer and era the newest change of level that signals has.
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
        customer, max(episode) AS episode, era,
        countIf(NOT copy) AS told, countIf(copy) AS kept, anyIf(row, NOT copy) AS said, anyIf(row, copy) AS held
    FROM
    (
        SELECT false AS copy, customer, episode, era, toString((episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, usual_ms, reason_code, reason_log_odds, reason_text, value, value_at_risk, currency, headline, rule, risk_if_back, if_back, holdout, returned, partition, version)) AS row
        FROM
        (
            SELECT *
            FROM signals FINAL
            WHERE signal != 'alert'
            ORDER BY customer, era, episode DESC
            LIMIT 1 BY customer, era
        )
        UNION ALL
        SELECT true AS copy, customer, episode, era, toString((episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, usual_ms, reason_code, reason_log_odds, reason_text, value, value_at_risk, currency, headline, rule, risk_if_back, if_back, holdout, returned, partition, version)) AS row
        FROM newest_signals FINAL
    )
    GROUP BY customer, era
)
