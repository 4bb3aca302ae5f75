SELECT
    partition, last AS sequence, at AS time, ends_on AS channel,
    1 AS journeys, channels > 1 AS cross_channel, devices > 0 AS with_device, devices > 1 AS cross_device
FROM
(
    SELECT
        partition, max(sequence) AS last, argMax(time, sequence) AS at, argMax(channel, sequence) AS ends_on, max(pays) AS ordered,
        uniqExactIf(channel, channel != 'none') AS channels, uniqExactIf(xxh3(device) % 65535, device != '') AS devices
    FROM
    (
        SELECT
            partition, sequence, time, customer, life, channel, device, money > 0 AS pays,
            sum(toUInt64(pays)) OVER (PARTITION BY partition, customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS journey
        FROM verify_accepted
        WHERE kind NOT IN ('exposure', 'machine')
    )
    GROUP BY partition, customer, life, journey
)
WHERE ordered
