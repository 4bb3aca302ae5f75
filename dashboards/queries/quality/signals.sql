SELECT if(holdout, 'hold-out', 'acted on') AS customers, alerts, right, too_few, precision, low, high, lead_days_median, cleared_within_24h
FROM v_signal_quality
ORDER BY customers
