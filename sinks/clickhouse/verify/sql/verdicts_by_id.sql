-- What becomes of each event where duplicates are told by id alone. Of those
-- that are in time, each with a new customer and id counts, and is remembered
-- until the slice of its clock lies before the time to keep.
INSERT INTO verify_verdicts (partition, sequence, verdict, customer)
WITH judged AS
(
    SELECT
        p.partition AS partition, p.sequence AS sequence, p.id AS id, p.clock AS clock, c.customer AS customer,
        multiIf(
            p.verdict != '', p.verdict,
            c.home != p.partition, 'misrouted',
            p.time > p.clock + p.skew, 'too_far_ahead',
            p.time < p.watermark, 'late',
            ''
        ) AS judged
    FROM verify_parsed AS p
    LEFT JOIN verify_customers AS c ON p.customer_id = c.customer_id
    WHERE p.partition BETWEEN {low:UInt16} AND {high:UInt16}
)
SELECT
    judged.partition, judged.sequence,
    if(judged.judged = '' AND counted.sequence = 0, 'duplicate', judged.judged),
    judged.customer
FROM judged
LEFT JOIN
(
    SELECT
        partition,
        arrayJoin(arrayFold(
            (known, event) -> if(
                known.2 >= 0 AND intDiv(known.2, {slice:Int64}) >= intDiv(event.2 - {keep:Int64}, {slice:Int64}),
                known,
                (arrayPushBack(known.1, event.1), event.2)),
            arraySort(groupArray((sequence, clock))),
            (CAST([], 'Array(UInt64)'), toInt64(-1))
        ).1) AS sequence
    FROM judged
    WHERE judged.judged = ''
    GROUP BY partition, customer, id
) AS counted ON judged.partition = counted.partition AND judged.sequence = counted.sequence
