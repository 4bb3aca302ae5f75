-- Partitions in which the input, or a channel of it, is silent.
SELECT toString(channel) AS channel, toFloat64(silent_partitions) AS partitions
FROM v_feed
WHERE silent_partitions > 0
