-- How good risks and signals are, from what became of customers.

CREATE TABLE IF NOT EXISTS model_quality
(
    time       DateTime64(3, 'UTC') COMMENT 'when the outcomes were known; a learning step is an eighth of the horizon' CODEC(Delta, ZSTD(1)),
    horizon_ms Int64 COMMENT 'the risks were given so long before',
    partition  UInt16,
    segment    LowCardinality(String) COMMENT 'one_time, newcomer, regular: still active at the time of the risk; long_silent: silent for 1 to 16 horizons',
    bin        UInt8 COMMENT 'of the risk, 0 to 9; 0 holds those below 0.1',
    rows       UInt64 COMMENT 'risks given',
    risk_sum   UInt64 COMMENT 'of the risks, in units of 0.0001',
    lost       UInt64 COMMENT 'had no engagement in the horizon',
    brier_sum  UInt64 COMMENT 'of (risk - outcome)^2, in units of 0.00000001',
    overlap    UInt64 COMMENT 'with horizons of earlier rows of the same customers, in eighths of a horizon',
    version    UInt64 CODEC(Delta, ZSTD(1)),
    clock      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (time, partition, segment, bin)
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Risks given a horizon before and what came of them, by learning step';

-- Risks and outcomes of two horizons up to as_of, for every learning step, by
-- segment and bin of the risk. The segment active is one_time, newcomer and
-- regular together. Customers are drawn at every step; a business with few has
-- the same ones in many rows, whose horizons overlap and whose outcomes are
-- alike. cases is how many independent rows would tell as much: rows over the
-- design effect 1 + 2 overlap / rows (Kish 1965, "Survey Sampling").
CREATE OR REPLACE VIEW v_reliability_history AS
SELECT
    as_of, horizon_ms, judged AS segment, bin,
    sum(n) AS rows,
    sum(risks) / 10000 AS expected,
    sum(y) AS lost,
    sum(squares) / 100000000 AS squared_error,
    sum(n) * sum(n) / (sum(n) + sum(shared) / 4) AS cases
FROM
(
    SELECT
        addMilliseconds(time, arrayJoin(range(16)) * intDiv(horizon_ms, 8)) AS as_of,
        horizon_ms,
        arrayJoin(if(segment = 'long_silent', ['long_silent'], [toString(segment), 'active'])) AS judged,
        bin, rows AS n, risk_sum AS risks, lost AS y, brier_sum AS squares, overlap AS shared
    FROM model_quality FINAL
    WHERE time <= (SELECT clock FROM v_clock)
)
WHERE as_of <= (SELECT max(time) FROM model_quality WHERE time <= (SELECT clock FROM v_clock))
GROUP BY as_of, horizon_ms, judged, bin;

-- What became of those with about the same risk: mean_risk is what was said,
-- observed what came, low and high its 95 % interval (Wilson 1927, with cases
-- for the number of rows). Figures of fewer than 10 cases are NULL.
CREATE OR REPLACE VIEW v_reliability AS
SELECT * EXCEPT (risk, share, half)
FROM
(
    WITH 1.959963984540054 AS z
    SELECT
        as_of, segment, bin, rows, lost, cases,
        toBool(cases < 10) AS too_few,
        expected / rows AS risk,
        lost / rows AS share,
        z * sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases)) AS half,
        if(too_few, NULL, risk) AS mean_risk,
        if(too_few, NULL, share) AS observed,
        if(too_few, NULL, greatest(0, (share + z * z / (2 * cases) - half) / (1 + z * z / cases))) AS low,
        if(too_few, NULL, least(1, (share + z * z / (2 * cases) + half) / (1 + z * z / cases))) AS high
    FROM v_reliability_history
    WHERE (as_of, horizon_ms) =
    (
        SELECT (max(time), argMax(horizon_ms, time))
        FROM model_quality
        WHERE time <= (SELECT clock FROM v_clock)
    )
);

-- The quality of the risks by segment, over two horizons up to as_of:
--   observed, low, high  share that was lost, and its 95 % interval (Wilson)
--   mean_risk            what the risks said it would be
--   observed_over_expected, oe_low, oe_high
--                        1 is right; above, more were lost than the risks said
--   brier                mean squared error of the risks, 0 the best
--   brier_skill          part of the error of saying the observed share to everyone that the risks save
--   ece                  expected calibration error over ten bins of equal width: the mean of
--                        |observed - mean_risk|; with few cases it is above 0 also for perfect risks
--   auc                  that a lost customer had the higher risk than one who came back. Ties count
--                        a half, and all of a bin are ties, so it is a little too low
-- They are NULL, and too_few is true, with fewer than 100 cases or fewer than
-- 10 of either outcome.
CREATE OR REPLACE VIEW v_model_quality_history AS
SELECT * EXCEPT (share, half)
FROM
(
    WITH 1.959963984540054 AS z
    SELECT
        as_of, segment, horizon_ms / 86400000 AS horizon_days,
        n AS rows, y AS lost, independent AS cases,
        toBool(independent < 100 OR least(y, n - y) * independent / n < 10) AS too_few,
        y / n AS share,
        z * sqrt(share * (1 - share) / independent + z * z / (4 * independent * independent)) AS half,
        if(too_few, NULL, share) AS observed,
        if(too_few, NULL, greatest(0, (share + z * z / (2 * independent) - half) / (1 + z * z / independent))) AS low,
        if(too_few, NULL, least(1, (share + z * z / (2 * independent) + half) / (1 + z * z / independent))) AS high,
        if(too_few, NULL, p / n) AS mean_risk,
        if(too_few, NULL, y / p) AS observed_over_expected,
        low * n / p AS oe_low,
        high * n / p AS oe_high,
        if(too_few, NULL, squares / n) AS brier,
        if(too_few, NULL, 1 - squares / n / (share * (1 - share))) AS brier_skill,
        if(too_few, NULL, gaps / n) AS ece,
        if(too_few, NULL, ordered / (y * (n - y))) AS auc
    FROM
    (
        SELECT
            as_of, segment, horizon_ms,
            sum(rows) AS n, sum(lost) AS y, sum(expected) AS p, sum(squared_error) AS squares,
            sum(abs(lost - expected)) AS gaps,
            sum(lost * (below + (rows - lost) / 2)) AS ordered,
            n * n / sum(rows * rows / cases) AS independent
        FROM
        (
            SELECT
                as_of, segment, horizon_ms, rows, lost, expected, squared_error, cases,
                sum(rows - lost) OVER (PARTITION BY as_of, segment, horizon_ms ORDER BY bin ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
                    - (rows - lost) AS below
            FROM v_reliability_history
        )
        GROUP BY as_of, segment, horizon_ms
    )
);

-- The same, of the newest two horizons.
CREATE OR REPLACE VIEW v_model_quality AS
SELECT *
FROM v_model_quality_history
WHERE (as_of, horizon_days) =
(
    SELECT (max(time), argMax(horizon_ms, time) / 86400000)
    FROM model_quality
    WHERE time <= (SELECT clock FROM v_clock)
);

-- What became of every alert, a signal that raised at_risk, whose horizon is
-- over. It was right if the customer did not come back within the horizon: it
-- was not cleared in that time, and no later signal tells of an engagement in
-- it. lead_days is how long before their silence reached a horizon the alert
-- came, 0 at least; NULL where it was not right.
CREATE OR REPLACE VIEW v_alerts AS
SELECT
    at, customer, holdout, risk,
    NOT arrayExists(c -> c.1 > episode AND (c.2 AND c.4 <= until OR c.5 > at AND c.5 <= until), changes) AS right,
    arrayExists(c -> c.1 > episode AND c.2 AND c.3 = 'at_risk' AND c.4 <= addDays(at, 1), changes) AS cleared_within_24h,
    if(right, greatest(0, horizon_ms - silent_ms) / 86400000, NULL) AS lead_days
FROM
(
    SELECT customer, holdout, risk, episode, at, horizon_ms, silent_ms, addMilliseconds(at, horizon_ms) AS until
    FROM signals FINAL
    WHERE signal = 'raised' AND level = 'at_risk'
) AS raised
LEFT JOIN
(
    SELECT customer, groupArray((episode, signal = 'cleared', previous, at, last_event)) AS changes
    FROM signals FINAL
    GROUP BY customer
) AS later
ON raised.customer = later.customer
WHERE greatest(until, addDays(at, 1)) <= (SELECT clock FROM v_clock);

-- What alerts were worth, those of the hold-out apart: precision is the share
-- that was right, low and high its 95 % interval (Wilson). Figures are NULL,
-- and too_few is true, with fewer than 100 alerts or fewer than 10 that were
-- right or wrong.
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
        if(too_few, NULL, soon / n) AS cleared_within_24h
    FROM
    (
        SELECT holdout, count() AS n, countIf(right) AS y, medianExact(lead_days) AS leads, countIf(cleared_within_24h) AS soon
        FROM v_alerts
        GROUP BY holdout
    )
);

-- Unrest: changes of level, raised and cleared, and the days that customers
-- were known, by day. A customer-month is 30 customer_days. Days before the
-- oldest signal that is kept are left out.
CREATE OR REPLACE VIEW v_unrest AS
SELECT day, sum(changed) AS level_changes, sum(days) AS customer_days
FROM
(
    SELECT toDate(at, 'UTC') AS day, 1 AS changed, 0. AS days
    FROM signals FINAL
    WHERE signal != 'alert' AND at <= (SELECT clock FROM v_clock)
    UNION ALL
    SELECT
        addDays(toDate(since, 'UTC'), arrayJoin(range(toUInt32(dateDiff('day', since, until, 'UTC') + 1))) AS further) AS day,
        0 AS changed,
        customers * (least(toUnixTimestamp64Milli(until), (toInt64(toDate(since, 'UTC')) + further + 1) * 86400000)
            - greatest(toUnixTimestamp64Milli(since), (toInt64(toDate(since, 'UTC')) + further) * 86400000)) / 86400000 AS days
    FROM
    (
        SELECT
            time AS since,
            leadInFrame(time, 1, assumeNotNull((SELECT clock FROM v_clock))) OVER ahead AS until,
            healthy + cooling + at_risk + lapsed AS customers
        FROM v_levels
        WINDOW ahead AS (ORDER BY time ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
    )
)
WHERE day >= (SELECT min(toDate(at, 'UTC')) FROM signals WHERE signal != 'alert')
GROUP BY day
HAVING level_changes > 0 OR customer_days > 0;
