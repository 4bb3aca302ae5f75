-- Dashboards wait less for windows, and for what acting did.

-- Rows that correct one of history take its place, as before. Which they are is found by
-- a number made of what a row is of, which the server compares sooner than its columns:
-- of a hundred million rows of history and a million corrections, one of history is taken
-- for a corrected one with a probability of 0.000005.
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
    WHERE cityHash64(window, window_end, partition, era) NOT IN
    (
        WITH (SELECT (min(day), max(day)) FROM rollups_total_series) AS days
        SELECT cityHash64(window, window_end, partition, era)
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
    WHERE cityHash64(window, window_end, kind, partition, era) NOT IN
    (
        WITH (SELECT (min(day), max(day)) FROM rollups_kind_series) AS days
        SELECT cityHash64(window, window_end, kind, partition, era)
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
    WHERE cityHash64(window, window_end, channel, partition, era) NOT IN
    (
        WITH (SELECT (min(day), max(day)) FROM rollups_channel_series) AS days
        SELECT cityHash64(window, window_end, channel, partition, era)
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
    WHERE cityHash64(window, window_end, type, currency, partition, era) NOT IN
    (
        WITH (SELECT (min(day), max(day)) FROM rollups_type_series) AS days
        SELECT cityHash64(window, window_end, type, currency, partition, era)
        FROM rollups_type
        WHERE window_end >= toDateTime64(days.1, 3, 'UTC') AND window_end < addDays(toDateTime64(days.2, 3, 'UTC'), 1)
    )
)
WHERE era >= covered.1
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, covered.2);

-- What acting on signals did: customers by the level they were raised to, those in the
-- hold-out beside the others, and how many of them came back. It takes each customer's
-- first signal of a level that the table still holds, because what came later may already
-- be an effect. They came back if a signal was cleared within the horizon after it.
-- Customers whose horizon is not over are open, and count neither in customers nor in
-- returned; anonymous ones who signed in by then count nowhere. standard_error is that of
-- return_share, of a binomial.
--
-- Changes are read once, and those of a customer put together as numbers, which are far
-- cheaper to compare than rows are to join. A moment is when a change was, in ms (42 bits),
-- its episode (21), because changes may be of one time, and a last bit: whether it cleared
-- because the customer signed in; 1 where it raised. A raise is its moment and behind it,
-- in rest, its horizon in ms, the place of its era among those with a clock, and the
-- hold-out. Episodes count on in time, so what ended a raise is the smallest moment that is
-- greater. Another era's lie behind the clock of the raise's own.
CREATE OR REPLACE VIEW v_holdout AS
WITH (SELECT groupArray((era, toUnixTimestamp64Milli(clock))) FROM v_era_clocks) AS clocks
SELECT
    ['cooling', 'at_risk', 'lapsed'][place] AS level, toBool(bitAnd(rest, 1)) AS holdout,
    countIf(over AND NOT unknown) AS customers,
    countIf(over AND ended AND NOT unknown) AS returned,
    returned / nullIf(customers, 0) AS return_share,
    sqrt(return_share * (1 - return_share) / nullIf(customers, 0)) AS standard_error,
    countIf(NOT over AND NOT unknown) AS open
FROM
(
    SELECT
        place, rest,
        bitShiftRight(moment, 22) + bitShiftRight(rest, 20) AS until,
        clocks.2[bitAnd(bitShiftRight(rest, 1), 0x7ffff)] AS reached,
        until <= reached AS over,
        next > 0 AND bitShiftRight(next, 22) <= least(until, reached) AS ended,
        ended AND bitAnd(next, 1) AS unknown
    FROM
    (
        SELECT
            moment1, moment2, moment3, rest1, rest2, rest3,
            arrayMin(end -> if(end > moment1, end, 18446744073709551615), ends) AS next1,
            arrayMin(end -> if(end > moment2, end, 18446744073709551615), ends) AS next2,
            arrayMin(end -> if(end > moment3, end, 18446744073709551615), ends) AS next3
        FROM
        (
            SELECT
                toUInt64(bitShiftRight(first1, 64)) AS moment1, toUInt64(first1) AS rest1,
                toUInt64(bitShiftRight(first2, 64)) AS moment2, toUInt64(first2) AS rest2,
                toUInt64(bitShiftRight(first3, 64)) AS moment3, toUInt64(first3) AS rest3,
                ends
            FROM
            (
                SELECT
                    minIf(raise, place = 1) AS first1, minIf(raise, place = 2) AS first2, minIf(raise, place = 3) AS first3,
                    groupArrayIf(moment + (reason = 'joined'), place = 0) AS ends
                FROM
                (
                    SELECT
                        customer, reason,
                        if(signal = 'raised', indexOf(['cooling', 'at_risk', 'lapsed'], level), 0) AS place,
                        bitShiftLeft(toUInt64(toUnixTimestamp64Milli(at)), 22) + episode % 2097152 * 2 AS moment,
                        bitShiftLeft(toUInt128(moment + 1), 64) + bitShiftLeft(toUInt64(horizon_ms), 20) + indexOf(clocks.1, era) * 2 + holdout AS raise
                    FROM valid_level_changes
                )
                GROUP BY cityHash64(customer)
            )
        )
    )
    ARRAY JOIN [1, 2, 3] AS place, [moment1, moment2, moment3] AS moment, [rest1, rest2, rest3] AS rest, [next1, next2, next3] AS next
    WHERE moment > 0
)
GROUP BY level, holdout;
