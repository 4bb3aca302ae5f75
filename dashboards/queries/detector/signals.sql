SELECT if(holdout, 'hold-out', 'acted on') AS customers, alerts, right, promised, precision, low, high, days_after_median, lead_days_median, cleared_within_24h
FROM v_signal_quality
ORDER BY customers
