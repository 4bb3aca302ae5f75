-- Whoever is at risk or lapsed now, those with the most value at risk first. The silence
-- is as of now; risk and value are as of when the level was raised, and have grown since.
-- Who stands in the table is found from a few columns, and the words are read of them
-- alone.
SELECT
    customer, level, value_at_risk, currency, risk_at_signal, silent_days, usual_days, since,
    concat(upper(substring(reason, 1, 1)), substring(reason, 2)) AS top_reason,
    if_back,
    if(holdout, 'hold-out: do not act', '') AS note
FROM v_leaving
WHERE customer IN
(
    SELECT customer
    FROM v_leaving
    WHERE level IN (${level:singlequote})
    ORDER BY value_at_risk DESC, silent_days / ifNull(usual_days, horizon_days) DESC, customer
    LIMIT 100
)
ORDER BY value_at_risk DESC, silent_days / ifNull(usual_days, horizon_days) DESC, customer
