-- With which events customers begin anew after they have left: what is kept of them,
-- such as the columns that metrics read, begins with zeroes there. It is of all
-- configurations: each event and each change is judged by what was in force when it
-- came. See lives.sql, which tells the same for signals, span by span.
INSERT INTO verify_lived (partition, customer, sequence)
SELECT partition, customer, arrayJoin((arrayFold(
    (s, e) -> (
        -- When they were heard of last: -1 for nobody.
        multiIf(
            NOT e.9 OR NOT (s.1 >= 0 AND e.2 < s.1 + e.5 OR e.4), if(s.1 >= 0 AND e.2 >= s.1 + e.5, -1, s.1),
            -- A scanner followed a message.
            e.7 AND e.8 > 0 AND s.3 > 0 AND e.2 < s.1 + e.5 AND e.3 <= s.3 + e.8 AND (e.3 > s.3 OR e.3 = s.3 AND e.3 % 60000 != 0), s.1,
            greatest(if(s.1 >= 0 AND e.2 >= s.1 + e.5, -1, s.1), if(e.6, intDiv(e.3, 2) * 2, e.3))),
        if(e.9 AND e.4 AND (s.1 >= 0 AND e.2 >= s.1 + e.5 OR s.1 < 0 AND s.4), arrayPushBack(s.2, e.1), s.2),
        -- The newest message.
        greatest(if(s.1 >= 0 AND e.2 >= s.1 + e.5, 0, s.3), if(e.9 AND e.6 AND (s.1 >= 0 AND e.2 < s.1 + e.5 OR e.4), intDiv(e.3, 2) * 2, 0)),
        -- Whether they have left before.
        toUInt8(s.4 OR s.1 >= 0 AND e.2 >= s.1 + e.5)
    ),
    arraySort(arrayConcat(events, arrayMap(c -> (c.1, c.2, toInt64(0), toUInt8(0), if(anonymous, c.4, c.3), toUInt8(0), toUInt8(0), toInt64(0), toUInt8(0)), changes))),
    (toInt64(-1), CAST([], 'Array(UInt64)'), toInt64(0), toUInt8(0))) AS folded).2)
FROM
(
    SELECT
        partition, customer, any(anonymous) AS anonymous,
        groupArray((sequence, clock, time, fresh, stay, ours, reacts, scanner, toUInt8(1))) AS events
    FROM
    (
        SELECT
            p.partition AS partition, v.customer AS customer, p.sequence AS sequence, p.clock AS clock, p.time AS time, f.scanner AS scanner,
            startsWith(p.customer_id, 'anonymous:') AS anonymous,
            toUInt8(p.kind = 'exposure') AS ours,
            toUInt8(p.kind IN ('passive', 'micro') AND p.channel IN ('email', 'sms', 'whatsapp', 'rcs', 'push') AND NOT p.negative) AS reacts,
            toUInt8(v.verdict = '' OR p.time >= p.clock - f.horizon) AS fresh,
            if(anonymous, f.stay_anonymous, f.stay) AS stay
        FROM verify_parsed AS p
        INNER JOIN verify_verdicts AS v ON p.partition = v.partition AND p.sequence = v.sequence
        INNER JOIN verify_horizon AS h ON p.partition = h.partition
        INNER JOIN verify_configs AS f ON p.config = f.version
        WHERE p.partition BETWEEN {low:UInt16} AND {high:UInt16}
          AND v.partition BETWEEN {low:UInt16} AND {high:UInt16}
          AND v.verdict IN ('', 'late')
          AND p.kind != 'machine'
          AND p.sequence <= h.sequence
        UNION ALL
        SELECT b.partition, b.customer, b.sequence, b.clock, b.at.1, f.scanner, false, toUInt8(b.at.2), toUInt8(0), toUInt8(0), f.stay
        FROM
        (
            SELECT partition, customer, sequence, clock, config, arrayJoin([(heard, false), (message, true)]) AS at
            FROM verify_heard_before
            WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
        ) AS b
        INNER JOIN verify_horizon AS h ON b.partition = h.partition
        INNER JOIN verify_configs AS f ON b.config = f.version
        WHERE b.sequence <= h.sequence AND b.at.1 > 0
    )
    GROUP BY partition, customer
    HAVING max(clock) >= min(time) + (SELECT least(min(stay), min(stay_anonymous)) FROM verify_configs)
) AS e
LEFT JOIN
(
    -- Whoever has left by the former rules has left.
    SELECT k.partition AS partition, groupArray((k.sequence, k.clock, f.stay, f.stay_anonymous)) AS changes
    FROM
    (
        SELECT partition, sequence, clock, lagInFrame(config, 1, {version:UInt64}) OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS former
        FROM verify_clocks
        WHERE changes AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    ) AS k
    INNER JOIN verify_configs AS f ON k.former = f.version
    GROUP BY k.partition
) AS k ON e.partition = k.partition
