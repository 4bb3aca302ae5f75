-- What came of what the range's days sent, each message of a customer once.
SELECT name, messages
FROM
(
    SELECT [sum(messages), sum(delivered), sum(opened), sum(clicked), sum(converted)] AS counts
    FROM v_campaigns
    WHERE day >= toDate($__fromTime) AND day <= toDate($__toTime)
      AND campaign IN (${campaign:singlequote}) AND channel IN (${channel:singlequote})
)
ARRAY JOIN counts AS messages, ['sent', 'delivered', 'opened', 'clicked', 'ordered'] AS name, [1, 2, 3, 4, 5] AS place
ORDER BY place
