SELECT max(lag_seconds) AS lag
FROM v_pipeline
HAVING count() > 0
