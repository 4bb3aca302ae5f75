-- What customers bring with them who were anonymous, from the histories of those who
-- joined; see verify_brought. Those of another span than the record that says so are left
-- out: see crossing.sql. Whoever had left by then brings nothing.
INSERT INTO verify_brought (partition, customer, sequence, slot, marks, counted, newest, joined_at, follows, time, paid, faded_by, currency, whole, first, last, latest, negatives, rating, graded, trouble, told, settled, heard, came, ended, message)
SELECT
    partition, customer, moved, slot, marks, counted,
    last >= 0 AND slot = toInt64(toFloat64(last) * per_slot) AND slot = toInt64(toFloat64(joined_at) * per_slot)
        AND abs(joined_at - last) * (1 / toFloat64({horizon:Int64})) <= 0.01,
    joined_at, false, time, paid, if(engaged < 0, -1, greatest(paid_at, engaged)), currency, whole,
    if(whole, first, 9223372036854775807), if(whole, last, -1), if(whole, latest, -1), if(whole, negatives, 0),
    if(whole, rating, 0), whole AND graded, if(whole, trouble, 0), whole AND told, whole AND settled, if(whole, heard, 0),
    whole AND came, if(whole, ended, -1), if(whole, message, 0)
FROM
(
    WITH 8 / toFloat64({horizon:Int64}) AS per_slot
    SELECT
        j.partition AS partition, j.customer AS customer, j.sequence AS moved, j.joined_at AS joined_at, per_slot,
        h.slot AS slot, h.marks AS marks, h.counted AS counted, h.time AS time, h.paid AS paid, toString(h.currency) AS currency, h.last AS paid_at,
        minIf(h.last, h.counted) OVER brings AS known_from,
        if(countIf(h.counted) OVER brings > 0, known_from, -1) AS engaged,
        row_number() OVER (PARTITION BY j.partition, j.customer, j.sequence ORDER BY h.sequence DESC) = 1 AS whole,
        min(h.first) OVER brings AS first, max(h.last) OVER brings AS last, max(h.latest) OVER brings AS latest,
        max(h.negatives) OVER brings AS negatives, max(h.trouble) OVER brings AS trouble, max(h.told) OVER brings AS told,
        argMax(h.rating, h.sequence) OVER brings AS rating, argMax(h.graded, h.sequence) OVER brings AS graded,
        argMax(h.settled, h.sequence) OVER brings AS settled, argMax(h.heard, h.sequence) OVER brings AS heard,
        max(h.came) OVER brings AS came, max(h.ended) OVER brings AS ended, max(h.message) OVER brings AS message
    FROM
    (
        SELECT b.partition AS partition, b.customer AS customer, b.sequence AS sequence, m.origin AS origin, l.customer AS anonymous, m.joined AS joined, m.at AS joined_at, a.sequence AS begins
        FROM verify_heard_before AS b
        INNER JOIN verify_moved AS m ON b.partition = m.partition AND b.sequence = m.sequence
        INNER JOIN verify_left AS l ON m.origin = l.partition AND m.joined = l.sequence
        ASOF LEFT JOIN (SELECT partition, customer, sequence FROM verify_lives WHERE begins) AS a
            ON l.partition = a.partition AND l.customer = a.customer AND l.sequence >= a.sequence
        WHERE b.span = {span:UInt32}
    ) AS j
    INNER JOIN verify_histories AS h ON j.origin = h.partition AND j.anonymous = h.customer
    WHERE h.sequence < j.joined AND h.sequence >= j.begins
    WINDOW brings AS (PARTITION BY j.partition, j.customer, j.sequence)
)
WHERE whole OR marks OR counted OR paid != 0
;

-- And each event that follows them later.
INSERT INTO verify_brought (partition, customer, sequence, slot, marks, counted, newest, joined_at, follows, late, time, paid, faded_by, currency, whole, first, last, latest, negatives, rating, graded, trouble, told, settled, heard, came, ended, message)
SELECT
    b.partition, b.customer, b.sequence, h.slot, e.qualifying, e.qualifying, false, 0, true, (m.origin, m.joined) IN (SELECT partition, sequence FROM verify_verdicts WHERE verdict = 'late'), h.time, h.paid, if(e.qualifying, h.time, -1), toString(h.currency), true,
    if(e.qualifying, h.time, 9223372036854775807), if(e.qualifying, h.time, -1), if(e.ours OR e.scanned, -1, h.time), e.negative,
    if(e.rated, e.rating, 0), e.rated AND e.graded, if(e.negative, 32 * intDiv(h.time, 60000) + e.trouble, 0), e.negative OR e.settles, e.settles, e.notice,
    e.qualifying AND h.paid <= 0, if(e.ends, h.time, -1), if(e.ours, intDiv(h.time, 2) * 2, 0)
FROM verify_heard_before AS b
INNER JOIN verify_moved AS m ON b.partition = m.partition AND b.sequence = m.sequence
INNER JOIN
(
    SELECT *, event AS e
    FROM verify_histories
) AS h ON m.origin = h.partition AND m.joined = h.sequence
WHERE m.anonymous != '' AND b.span = {span:UInt32}
