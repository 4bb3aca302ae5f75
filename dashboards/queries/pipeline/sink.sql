-- Up to where the sink has written each stream, how long ago, and how many messages a
-- minute of the range.
SELECT
    name AS sink, stream, argMax(sequence, saved) AS written_up_to, max(saved) AS last_saved,
    (max(sequence) - min(sequence)) / greatest(1, dateDiff('minute', min(minute), max(minute))) AS messages_a_minute
FROM (SELECT name, stream, sequence, saved, minute FROM sink_cursors WHERE minute >= $__fromTime AND minute <= $__toTime)
GROUP BY name, stream
ORDER BY name, stream
