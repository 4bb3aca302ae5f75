-- Of the alerts of the range whose horizon is over. Those of the hold-out alone, where
-- there is one: acting on the others makes them wrong.
SELECT if(judged < 100, NULL, rights / judged) AS precision
FROM
(
    SELECT
        if(max(holdout), countIf(holdout), count()) AS judged,
        if(max(holdout), countIf(right AND holdout), countIf(right)) AS rights
    FROM v_alerts
    WHERE $__timeFilter(at)
)
