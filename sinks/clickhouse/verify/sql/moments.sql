-- Each customer and sequence that signals name, with what the accepted and late
-- events up to that sequence tell. recent are the active slots among the eight up to that
-- of the latest event that counts against silence, before those among the eight
-- before these, and visits_recent and visits_before the visits in them.
INSERT INTO verify_moments (partition, customer_id, sequence, config, clock, until, first, last, latest, visits, left, negatives, rating, messages, trouble, settled, heard, graded, came, ended, recent, before, visits_recent, visits_before)
SELECT
    partition, customer_id, sequence, any(config), any(clock), any(until),
    any(first), any(last), any(latest), any(visits), any(left),
    any(negatives), any(rating), any(messages),
    any(trouble), any(settled), any(heard), any(graded), any(came), any(ended),
    sumIf(marked, back < 8), sumIf(marked, back >= 8),
    sumIf(least(visits_of, 15), back < 8), sumIf(least(visits_of, 15), back >= 8)
FROM
(
    SELECT
        told.partition AS partition, told.customer_id AS customer_id, told.sequence AS sequence, told.back AS back,
        any(k.config) AS config, any(k.clock) AS clock, any(k.until) AS until,
        any(told.first) AS first, any(told.last) AS last, any(told.latest) AS latest, any(told.visits) AS visits, any(told.left) AS left,
        any(told.negatives) AS negatives, any(told.rating) AS rating, any(told.messages) AS messages,
        any(told.trouble) AS trouble, any(told.settled) AS settled, any(told.heard) AS heard, any(told.graded) AS graded, any(told.came) AS came, any(told.ended) AS ended,
        countIf(active.marks AND active.sequence <= told.sequence) AS marked,
        sumIf(active.weight, active.sequence > 0 AND active.sequence <= told.sequence) AS visits_of
    FROM
(
    SELECT
        n.partition AS partition, n.customer_id AS customer_id, n.customer AS customer, n.sequence AS sequence,
        h.first AS first, h.last AS last, h.latest AS latest, h.visits AS visits, h.left AS left,
        h.negatives AS negatives, h.rating AS rating, h.messages AS messages,
        h.trouble AS trouble, h.settled AS settled, h.heard AS heard, h.graded AS graded, h.came AS came, h.ended AS ended,
        arrayJoin(range(16)) AS back,
        toInt64(toFloat64(h.last) * (8 / toFloat64({horizon:Int64}))) - back AS slot
    FROM
    (
        SELECT DISTINCT s.partition AS partition, s.customer AS customer_id, c.customer AS customer, s.sequence * 4096 + s.row AS sequence
        FROM signals AS s
        INNER JOIN verify_customers AS c ON s.customer = c.customer_id
        WHERE s.partition BETWEEN {low:UInt16} AND {high:UInt16} AND s.era = fromUnixTimestamp64Milli({era:Int64}, 'UTC')
    ) AS n
    ASOF INNER JOIN
    (
        SELECT *
        FROM verify_histories
        WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND visits > 0
    ) AS h ON n.partition = h.partition AND n.customer = h.customer AND n.sequence >= h.sequence
) AS told
LEFT JOIN
(
    SELECT customer, slot, sequence, marks, weight
    FROM verify_histories
    WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND counted
) AS active ON told.customer = active.customer AND told.slot = active.slot
LEFT JOIN
(
    SELECT
        partition, sequence, config, clock,
        leadInFrame(clock, 1, 9223372036854775807) OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS until
    FROM verify_clocks
    WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
) AS k ON told.partition = k.partition AND told.sequence = k.sequence
GROUP BY told.partition, told.customer_id, told.sequence, told.back
)
GROUP BY partition, customer_id, sequence
