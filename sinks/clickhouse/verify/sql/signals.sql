-- Table signals, without the levels and risks themselves: no episode is missing
-- or there twice, but for one alert beside its change of level, each is of a
-- customer who has engaged, the times are those of the moment that it names, it
-- says whether the customer had left before, and its reasons stand in their order
-- and all speak for the signal. Of who has joined a known customer nothing comes behind
-- the record that says so; what stands there is cleared with it, and says whose it was.
SELECT
    countIf(known AND NOT again) AS compared,
    toUInt64(sum(gap + stands)) AS missing,
    countIf(again OR NOT known) AS extra,
    countIf(known AND NOT again AND row != got) AS different,
    groupArrayIf(5)(
        format('customer {}, episode {}: last event, silence, horizon, time, return, whose and order of reasons {}, want {}; {} episodes missing before, and {} behind',
            customer, toString(episode), toString(got), toString(row), toString(gap), toString(stands)),
        gap + stands > 0 OR again OR NOT known OR row != got) AS examples
FROM
(
    SELECT
        s.customer AS customer, s.episode AS episode, m.visits > 0 AND (j.sequence = 0 OR s.sequence <= j.sequence) AS known,
        row_number() OVER (PARTITION BY s.customer, s.episode, s.signal = 'alert' ORDER BY s.level, s.signal) > 1 AS again,
        greatest(0, toInt64(s.episode) - greatest(b.base, lagInFrame(toInt64(s.episode), 1, 0)
            OVER (PARTITION BY s.customer ORDER BY s.episode ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) - 1) AS gap,
        -- Who had not left yet by the time of the record, as far as the signal tells.
        s.level != 'healthy' AND s.signal != 'alert' AND j.sequence > s.sequence AND j.span = {span:UInt32}
            AND ({stay_anonymous:Int64} = 0 OR j.clock < toUnixTimestamp64Milli(s.last_event) + {stay_anonymous:Int64})
            AND s.episode = max(s.episode) OVER (PARTITION BY s.customer) AS stands,
        (toUnixTimestamp64Milli(s.last_event), s.silent_ms, s.horizon_ms, toUnixTimestamp64Milli(s.at), s.returned, s.joined, s.reason_log_odds) AS got,
        (
            m.last, toUnixTimestamp64Milli(s.at) - m.last, {horizon:Int64},
            least(greatest(toUnixTimestamp64Milli(s.at), m.clock), m.until), b.sequence > 0, if(s.sequence = j.sequence AND s.signal = 'cleared', j.known, ''),
            if(s.signal != 'cleared', arrayReverseSort(arrayFilter(part -> part >= 0, s.reason_log_odds)), arraySort(arrayFilter(part -> part <= 0, s.reason_log_odds)))
        ) AS row
    FROM (SELECT * REPLACE (sequence * 4096 + row AS sequence) FROM verify_signals(span = {span:UInt32}) WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(at) >= {since:Int64})) AS s
    LEFT JOIN
    (
        SELECT *
        FROM verify_moments
        WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
    ) AS m ON s.partition = m.partition AND s.customer = m.customer_id AND s.sequence = m.sequence
    LEFT JOIN
    (
        SELECT w.partition AS partition, w.customer_id AS customer_id, w.sequence AS sequence, w.known AS known, k.clock AS clock, k.span AS span
        FROM verify_joined AS w
        INNER JOIN verify_clocks AS k ON w.partition = k.partition AND w.sequence = k.sequence
        WHERE w.partition BETWEEN {low:UInt16} AND {high:UInt16}
    ) AS j ON s.partition = j.partition AND s.customer = j.customer_id
    -- Who has returned counts on from the minute of it.
    ASOF LEFT JOIN
    (
        SELECT l.partition AS partition, c.customer_id AS customer_id, l.sequence AS sequence, intDiv(l.clock, 60000) AS base
        FROM verify_lives AS l
        INNER JOIN verify_customers AS c ON l.customer = c.customer
        WHERE l.partition BETWEEN {low:UInt16} AND {high:UInt16} AND l.begins
    ) AS b ON s.partition = b.partition AND s.customer = b.customer_id AND s.sequence >= b.sequence
)
