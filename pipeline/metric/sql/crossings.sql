SELECT partition, sequence, time, from_channel, to_channel, 1 AS crossings, first_crossings
FROM
(
    SELECT
        partition, sequence, time, came, channel AS to_channel,
        anyLastIf(toString(channel), NOT came) OVER before AS own,
        argMinIf(toString(channel), sequence, on_channel) OVER before AS brought,
        if(own != '', own, brought) AS from_channel,
        row_number() OVER (PARTITION BY partition, customer, life, channel ORDER BY sequence) = 1 AS first_crossings
    FROM verify_traced
    WHERE kind NOT IN ('exposure', 'machine') AND channel != 'none'
    WINDOW before AS (PARTITION BY partition, customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
WHERE NOT came AND from_channel NOT IN ('', to_channel)
