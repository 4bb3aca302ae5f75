SELECT partition, sequence, time, channel, kind, type, 1 AS events
FROM verify_accepted
WHERE kind NOT IN ('exposure', 'machine')
