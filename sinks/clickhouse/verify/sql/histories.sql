-- The histories of customers whom signals name, event by event. Time is cut into
-- slots of an eighth of the horizon, in binary fractions as the detector does it.
-- A slot is active from its first event that counts against silence on, unless
-- that is 64 slots behind the newest one by then. Late events are signs of life:
-- they tell of times and slots, and of nothing that adds up; of customers of whom
-- nothing else is known not if they are older than the horizon. Who left and came
-- again has a history of their own life each; see lives.sql. Who reads a message
-- or follows a link in it too soon for a person is a scanner, and tells nothing
-- but when it was.
--
-- Who was anonymous before brings a history with the record that says so. Its rows have
-- that record's sequence; see brought.sql, which takes it from the histories of those who
-- joined: these are derived first, with joining set. What is summed up so far, of rows
-- with one sequence, is that of all of them. A slot that both were active in counts once,
-- and so does a visit that went on while they said who they are. Trouble and its end, and
-- ratings that are not neutral, are those of the known one where there are any, else those
-- that were brought first.
INSERT INTO verify_histories (partition, customer, sequence, slot, marks, first, last, latest, visits, left, negatives, rating, messages, trouble, settled, heard, graded, came, ended, message, told, event, time, counted, weight, paid, currency)
SELECT
    partition, customer, sequence, slot, marks AND visit.2 > 0, first, last, latest, visits, left, negatives,
    if(own_rating != 0, own_rating, brought_rating), messages, trouble, settled, heard,
    if(own_rating != 0 OR brought_rating = 0, own_graded, brought_graded),
    came, ended, message, told, event, visit.1, counted, visit.2, if(visit.2 > 0, amount, 0), currency
FROM
(
    SELECT
        *,
        sumIf(rating, rated AND NOT brought) OVER rated_so_far AS own_rating,
        maxIf(graded, rated AND NOT brought) OVER rated_so_far AS own_graded,
        argMinIf(rating, sequence, rated AND brought) OVER rated_so_far AS brought_rating,
        argMinIf(graded, sequence, rated AND brought) OVER rated_so_far AS brought_graded,
        if(brought AND faded_by >= 0, paid * exp2(-(last - faded_by) / (2 * toFloat64({horizon:Int64}))), paid) AS amount,
        arrayJoin(multiIf(
            brought AND newest AND overlaps, [(time, 1), (least(joined_at, last), -1)],
            follows AND goes_on, [(time, 1), (time, -1)],
            [(time, 1)])) AS visit
    FROM
    (
        SELECT
            partition, customer, life, sequence, slot, marks, brought, newest, follows, goes_on, overlaps, joined_at, faded_by, rated, rating, graded, time, paid, currency,
            min(multiIf(brought, b.first, qualifying, time, 9223372036854775807)) OVER so_far AS first,
            max(multiIf(brought, b.last, qualifying, time, -1)) OVER so_far AS last,
            max(multiIf(brought, b.latest, ours OR scanned, -1, time)) OVER so_far AS latest,
            max(multiIf(brought, b.message, ours, intDiv(time, 2) * 2, 0)) OVER so_far AS message,
            least(sum(marks) OVER so_far, 65535) AS visits,
            max(multiIf(brought, b.ended, ends, time, -1)) OVER so_far AS ended,
            visits > 0 AND ended >= last AS left,
            least(sum(if(brought, b.negatives, toUInt64(negative))) OVER so_far, 65535) AS negatives,
            least(sent - max(if(advances, sent, 0)) OVER so_far, 65535) AS messages,
            max(multiIf(brought, b.trouble, negative, 32 * intDiv(time, 60000) + kind_of_trouble, 0)) OVER so_far AS trouble,
            if(brought, b.told, negative OR settles) AS tells,
            max(tells) OVER so_far AS told,
            argMaxIf(if(brought, b.settled, settles), (NOT brought, if(brought, -toInt64(sequence), toInt64(sequence))), tells) OVER so_far AS settled,
            argMaxIf(if(brought, b.heard, notice), (if(brought, b.latest, time), NOT brought, if(brought, -toInt64(sequence), toInt64(sequence))),
                if(brought, b.latest >= 0, NOT ours AND NOT scanned)) OVER so_far AS heard,
            max(if(brought, b.came, qualifying AND paid <= 0)) OVER so_far AS came,
            (qualifying, ours, scanned, ends, negative, kind_of_trouble, settles, notice, rated, rating, graded) AS event,
            sum(rated AND NOT brought) OVER so_far AS ratings,
            if(brought, b.counted AND (marks OR NOT late), qualifying AND (marks OR NOT late AND time >= before AND (before < 0 OR toFloat64(time - before) * (1 / toFloat64({horizon:Int64})) > 0.01))) AS counted
        FROM
        (
            SELECT
                *,
                sum(contacts) OVER so_far AS sent,
                max(multiIf(brought, b.last, qualifying, time, -1)) OVER earlier AS newest_before,
                row_number() OVER (PARTITION BY customer, life, qualifying ORDER BY sequence) = 1 AS first_of_both,
                if(first_of_both, -1, newest_before) AS before,
                if(brought, b.last, if(qualifying, time, -1)) > newest_before AS advances,
                row_number() OVER (PARTITION BY customer, life, qualifying, slot ORDER BY sequence) = 1 AS first_of_slot,
                slot > max(if(qualifying, slot, -1)) OVER so_far - 64 AS recent,
                qualifying AND recent AND NOT first_of_slot AS overlaps,
                overlaps AND time >= newest_before AND toInt64(toFloat64(newest_before) * (8 / toFloat64({horizon:Int64}))) = slot
                    AND (time - newest_before) * (1 / toFloat64({horizon:Int64})) <= 0.01 AS goes_on,
                qualifying AND if(brought AND NOT late, NOT overlaps, first_of_slot AND recent) AS marks
            FROM
            (
                SELECT
                    partition, customer, life, sequence, time, engages AND NOT scanned AS qualifying, ends, negative, contacts, kind_of_trouble, settles,
                    if(scanned, 0, noticed) AS notice, rated, rating, graded, late, paid, currency, ours, scanned, brought, newest, follows, joined_at, faded_by, b,
                    if(brought, slot_before, toInt64(toFloat64(time) * (8 / toFloat64({horizon:Int64})))) AS slot
                FROM
                (
                    -- Times of minutes or days can't tell.
                    SELECT
                        *,
                        max(multiIf(brought, b.message, ours, intDiv(time, 2) * 2, 0)) OVER earlier AS message,
                        NOT brought AND reacts AND {scanner:Int64} > 0 AND message > 0 AND time <= message + {scanner:Int64}
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
                                WITH
                                    'Tuple(first Int64, last Int64, latest Int64, negatives UInt64, counted Bool, trouble Int64, told Bool, settled Bool, heard UInt8, came Bool, ended Int64, message Int64)' AS of_whole,
                                    CAST((0, 0, 0, 0, false, 0, false, false, 0, false, 0, 0), of_whole) AS none
                                SELECT partition, customer, sequence, time, qualifying AS engages, ends, negative, contacts, trouble AS kind_of_trouble, settles, notice AS noticed, rated, rating, graded, true AS fresh, false AS late, paid, toString(currency) AS currency, kind IN ('passive', 'micro') AND channel IN ('email', 'sms', 'whatsapp', 'rcs', 'push') AND NOT negative AS reacts, kind = 'exposure' AS ours,
                                    false AS brought, toInt64(0) AS slot_before, false AS newest, false AS follows, toInt64(0) AS joined_at, toInt64(-1) AS faded_by, none AS b
                                FROM verify_accepted
                                WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
                                  AND kind != 'machine'
                                  AND span = {span:UInt32}
                                UNION ALL
                                SELECT p.partition, v.customer, p.sequence, p.time, p.qualifying, p.ends, false, false, 0, false, 0, false, 0, false, p.time >= p.clock - {horizon:Int64}, true, 0, '', p.kind IN ('passive', 'micro') AND p.channel IN ('email', 'sms', 'whatsapp', 'rcs', 'push') AND NOT p.negative, p.kind = 'exposure',
                                    false, 0, false, false, 0, -1, none
                                FROM verify_parsed AS p
                                INNER JOIN verify_verdicts AS v ON p.partition = v.partition AND p.sequence = v.sequence
                                INNER JOIN verify_horizon AS h ON p.partition = h.partition
                                WHERE p.partition BETWEEN {low:UInt16} AND {high:UInt16}
                                  AND v.partition BETWEEN {low:UInt16} AND {high:UInt16}
                                  AND v.verdict = 'late'
                                  AND p.kind != 'machine'
                                  AND p.sequence <= h.sequence
                                  AND p.span = {span:UInt32}
                                UNION ALL
                                SELECT partition, customer, sequence, time, marks, false, false, false, 0, false, 0, whole AND rating != 0, rating, graded, false, late, paid, toString(currency), false, false,
                                    true, slot, newest, follows, joined_at, faded_by, CAST((first, last, latest, negatives, counted, trouble, told, settled, heard, came, ended, message), of_whole)
                                FROM verify_brought
                                WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
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
                          WHERE NOT {joining:Bool} AND customer_id IN (SELECT customer FROM signals WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND era = fromUnixTimestamp64Milli({era:Int64}, 'UTC'))
                          UNION ALL
                          SELECT customer
                          FROM verify_left
                          WHERE {joining:Bool}
                      )
                    WINDOW earlier AS (PARTITION BY customer, life ORDER BY sequence RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                )
            )
            WINDOW
                so_far AS (PARTITION BY customer, life ORDER BY sequence RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
                earlier AS (PARTITION BY customer, life ORDER BY sequence RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        )
        WINDOW so_far AS (PARTITION BY customer, life ORDER BY sequence RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
    WINDOW rated_so_far AS (PARTITION BY customer, life, ratings ORDER BY sequence RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
