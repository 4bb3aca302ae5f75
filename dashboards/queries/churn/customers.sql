-- Whoever is at risk or lapsed now, those with the most value at risk first. The silence
-- is as of now; risk and value are as of when the level was raised, and have grown since.
SELECT
    customer, level, value_at_risk, currency, risk_at_signal,
    silent_days, usual_days, since,
    concat(upper(substring(reason, 1, 1)), substring(reason, 2)) AS top_reason,
    if_back,
    if(holdout, 'hold-out: do not act', '') AS note
FROM v_leaving
WHERE level IN (${level:singlequote})
ORDER BY value_at_risk DESC, v_leaving.silent_days / ifNull(v_leaving.usual_days, horizon_days) DESC, customer
LIMIT 100
