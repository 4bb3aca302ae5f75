-- What dashboards ask most often costs little: views look up what holds for all rows
-- once, and figures over many signals read a table by time that has no words.

-- From when on each era covers windows of a length, by their end, and what is
-- no window (window is empty), by its time.
CREATE OR REPLACE VIEW v_eras AS
SELECT era, length AS window, min(since) AS since
FROM eras
ARRAY JOIN [toString(window), ''] AS length
GROUP BY era, length;

-- clock: up to where every partition of the newest era has published. It is
-- 1970-01-01 before the first rows. The sink writes table pipeline last, so what
-- lies before this clock is there.
CREATE OR REPLACE VIEW v_clock AS
SELECT argMax(clock, era) AS clock, argMax(watermark, era) AS watermark, argMax(partitions, era) AS partitions
FROM
(
    SELECT era, min(clock) AS clock, min(watermark) AS watermark, count() AS partitions
    FROM
    (
        SELECT era, partition, max(clock) AS clock, max(watermark) AS watermark
        FROM pipeline
        GROUP BY era, partition
    )
    GROUP BY era
);

-- Rows that correct one of history take its place. They can only be those of days that
-- history has, which the server knows without reading.
CREATE OR REPLACE VIEW valid_rollups_total AS
WITH (SELECT (max(era), groupArray((era, window, since))) FROM v_eras) AS covered
SELECT window, window_end, partition, events, customers, version, clock, era, day
FROM
(
    SELECT window, window_end, partition, events, customers, version, clock, era, toDate32(window_end) AS day
    FROM rollups_total FINAL
    UNION ALL
    SELECT window, addMilliseconds(s.first_end, step * s.slide) AS window_end, partition, e AS events, n AS customers, version, clock, era, day
    FROM rollups_total_series AS s FINAL
    ARRAY JOIN arrayCumSum(s.steps) AS step, s.events AS e, arrayResize(s.customers, length(s.events)) AS n
    WHERE (window, window_end, partition, era) NOT IN
    (
        WITH (SELECT (min(day), max(day)) FROM rollups_total_series) AS days
        SELECT window, window_end, partition, era
        FROM rollups_total
        WHERE window_end >= toDateTime64(days.1, 3, 'UTC') AND window_end < addDays(toDateTime64(days.2, 3, 'UTC'), 1)
    )
)
WHERE era >= covered.1
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, covered.2);

CREATE OR REPLACE VIEW valid_rollups_kind AS
WITH (SELECT (max(era), groupArray((era, window, since))) FROM v_eras) AS covered
SELECT window, window_end, kind, partition, events, customers, version, clock, era, day
FROM
(
    SELECT window, window_end, kind, partition, events, customers, version, clock, era, toDate32(window_end) AS day
    FROM rollups_kind FINAL
    UNION ALL
    SELECT window, addMilliseconds(s.first_end, step * s.slide) AS window_end, kind, partition, e AS events, n AS customers, version, clock, era, day
    FROM rollups_kind_series AS s FINAL
    ARRAY JOIN arrayCumSum(s.steps) AS step, s.events AS e, arrayResize(s.customers, length(s.events)) AS n
    WHERE (window, window_end, kind, partition, era) NOT IN
    (
        WITH (SELECT (min(day), max(day)) FROM rollups_kind_series) AS days
        SELECT window, window_end, kind, partition, era
        FROM rollups_kind
        WHERE window_end >= toDateTime64(days.1, 3, 'UTC') AND window_end < addDays(toDateTime64(days.2, 3, 'UTC'), 1)
    )
)
WHERE era >= covered.1
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, covered.2);

CREATE OR REPLACE VIEW valid_rollups_channel AS
WITH (SELECT (max(era), groupArray((era, window, since))) FROM v_eras) AS covered
SELECT window, window_end, channel, partition, events, version, clock, era, day
FROM
(
    SELECT window, window_end, channel, partition, events, version, clock, era, toDate32(window_end) AS day
    FROM rollups_channel FINAL
    UNION ALL
    SELECT window, addMilliseconds(s.first_end, step * s.slide) AS window_end, channel, partition, e AS events, version, clock, era, day
    FROM rollups_channel_series AS s FINAL
    ARRAY JOIN arrayCumSum(s.steps) AS step, s.events AS e
    WHERE (window, window_end, channel, partition, era) NOT IN
    (
        WITH (SELECT (min(day), max(day)) FROM rollups_channel_series) AS days
        SELECT window, window_end, channel, partition, era
        FROM rollups_channel
        WHERE window_end >= toDateTime64(days.1, 3, 'UTC') AND window_end < addDays(toDateTime64(days.2, 3, 'UTC'), 1)
    )
)
WHERE era >= covered.1
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, covered.2);

CREATE OR REPLACE VIEW valid_rollups_type AS
WITH (SELECT (max(era), groupArray((era, window, since))) FROM v_eras) AS covered
SELECT window, window_end, type, currency, partition, events, value_sum, version, clock, era, value, day
FROM
(
    SELECT window, window_end, type, currency, partition, events, value_sum, version, clock, era, value, toDate32(window_end) AS day
    FROM rollups_type FINAL
    UNION ALL
    SELECT window, addMilliseconds(s.first_end, step * s.slide) AS window_end, type, currency, partition, e AS events, n AS value_sum, version, clock, era, toDecimal256(n, 6) / 1000000 AS value, day
    FROM rollups_type_series AS s FINAL
    ARRAY JOIN arrayCumSum(s.steps) AS step, s.events AS e, arrayResize(s.value_sum, length(s.events)) AS n
    WHERE (window, window_end, type, currency, partition, era) NOT IN
    (
        WITH (SELECT (min(day), max(day)) FROM rollups_type_series) AS days
        SELECT window, window_end, type, currency, partition, era
        FROM rollups_type
        WHERE window_end >= toDateTime64(days.1, 3, 'UTC') AND window_end < addDays(toDateTime64(days.2, 3, 'UTC'), 1)
    )
)
WHERE era >= covered.1
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, covered.2);

-- Changes of level by time, without words. The server fills it from signals, also where
-- a former version of ebb writes those.
CREATE TABLE IF NOT EXISTS level_changes
(
    at            DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    customer      String,
    episode       UInt32,
    level         LowCardinality(String),
    signal        LowCardinality(String),
    previous      LowCardinality(String),
    risk          Float64,
    value_at_risk Float64,
    currency      LowCardinality(String),
    holdout       Bool,
    rule          LowCardinality(String),
    reason        LowCardinality(String) COMMENT 'code of the strongest',
    last_event    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    silent_ms     Int64 CODEC(T64, ZSTD(1)),
    horizon_ms    Int64 CODEC(Delta, ZSTD(1)),
    partition     UInt16,
    version       UInt64 CODEC(Delta, ZSTD(1)),
    era           DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (at, customer, episode, level, signal, era)
SETTINGS non_replicated_deduplication_window = 100, index_granularity = 1024
COMMENT 'Changes of the risk level of customers, by time';

CREATE MATERIALIZED VIEW IF NOT EXISTS level_changes_feed TO level_changes AS
SELECT
    at, customer, episode, level, signal, previous, risk, value_at_risk, currency, holdout, rule, reason_code[1] AS reason,
    last_event, silent_ms, horizon_ms, partition, version, era
FROM signals
WHERE signal != 'alert';

INSERT INTO level_changes
SELECT
    at, customer, episode, level, signal, previous, risk, value_at_risk, currency, holdout, rule, reason_code[1] AS reason,
    last_event, silent_ms, horizon_ms, partition, version, era
FROM signals
WHERE signal != 'alert';

-- The newest change of level of every customer, with its words. Episodes count on, so
-- the greatest is the newest.
CREATE TABLE IF NOT EXISTS newest_signals
(
    customer        String,
    episode         UInt32,
    level           LowCardinality(String),
    signal          LowCardinality(String),
    previous        LowCardinality(String),
    at              DateTime64(3, 'UTC'),
    risk            Float64,
    horizon_ms      Int64,
    last_event      DateTime64(3, 'UTC'),
    silent_ms       Int64,
    usual_ms        Int64,
    reason_code     Array(LowCardinality(String)),
    reason_log_odds Array(Float64),
    reason_text     Array(String),
    value           Float64,
    value_at_risk   Float64,
    currency        LowCardinality(String),
    headline        String,
    rule            LowCardinality(String),
    risk_if_back    Float64,
    if_back         String,
    holdout         Bool,
    returned        Bool,
    partition       UInt16,
    version         UInt64,
    era             DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(episode)
ORDER BY (customer, era)
SETTINGS non_replicated_deduplication_window = 100, index_granularity = 256
COMMENT 'The newest change of the risk level of every customer';

CREATE MATERIALIZED VIEW IF NOT EXISTS newest_signals_feed TO newest_signals AS
SELECT
    customer, episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, usual_ms,
    reason_code, reason_log_odds, reason_text, value, value_at_risk, currency,
    headline, rule, risk_if_back, if_back, holdout, returned, partition, version, era
FROM signals
WHERE signal != 'alert';

INSERT INTO newest_signals
SELECT
    customer, episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, usual_ms,
    reason_code, reason_log_odds, reason_text, value, value_at_risk, currency,
    headline, rule, risk_if_back, if_back, holdout, returned, partition, version, era
FROM signals FINAL
WHERE signal != 'alert'
ORDER BY customer, era, episode DESC
LIMIT 1 BY customer, era;

CREATE OR REPLACE VIEW valid_level_changes AS
WITH (SELECT (max(era), groupArray((era, window, since))) FROM v_eras) AS covered
SELECT *
FROM level_changes FINAL
WHERE era >= covered.1
   OR NOT arrayExists(e -> e.1 > era AND e.2 = '' AND e.3 <= at, covered.2)
SETTINGS optimize_move_to_prewhere_if_final = 1;

-- Every change of level, without words: what counts many. Filter at.
CREATE OR REPLACE VIEW v_level_changes AS
SELECT
    at, customer, signal, level, previous, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    value_at_risk, currency, rule, reason, holdout,
    episode, partition, era
FROM valid_level_changes;

CREATE OR REPLACE VIEW valid_signals AS
WITH (SELECT (max(era), groupArray((era, window, since))) FROM v_eras) AS covered
SELECT *
FROM signals FINAL
WHERE era >= covered.1
   OR NOT arrayExists(e -> e.1 > era AND e.2 = '' AND e.3 <= at, covered.2)
SETTINGS optimize_move_to_prewhere_if_final = 1;

-- The newest signal of every customer, as the newest era knows them, of who is at
-- risk or lapsed. usual_days is NULL where there is no usual pause yet.
CREATE OR REPLACE VIEW v_leaving AS
SELECT
    newest.customer AS customer, newest.level AS level, newest.previous AS previous, newest.at AS at,
    newest.at AS since,
    newest.last_event AS last_event,
    greatest(clocks.clock, newest.at) AS clock,
    greatest(0, dateDiff('millisecond', newest.last_event, greatest(clocks.clock, newest.at))) / 86400000 AS silent_days,
    nullIf(newest.usual_ms, 0) / 86400000 AS usual_days,
    newest.value AS value, newest.value_at_risk AS value_at_risk, newest.currency AS currency,
    newest.risk AS risk_at_signal,
    newest.silent_ms / 86400000 AS silent_days_at_signal,
    newest.horizon_ms / 86400000 AS horizon_days,
    newest.headline AS headline, newest.rule AS rule,
    newest.reason_text[1] AS reason,
    arrayStringConcat(newest.reason_text, '; ') AS reasons,
    newest.reason_code AS reason_code, newest.reason_log_odds AS reason_log_odds, newest.reason_text AS reason_text,
    newest.risk_if_back AS risk_if_back, newest.if_back AS if_back,
    newest.holdout AS holdout, newest.returned AS returned,
    newest.episode AS episode, newest.partition AS partition
FROM
(
    SELECT *
    FROM newest_signals FINAL
    WHERE era >= (SELECT max(era) FROM eras)
    SETTINGS optimize_move_to_prewhere_if_final = 1
) AS newest
LEFT JOIN v_partition_clocks AS clocks ON clocks.partition = newest.partition
WHERE newest.level IN ('at_risk', 'lapsed');

-- What became of every alert, a signal that raised at_risk, whose horizon is
-- over. It was right if the customer did not come back within the horizon: the
-- changes that end it, from at risk, or from the lapse that followed, neither
-- clear it in that time nor tell of an engagement in it. Episodes count one by
-- one, so a change knows whose end it is. days_after is how long the customer had
-- been silent. lead_days is how long before their silence reached a horizon, when
-- the loss is certain, the alert came, and below 0 how long after that; NULL where
-- it was not right.
CREATE OR REPLACE VIEW v_alerts AS
SELECT
    at, customer, holdout, risk,
    NOT (cleared > 0 AND cleared_at <= until OR ends > 0 AND (first_event > at AND first_event <= until OR last_event > at AND last_event <= until)) AS right,
    cleared_at_risk > 0 AND cleared_at_risk_at <= addDays(at, 1) AS cleared_within_24h,
    if(right, (horizon_ms - silent_ms) / 86400000, NULL) AS lead_days,
    silent_ms / 86400000 AS days_after
FROM
(
    SELECT
        changes.era AS era, changes.customer AS customer,
        changes.episode - multiIf(raised, 0, changes.previous = 'at_risk', 1, 2) AS alert,
        countIf(raised) AS alerts,
        anyIf(changes.at, raised) AS at, anyIf(changes.holdout, raised) AS holdout, anyIf(changes.risk, raised) AS risk,
        anyIf(changes.horizon_ms, raised) AS horizon_ms, anyIf(changes.silent_ms, raised) AS silent_ms,
        addMilliseconds(at, horizon_ms) AS until,
        countIf(NOT raised) AS ends,
        minIf(changes.last_event, NOT raised) AS first_event, maxIf(changes.last_event, NOT raised) AS last_event,
        countIf(changes.signal = 'cleared') AS cleared, minIf(changes.at, changes.signal = 'cleared') AS cleared_at,
        countIf(changes.signal = 'cleared' AND changes.previous = 'at_risk') AS cleared_at_risk, minIf(changes.at, changes.signal = 'cleared' AND changes.previous = 'at_risk') AS cleared_at_risk_at
    FROM (SELECT *, signal = 'raised' AND level = 'at_risk' AS raised FROM valid_level_changes) AS changes
    WHERE raised OR changes.previous IN ('at_risk', 'lapsed')
    GROUP BY era, customer, alert
) AS judged
LEFT JOIN v_era_clocks AS clocks ON judged.era = clocks.era
WHERE alerts > 0 AND greatest(until, addDays(at, 1)) <= clocks.clock;

-- Unrest: changes of level, raised and cleared, and the days that customers
-- were known, by day. A customer-month is 30 customer_days. Days before the
-- oldest signal that is kept are left out.
CREATE OR REPLACE VIEW v_unrest AS
SELECT day, sum(changed) AS level_changes, sum(days) AS customer_days
FROM
(
    SELECT toDate(at, 'UTC') AS day, count() AS changed, 0. AS days
    FROM valid_level_changes
    WHERE at <= (SELECT clock FROM v_clock)
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
        raised.level AS level, raised.holdout AS holdout, fromUnixTimestamp64Milli(raised.until, 'UTC') AS until,
        arrayExists((episode, at) -> episode > raised.episode AND at <= raised.until, cleared.episodes, cleared.moments) AS came_back,
        clocks.clock AS reached
    FROM
    (
        SELECT era, customer, level, holdout, episode, toUnixTimestamp64Milli(at) + horizon_ms AS until
        FROM valid_level_changes
        WHERE signal = 'raised'
        ORDER BY at, customer, episode
        LIMIT 1 BY customer, level
    ) AS raised
    LEFT JOIN
    (
        SELECT era, customer, groupArray(episode) AS episodes, groupArray(toUnixTimestamp64Milli(at)) AS moments
        FROM valid_level_changes
        WHERE signal = 'cleared'
        GROUP BY era, customer
    ) AS cleared
    ON raised.era = cleared.era AND raised.customer = cleared.customer
    LEFT JOIN v_era_clocks AS clocks ON raised.era = clocks.era
)
GROUP BY level, holdout;
