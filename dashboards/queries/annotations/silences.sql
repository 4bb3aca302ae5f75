SELECT
    toDateTime(since) AS time,
    concat('Far fewer events than usual: ', if(channel = '', 'the whole input', toString(channel))) AS text,
    'feed' AS tags
FROM valid_feed
WHERE state = 'silent' AND since >= $__fromTime AND since <= $__toTime
GROUP BY since, channel
ORDER BY time
