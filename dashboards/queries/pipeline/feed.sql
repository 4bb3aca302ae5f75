SELECT channel, silent_partitions, since AS silent_since, observed, expected
FROM v_feed
WHERE silent_partitions > 0
ORDER BY channel
