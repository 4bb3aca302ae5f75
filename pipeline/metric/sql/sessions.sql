SELECT
    partition, sequence, time, began_on AS channel, 1 AS events, begins AS sessions, place = 2 AS continued,
    toInt128(if(begins, 0, greatest(time - newest, 0))) * 1000 AS active_seconds,
    toInt128(multiIf(NOT pings, 0, pinged = 0, 5, bucket > pinged, 10, 0)) * 1000000 AS engaged_seconds
FROM
(
    SELECT
        *,
        row_number() OVER so_far AS place,
        first_value(came_by) OVER so_far AS began_on,
        intDiv(time, 10000) + 1 AS bucket,
        max(if(pings, bucket, 0)) OVER (PARTITION BY partition, customer, life, session ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS pinged
    FROM
    (
        SELECT
            *,
            first OR time > newest + 1800000 AS begins,
            sum(begins) OVER (PARTITION BY partition, customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS session
        FROM
        (
            SELECT
                partition, sequence, time, customer, life, channel AS came_by, kind = 'micro' AND type IN ('page.pinged', 'screen.pinged') AS pings,
                row_number() OVER (PARTITION BY partition, customer, life ORDER BY sequence) = 1 AS first,
                max(time) OVER (PARTITION BY partition, customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest
            FROM verify_accepted
            WHERE kind NOT IN ('exposure', 'machine')
        )
    )
    WINDOW so_far AS (PARTITION BY partition, customer, life, session ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
