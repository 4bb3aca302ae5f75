-- What was kept of an anonymous customer for metrics goes to the known one, with the record
-- that says so, if the known one is there: what the events of their present life say that
-- came before the record of the join, of columns that are kept in both partitions; and
-- so does what each event says that follows them later. Of
-- payments it is those in the currency of the first. See metric.StateColumn.
INSERT INTO verify_carried (partition, sequence, customer, in_force, life, since, place, config, time, type, kind, channel, device, negative, stage, paid, currency, rated, rating, progress, seen, engaged, staged, spent, channels, member, deeds, in_stage, on_channel)
SELECT
    * EXCEPT (own, counted, paying, newest_stage, newest_channel) REPLACE (if(currency = paying, spent, -1) AS spent),
    staged >= 0 AND place = newest_stage, channels >= 0 AND channel != 'none' AND place = newest_channel
FROM
(
    SELECT
        *,
        argMinIf(toString(currency), place, spent >= 0) OVER moved AS paying,
        maxIf(place, staged >= 0) OVER moved AS newest_stage,
        maxIf(place, channels >= 0 AND channel != 'none') OVER moved AS newest_channel
    FROM
    (
        SELECT
            m.partition AS partition, m.sequence AS sequence, m.customer AS customer, m.in_force AS in_force, m.life AS life, m.since AS since,
            e.sequence AS place, e.config AS config, e.time AS time, e.type AS type, e.kind AS kind, e.channel AS channel, e.device AS device,
            e.negative AS negative, e.stage AS stage, multiIf(e.money > 0, e.value, e.money < 0, -abs(e.value), 0) AS paid, e.currency AS currency,
            e.rated AS rated, e.rating AS rating, e.progress AS progress,
            e.kind != 'exposure' AS own,
            arrayMap((counts, from, to) -> if(counts AND from >= 0 AND to >= 0 AND toInt64(e.sequence) >= from, to, -1),
                [own, own AND e.qualifying, own AND e.stage != 'none' AND NOT e.negative, paid != 0, own, e.type IN ('loyalty.enrolled', 'points.earned', 'points.redeemed'), own],
                m.begun_there, m.begun) AS counted,
            counted[1] AS seen, counted[2] AS engaged, counted[3] AS staged, counted[4] AS spent, counted[5] AS channels, counted[6] AS member, counted[7] AS deeds
        FROM verify_accepted AS e
        INNER JOIN
        (
            SELECT
                w.origin AS origin, w.anonymous AS anonymous, w.joined AS joined, w.life_there AS life_there, w.follows AS follows,
                w.partition AS partition, w.sequence AS sequence, w.customer AS customer, w.in_force AS in_force, w.life AS life, l.since AS since,
                [a.seen, a.engaged, a.stage, a.spent, a.channels, a.member, a.deeds] AS begun_there,
                [b.seen, b.engaged, b.stage, b.spent, b.channels, b.member, b.deeds] AS begun
            FROM
            (
                SELECT v.*, n.sequence AS life
                FROM
                (
                    SELECT u.*, o.sequence AS life_there
                    FROM
                    (
                        SELECT
                            l.partition AS origin, l.customer AS anonymous, l.sequence AS joined, m.partition AS partition, m.sequence AS sequence, k.customer AS customer,
                            c.clock AS clock, c.config AS in_force, f.config AS in_force_there, false AS follows
                        FROM verify_left AS l
                        INNER JOIN verify_moved AS m ON l.partition = m.origin AND l.sequence = m.joined
                        INNER JOIN verify_joined AS j ON l.partition = j.partition AND l.sequence = j.sequence
                        INNER JOIN verify_customers AS k ON j.known = k.customer_id AND m.partition = k.home
                        INNER JOIN verify_clocks AS c ON m.partition = c.partition AND m.sequence = c.sequence
                        INNER JOIN verify_clocks AS f ON l.partition = f.partition AND l.sequence = f.sequence
                        UNION ALL
                        SELECT
                            m.origin, n.customer, m.joined, m.partition, m.sequence, a.customer, c.clock, c.config, f.config, true
                        FROM verify_moved AS m
                        INNER JOIN verify_arrived AS a ON m.partition = a.partition AND m.sequence = a.sequence
                        INNER JOIN verify_customers AS n ON m.anonymous = n.customer_id
                        INNER JOIN verify_clocks AS c ON m.partition = c.partition AND m.sequence = c.sequence
                        INNER JOIN verify_clocks AS f ON m.origin = f.partition AND m.joined = f.sequence
                        WHERE m.anonymous != ''
                    ) AS u
                    ASOF LEFT JOIN verify_lived AS o ON u.origin = o.partition AND u.anonymous = o.customer AND u.joined >= o.sequence
                ) AS v
                ASOF LEFT JOIN verify_lived AS n ON v.partition = n.partition AND v.customer = n.customer AND v.sequence >= n.sequence
            ) AS w
            ASOF INNER JOIN verify_lifetimes AS l ON w.partition = l.partition AND w.customer = l.customer AND w.sequence >= l.since
            INNER JOIN verify_configs AS s ON w.in_force = s.version
            INNER JOIN verify_begun AS a ON w.origin = a.partition AND w.in_force_there = a.config
            INNER JOIN verify_begun AS b ON w.partition = b.partition AND w.in_force = b.config
            WHERE w.sequence < l.next AND w.clock < l.heard + s.stay
        ) AS m ON e.partition = m.origin AND e.customer = m.anonymous
        WHERE if(m.follows, e.sequence = m.joined, e.sequence < m.joined AND e.life = m.life_there) AND e.kind != 'machine'
    )
    WINDOW moved AS (PARTITION BY partition, sequence)
)
