SELECT partition, sequence, time, from_channel, to_channel, 1 AS crossings, first_crossings
FROM
(
    SELECT
        partition, sequence, time, channel AS to_channel,
        lagInFrame(toString(channel), 1, '') OVER (PARTITION BY partition, customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS from_channel,
        row_number() OVER (PARTITION BY partition, customer, life, channel ORDER BY sequence) = 1 AS first_crossings
    FROM verify_accepted
    WHERE kind NOT IN ('exposure', 'machine') AND channel != 'none'
)
WHERE from_channel NOT IN ('', to_channel)
