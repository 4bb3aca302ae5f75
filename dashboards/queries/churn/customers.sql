-- Whoever is at risk or lapsed now, those with the most value at risk first. The silence
-- is as of now; risk and value are as of when the level was raised, and have grown since.
-- Who stands in the table is found from a few columns, and the words are read of them
-- alone.
SELECT
    newest.customer AS customer, newest.level AS level, newest.value_at_risk AS value_at_risk, newest.currency AS currency, newest.risk AS risk_at_signal,
    greatest(0, dateDiff('millisecond', newest.last_event, greatest(clocks.clock, newest.at))) / 86400000 AS silent_days,
    nullIf(newest.usual_ms, 0) / 86400000 AS usual_days,
    newest.at AS since,
    concat(upper(substring(newest.reason_text[1], 1, 1)), substring(newest.reason_text[1], 2)) AS top_reason,
    newest.if_back AS if_back,
    if(newest.holdout, 'hold-out: do not act', '') AS note
FROM
(
    SELECT customer, episode, version, level, value_at_risk, currency, risk, last_event, usual_ms, horizon_ms, at, reason_text, if_back, holdout, partition
    FROM valid_signals
    WHERE signal != 'alert' AND era >= (SELECT max(era) FROM v_eras)
      AND (customer, episode) IN
      (
          SELECT customer, episode
          FROM v_leaving
          WHERE level IN (${level:singlequote})
          ORDER BY value_at_risk DESC, v_leaving.silent_days / ifNull(v_leaving.usual_days, horizon_days) DESC, customer
          LIMIT 100
      )
    ORDER BY version DESC
    LIMIT 1 BY customer
) AS newest
LEFT JOIN v_partition_clocks AS clocks ON clocks.partition = newest.partition
ORDER BY value_at_risk DESC, silent_days / ifNull(usual_days, newest.horizon_ms / 86400000) DESC, customer
