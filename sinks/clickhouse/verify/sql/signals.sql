-- Table signals, without the levels and risks themselves: no episode is missing
-- or there twice, but for one alert beside its change of level, each is of a
-- customer who has engaged, the times are those of the moment that it names, it
-- says whether the customer had left before, and its reasons stand in their order
-- and all speak for the signal.
SELECT
    countIf(known AND NOT again) AS compared,
    toUInt64(sum(gap)) AS missing,
    countIf(again OR NOT known) AS extra,
    countIf(known AND NOT again AND row != got) AS different,
    groupArrayIf(5)(
        format('customer {}, episode {}: last event, silence, horizon, time, return and order of reasons {}, want {}; {} episodes missing before',
            customer, toString(episode), toString(got), toString(row), toString(gap)),
        gap > 0 OR again OR NOT known OR row != got) AS examples
FROM
(
    SELECT
        s.customer AS customer, s.episode AS episode, m.visits > 0 AS known,
        row_number() OVER (PARTITION BY s.customer, s.episode, s.signal = 'alert' ORDER BY s.level, s.signal) > 1 AS again,
        greatest(0, toInt64(s.episode) - greatest(b.base, lagInFrame(toInt64(s.episode), 1, 0)
            OVER (PARTITION BY s.customer ORDER BY s.episode ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) - 1) AS gap,
        (toUnixTimestamp64Milli(s.last_event), s.silent_ms, s.horizon_ms, toUnixTimestamp64Milli(s.at), s.returned, s.reason_log_odds) AS got,
        (
            m.last, toUnixTimestamp64Milli(s.at) - m.last, {horizon:Int64},
            least(greatest(toUnixTimestamp64Milli(s.at), m.clock), m.until), b.sequence > 0,
            if(s.signal != 'cleared', arrayReverseSort(arrayFilter(part -> part >= 0, s.reason_log_odds)), arraySort(arrayFilter(part -> part <= 0, s.reason_log_odds)))
        ) AS row
    FROM (SELECT * REPLACE (sequence * 4096 + row AS sequence) FROM verify_signals(span = {span:UInt32}) WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(at) >= {since:Int64})) AS s
    LEFT JOIN
    (
        SELECT *
        FROM verify_moments
        WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
    ) AS m ON s.partition = m.partition AND s.customer = m.customer_id AND s.sequence = m.sequence
    -- Who has returned counts on from the minute of it.
    ASOF LEFT JOIN
    (
        SELECT l.partition AS partition, c.customer_id AS customer_id, l.sequence AS sequence, intDiv(l.clock, 60000) AS base
        FROM verify_lives AS l
        INNER JOIN verify_customers AS c ON l.customer = c.customer
        WHERE l.partition BETWEEN {low:UInt16} AND {high:UInt16} AND l.begins
    ) AS b ON s.partition = b.partition AND s.customer = b.customer_id AND s.sequence >= b.sequence
)
