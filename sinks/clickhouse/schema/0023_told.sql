-- When signals come, so that it says something wherever thresholds follow the
-- stream: after the latest engagement, and ahead of the moment at which the loss is
-- certain.

-- What became of every alert, a signal that raised at_risk, whose horizon is
-- over. It was right if the customer did not come back within the horizon: it
-- was not cleared in that time, and no later signal tells of an engagement in
-- it. days_after is how long the customer had been silent. lead_days is how long
-- before their silence reached a horizon, when the loss is certain, the alert
-- came, and below 0 how long after that; NULL where it was not right.
CREATE OR REPLACE VIEW v_alerts AS
SELECT
    at, raised.customer AS customer, holdout, risk,
    NOT arrayExists(c -> c.1 > episode AND (c.2 AND c.4 <= until OR c.5 > at AND c.5 <= until), changes) AS right,
    arrayExists(c -> c.1 > episode AND c.2 AND c.3 = 'at_risk' AND c.4 <= addDays(at, 1), changes) AS cleared_within_24h,
    if(right, (horizon_ms - silent_ms) / 86400000, NULL) AS lead_days,
    silent_ms / 86400000 AS days_after
FROM
(
    SELECT era, customer, holdout, risk, episode, at, horizon_ms, silent_ms, addMilliseconds(at, horizon_ms) AS until
    FROM valid_signals
    WHERE signal = 'raised' AND level = 'at_risk'
) AS raised
LEFT JOIN
(
    SELECT era, customer, groupArray((episode, signal = 'cleared', previous, at, last_event)) AS changes
    FROM valid_signals
    GROUP BY era, customer
) AS later
ON raised.era = later.era AND raised.customer = later.customer
LEFT JOIN v_era_clocks AS ends ON raised.era = ends.era
WHERE greatest(until, addDays(at, 1)) <= ends.clock;

-- What alerts were worth, those of the hold-out apart: promised is their mean
-- risk, precision the share that was right, low and high its 95 % interval
-- (Wilson). Figures are NULL, and too_few is true, with fewer than 100 alerts or
-- fewer than 10 that were right or wrong.
CREATE OR REPLACE VIEW v_signal_quality AS
SELECT * EXCEPT (share, half)
FROM
(
    WITH 1.959963984540054 AS z
    SELECT
        holdout, n AS alerts, y AS right,
        toBool(n < 100 OR least(y, n - y) < 10) AS too_few,
        y / n AS share,
        z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) AS half,
        if(too_few, NULL, share) AS precision,
        if(too_few, NULL, greatest(0, (share + z * z / (2 * n) - half) / (1 + z * z / n))) AS low,
        if(too_few, NULL, least(1, (share + z * z / (2 * n) + half) / (1 + z * z / n))) AS high,
        if(too_few, NULL, leads) AS lead_days_median,
        if(too_few, NULL, soon / n) AS cleared_within_24h,
        if(too_few, NULL, risks) AS promised,
        if(too_few, NULL, after) AS days_after_median
    FROM
    (
        SELECT
            holdout, count() AS n, countIf(right) AS y, medianExact(lead_days) AS leads, countIf(cleared_within_24h) AS soon,
            avg(risk) AS risks, medianExact(days_after) AS after
        FROM v_alerts
        GROUP BY holdout
    )
);
