-- Signals and what became of them, of the eras that count. Episodes begin at 1
-- with an era, so what follows a signal is looked for in its own.

-- Every change of level, with its reasons in words.
CREATE OR REPLACE VIEW v_signals AS
SELECT
    at, customer, signal, level, previous, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    value, value_at_risk,
    risk_if_back, if_back, holdout,
    episode, partition, sequence, version, era
FROM valid_signals
WHERE signal != 'alert';

-- Customers who are at risk or lapsed now, one row each, as the newest era knows
-- them. Act on those that are not in the hold-out.
CREATE OR REPLACE VIEW v_at_risk AS
SELECT
    customer, level, previous, at, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    value, value_at_risk,
    risk_if_back, if_back, holdout,
    episode, partition
FROM
(
    SELECT *
    FROM signals FINAL
    WHERE signal != 'alert' AND era >= (SELECT max(era) FROM eras)
    ORDER BY customer, episode DESC, version DESC
    LIMIT 1 BY customer
)
WHERE level IN ('at_risk', 'lapsed');

-- Every reason of every change of level, one row each. place counts from 1:
-- what speaks most for the signal comes first.
CREATE OR REPLACE VIEW v_reasons AS
SELECT
    at, customer, signal, level, episode,
    place, code, log_odds, text, numbers,
    partition, sequence
FROM valid_signals
ARRAY JOIN
    arrayEnumerate(reason_code) AS place,
    reason_code AS code,
    reason_log_odds AS log_odds,
    reason_text AS text,
    arrayResize(reason_numbers, length(reason_code)) AS numbers
WHERE signal != 'alert';

-- Whom the alert budget goes to: every alert, with its reasons in words. level
-- is what has become of the customer since; they are back once it is healthy.
CREATE OR REPLACE VIEW v_budget_alerts AS
SELECT
    alerts.at AS at, alerts.customer AS customer,
    alerts.value_at_risk AS value_at_risk, alerts.value AS value, alerts.risk AS risk,
    alerts.silent_ms / 86400000 AS silent_days,
    arrayStringConcat(alerts.reason_text, '; ') AS reasons,
    alerts.risk_if_back AS risk_if_back, alerts.if_back AS if_back,
    newest.level AS level,
    alerts.episode AS episode, alerts.partition AS partition, alerts.sequence AS sequence
FROM
(
    SELECT *
    FROM valid_signals
    WHERE signal = 'alert'
) AS alerts
LEFT JOIN
(
    SELECT era, customer, argMax(level, episode) AS level
    FROM valid_signals
    GROUP BY era, customer
) AS newest
ON alerts.era = newest.era AND alerts.customer = newest.customer;

-- What acting on signals did: customers by the level they were raised to, those
-- in the hold-out beside the others, and how many of them came back. It takes
-- each customer's first signal of a level that the table still holds, because
-- what came later may already be an effect. They came back if a signal was
-- cleared within the horizon after it. Customers whose horizon is not over are
-- open, and count neither in customers nor in returned. standard_error is that
-- of return_share, of a binomial.
CREATE OR REPLACE VIEW v_holdout AS
SELECT
    level, holdout,
    countIf(until <= reached) AS customers,
    countIf(until <= reached AND came_back) AS returned,
    returned / nullIf(customers, 0) AS return_share,
    sqrt(return_share * (1 - return_share) / nullIf(customers, 0)) AS standard_error,
    countIf(until > reached) AS open
FROM
(
    SELECT
        level, holdout, until,
        arrayExists(c -> c.1 > raised.episode AND c.2 <= until, clearings) AS came_back,
        ends.clock AS reached
    FROM
    (
        SELECT era, customer, level, holdout, episode, addMilliseconds(at, horizon_ms) AS until
        FROM valid_signals
        WHERE signal = 'raised'
        ORDER BY era, episode
        LIMIT 1 BY customer, level
    ) AS raised
    LEFT JOIN
    (
        SELECT era, customer, groupArray((episode, at)) AS clearings
        FROM valid_signals
        WHERE signal = 'cleared'
        GROUP BY era, customer
    ) AS cleared
    ON raised.era = cleared.era AND raised.customer = cleared.customer
    LEFT JOIN v_era_clocks AS ends ON raised.era = ends.era
)
GROUP BY level, holdout;

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
    FROM valid_model_quality
    WHERE time <= (SELECT clock FROM v_clock)
)
WHERE as_of <= (SELECT max(time) FROM valid_model_quality WHERE time <= (SELECT clock FROM v_clock))
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
        FROM valid_model_quality
        WHERE time <= (SELECT clock FROM v_clock)
    )
);

-- The same, of the newest two horizons.
CREATE OR REPLACE VIEW v_model_quality AS
SELECT *
FROM v_model_quality_history
WHERE (as_of, horizon_days) =
(
    SELECT (max(time), argMax(horizon_ms, time) / 86400000)
    FROM valid_model_quality
    WHERE time <= (SELECT clock FROM v_clock)
);

-- What became of every alert, a signal that raised at_risk, whose horizon is
-- over. It was right if the customer did not come back within the horizon: it
-- was not cleared in that time, and no later signal tells of an engagement in
-- it. lead_days is how long before their silence reached a horizon the alert
-- came, 0 at least; NULL where it was not right.
CREATE OR REPLACE VIEW v_alerts AS
SELECT
    at, raised.customer AS customer, holdout, risk,
    NOT arrayExists(c -> c.1 > episode AND (c.2 AND c.4 <= until OR c.5 > at AND c.5 <= until), changes) AS right,
    arrayExists(c -> c.1 > episode AND c.2 AND c.3 = 'at_risk' AND c.4 <= addDays(at, 1), changes) AS cleared_within_24h,
    if(right, greatest(0, horizon_ms - silent_ms) / 86400000, NULL) AS lead_days
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

-- Unrest: changes of level, raised and cleared, and the days that customers
-- were known, by day. A customer-month is 30 customer_days. Days before the
-- oldest signal that is kept are left out.
CREATE OR REPLACE VIEW v_unrest AS
SELECT day, sum(changed) AS level_changes, sum(days) AS customer_days
FROM
(
    SELECT toDate(at, 'UTC') AS day, 1 AS changed, 0. AS days
    FROM valid_signals
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
WHERE day >= (SELECT min(toDate(at, 'UTC')) FROM valid_signals WHERE signal != 'alert')
GROUP BY day
HAVING level_changes > 0 OR customer_days > 0;
