-- Of the alerts of the range whose horizon is over. Those of the hold-out alone, where
-- there is one: acting on the others makes them wrong.
SELECT if(count() < 100, NULL, countIf(right) / count()) AS precision
FROM v_alerts
WHERE $__timeFilter(at) AND (holdout OR NOT (SELECT max(holdout) FROM v_alerts))
