-- The histories of customers whom signals name, event by event. Time is cut into
-- slots of an eighth of the horizon, in binary fractions as the detector does it.
-- A slot is active from its first event that counts against silence on, unless
-- that is 64 slots behind the newest one by then. Late events are signs of life:
-- they tell of times and slots, and of nothing that adds up; of customers of whom
-- nothing else is known not if they are older than the horizon. Who left and came
-- again has a history of their own life each; see lives.sql. Who reads a message
-- or follows a link in it too soon for a person is a scanner, and tells nothing
-- but when it was.
INSERT INTO verify_histories (partition, customer, sequence, slot, marks, first, last, latest, visits, left, negatives, rating, messages, trouble, settled, heard, graded, came, ended, time, counted, paid, currency)
SELECT
    partition, customer, sequence, slot, marks,
    min(if(qualifying, time, 9223372036854775807)) OVER so_far AS first,
    max(if(qualifying, time, -1)) OVER so_far AS last,
    max(if(ours OR scanned, -1, time)) OVER so_far AS latest,
    least(sum(marks) OVER so_far, 65535) AS visits,
    visits > 0 AND max(if(ends, time, -1)) OVER so_far >= last AS left,
    least(sum(negative) OVER so_far, 65535) AS negatives,
    argMaxIf(rating, sequence, rated) OVER so_far AS newest,
    least(sent - max(if(advances, sent, 0)) OVER so_far, 65535) AS messages,
    max(if(negative, 32 * intDiv(time, 60000) + kind_of_trouble, 0)) OVER so_far AS trouble,
    argMaxIf(settles, sequence, negative OR settles) OVER so_far AS settled,
    argMaxIf(notice, (time, sequence), NOT ours AND NOT scanned) OVER so_far AS heard,
    argMaxIf(graded, sequence, rated) OVER so_far AS newest_graded,
    max(qualifying AND paid <= 0) OVER so_far AS came,
    max(if(ends, time, -1)) OVER so_far AS ended,
    time,
    qualifying AND (marks OR NOT late AND time >= before AND (before < 0 OR toFloat64(time - before) * (1 / toFloat64({horizon:Int64})) > 0.01)) AS counted,
    paid, currency
FROM
(
    SELECT
        partition, customer, life, sequence, time, qualifying, ends, negative, kind_of_trouble, settles, notice, rated, rating, graded, slot, late, paid, currency, ours, scanned,
        sum(contacts) OVER (PARTITION BY customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS sent,
        max(if(qualifying, time, -1)) OVER (PARTITION BY customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest_before,
        row_number() OVER (PARTITION BY customer, life, qualifying ORDER BY sequence) = 1 AS first_of_both,
        if(first_of_both, -1, newest_before) AS before,
        qualifying AND time > newest_before AS advances,
        qualifying
            AND row_number() OVER (PARTITION BY customer, life, qualifying, slot ORDER BY sequence) = 1
            AND slot > max(if(qualifying, slot, -1)) OVER (PARTITION BY customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - 64 AS marks
    FROM
    (
        SELECT partition, customer, life, sequence, time, engages AND NOT scanned AS qualifying, ends, negative, contacts, kind_of_trouble, settles, if(scanned, 0, noticed) AS notice, rated, rating, graded, late, paid, currency, ours, scanned, toInt64(toFloat64(time) * (8 / toFloat64({horizon:Int64}))) AS slot
        FROM
        (
            -- Times of minutes or days can't tell.
            SELECT
                *,
                max(if(ours, intDiv(time, 2) * 2, 0)) OVER earlier AS message,
                reacts AND {scanner:Int64} > 0 AND message > 0 AND time <= message + {scanner:Int64}
                    AND (time > message OR time = message AND time % 60000 != 0) AS scanned
            FROM
            (
                SELECT
                    *,
                    sum(begins) OVER (PARTITION BY customer ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS life,
                    max(fresh) OVER (PARTITION BY customer ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS known
                FROM
                (
                    SELECT e.*, l.sequence > 0 AND l.begins AS begins
                    FROM
                    (
                        SELECT partition, customer, sequence, time, qualifying AS engages, ends, negative, contacts, trouble AS kind_of_trouble, settles, notice AS noticed, rated, rating, graded, true AS fresh, false AS late, paid, toString(currency) AS currency, kind IN ('passive', 'micro') AND channel IN ('email', 'sms', 'whatsapp', 'rcs', 'push') AND NOT negative AS reacts, kind = 'exposure' AS ours
                        FROM verify_accepted
                        WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
                          AND kind != 'machine'
                          AND span = {span:UInt32}
                        UNION ALL
                        SELECT p.partition, v.customer, p.sequence, p.time, p.qualifying, p.ends, false, false, 0, false, 0, false, 0, false, p.time >= p.clock - {horizon:Int64}, true, 0, '', p.kind IN ('passive', 'micro') AND p.channel IN ('email', 'sms', 'whatsapp', 'rcs', 'push') AND NOT p.negative, p.kind = 'exposure'
                        FROM verify_parsed AS p
                        INNER JOIN verify_verdicts AS v ON p.partition = v.partition AND p.sequence = v.sequence
                        INNER JOIN verify_horizon AS h ON p.partition = h.partition
                        WHERE p.partition BETWEEN {low:UInt16} AND {high:UInt16}
                          AND v.partition BETWEEN {low:UInt16} AND {high:UInt16}
                          AND v.verdict = 'late'
                          AND p.kind != 'machine'
                          AND p.sequence <= h.sequence
                          AND p.span = {span:UInt32}
                    ) AS e
                    LEFT JOIN
                    (
                        SELECT customer, sequence, begins
                        FROM verify_lives
                        WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
                    ) AS l ON e.customer = l.customer AND e.sequence = l.sequence
                    WHERE l.sequence = 0 OR l.begins
                )
            )
            WHERE known
              AND customer NOT IN (SELECT customer FROM verify_crossing WHERE span = {span:UInt32})
              AND customer IN
              (
                  SELECT customer
                  FROM verify_customers
                  WHERE customer_id IN (SELECT customer FROM signals WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND era = fromUnixTimestamp64Milli({era:Int64}, 'UTC'))
              )
            WINDOW earlier AS (PARTITION BY customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        )
    )
)
WINDOW so_far AS (PARTITION BY customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
