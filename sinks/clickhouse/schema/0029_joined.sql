-- Anonymous customers who have signed in: the signal that clears what stands about them
-- says whose it was, and nobody takes it for one that came back, or did not.
--
-- Views over all changes of level put those of a customer together by a number made of the
-- id, which the server finds again sooner than the id: two of a hundred million customers
-- share one with a probability of 0.0003.
ALTER TABLE signals
    ADD COLUMN IF NOT EXISTS joined String COMMENT 'of an anonymous customer who has signed in: who they are known to be' AFTER returned;

CREATE OR REPLACE VIEW valid_signals AS
WITH (SELECT (max(era), groupArray((era, window, since))) FROM v_eras) AS covered
SELECT *
FROM signals FINAL
WHERE era >= covered.1
   OR NOT arrayExists(e -> e.1 > era AND e.2 = '' AND e.3 <= at, covered.2)
SETTINGS optimize_move_to_prewhere_if_final = 1;

-- The id by which a subscriber knows a signal: the first half of a SHA-256 of era,
-- customer, episode, level and signal, one a line.
CREATE OR REPLACE VIEW v_signals AS
SELECT
    at, customer, signal, level, previous, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    headline, rule,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    value, value_at_risk, currency,
    risk_if_back, if_back, holdout, returned, joined,
    episode, partition, sequence, version, era,
    lower(hex(substring(SHA256(concat(toString(toUnixTimestamp64Milli(era)), '\n', customer, '\n', toString(episode), '\n', toString(level), '\n', toString(signal))), 1, 16))) AS id
FROM valid_signals
WHERE signal != 'alert';

-- What became of every alert, a signal that raised at_risk, whose horizon is over. Who
-- was at risk as an anonymous customer and signed in by then is left out: nobody can
-- tell what they would have done. It was right if the customer did not come back within
-- the horizon: the changes that end it, from at risk, or from the lapse that followed,
-- neither clear it in that time nor tell of an engagement in it. Episodes count one by
-- one, so a change knows whose end it is. days_after is how long the customer had been
-- silent. lead_days is how long before their silence reached a horizon, when the loss is
-- certain, the alert came, and below 0 how long after that; NULL where it was not right.
CREATE OR REPLACE VIEW v_alerts AS
WITH (SELECT groupArray((era, clock)) FROM v_era_clocks) AS clocks
SELECT
    at, customer, holdout, risk,
    NOT (cleared > 0 AND cleared_at <= until OR ends > 0 AND (first_event > at AND first_event <= until OR last_event > at AND last_event <= until)) AS right,
    cleared_at_risk > 0 AND cleared_at_risk_at <= addDays(at, 1) AS cleared_within_24h,
    if(right, (horizon_ms - silent_ms) / 86400000, NULL) AS lead_days,
    silent_ms / 86400000 AS days_after
FROM
(
    WITH changes.signal = 'raised' AND changes.level = 'at_risk' AS raised
    SELECT
        cityHash64(changes.era, changes.customer, changes.episode - multiIf(raised, 0, changes.previous = 'at_risk', 1, 2)) AS alert,
        countIf(raised) AS alerts,
        anyIf(changes.era, raised) AS era, anyIf(changes.customer, raised) AS customer,
        anyIf(changes.at, raised) AS at, anyIf(changes.holdout, raised) AS holdout, anyIf(changes.risk, raised) AS risk,
        anyIf(changes.horizon_ms, raised) AS horizon_ms, anyIf(changes.silent_ms, raised) AS silent_ms,
        addMilliseconds(at, horizon_ms) AS until,
        countIf(NOT raised) AS ends,
        minIf(changes.last_event, NOT raised) AS first_event, maxIf(changes.last_event, NOT raised) AS last_event,
        countIf(changes.signal = 'cleared') AS cleared, minIf(changes.at, changes.signal = 'cleared') AS cleared_at,
        countIf(changes.signal = 'cleared' AND changes.previous = 'at_risk') AS cleared_at_risk, minIf(changes.at, changes.signal = 'cleared' AND changes.previous = 'at_risk') AS cleared_at_risk_at,
        countIf(changes.reason = 'joined') AS joins, minIf(changes.at, changes.reason = 'joined') AS joined_at
    FROM valid_level_changes AS changes
    WHERE raised OR changes.previous IN ('at_risk', 'lapsed')
    GROUP BY alert
) AS judged
WHERE alerts > 0 AND NOT (joins > 0 AND joined_at <= until) AND arrayExists(c -> c.1 = era AND greatest(until, addDays(at, 1)) <= c.2, clocks);

-- Unrest: changes of level, raised and cleared, and the days that customers were known,
-- by day. A customer-month is 30 customer_days. Days before the oldest signal that is
-- kept are left out, and so is what was cleared because somebody signed in.
CREATE OR REPLACE VIEW v_unrest AS
SELECT day, sum(changed) AS level_changes, sum(days) AS customer_days
FROM
(
    SELECT toDate(at, 'UTC') AS day, count() AS changed, 0. AS days
    FROM valid_level_changes
    WHERE at <= (SELECT clock FROM v_clock) AND reason != 'joined'
    GROUP BY day
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
WHERE day >= (SELECT min(toDate(at, 'UTC')) FROM valid_level_changes)
GROUP BY day
HAVING level_changes > 0 OR customer_days > 0;

-- What acting on signals did: customers by the level they were raised to, those in the
-- hold-out beside the others, and how many of them came back. It takes each customer's
-- first signal of a level that the table still holds, because what came later may already
-- be an effect. They came back if a signal was cleared within the horizon after it.
-- Customers whose horizon is not over are open, and count neither in customers nor in
-- returned; anonymous ones who signed in by then count nowhere. standard_error is that of
-- return_share, of a binomial.
CREATE OR REPLACE VIEW v_holdout AS
SELECT
    level, holdout,
    countIf(until <= reached AND NOT unknown) AS customers,
    countIf(until <= reached AND came_back) AS returned,
    returned / nullIf(customers, 0) AS return_share,
    sqrt(return_share * (1 - return_share) / nullIf(customers, 0)) AS standard_error,
    countIf(until > reached AND NOT unknown) AS open
FROM
(
    SELECT
        raised.level AS level, raised.holdout AS holdout, fromUnixTimestamp64Milli(raised.until, 'UTC') AS until,
        cleared.episode > 0 AND toUnixTimestamp64Milli(cleared.at) <= raised.until AS ended,
        ended AND cleared.reason != 'joined' AS came_back, ended AND cleared.reason = 'joined' AS unknown,
        clocks.clock AS reached
    FROM
    (
        SELECT era, cityHash64(customer) AS who, level, holdout, episode, toUnixTimestamp64Milli(at) + horizon_ms AS until
        FROM valid_level_changes
        WHERE signal = 'raised'
        ORDER BY at, customer, episode
        LIMIT 1 BY customer, level
    ) AS raised
    ASOF LEFT JOIN
    (
        SELECT era, cityHash64(customer) AS who, episode, at, reason
        FROM valid_level_changes
        WHERE signal = 'cleared'
    ) AS cleared
    ON raised.who = cleared.who AND raised.era = cleared.era AND raised.episode < cleared.episode
    LEFT JOIN v_era_clocks AS clocks ON raised.era = clocks.era
)
GROUP BY level, holdout;
