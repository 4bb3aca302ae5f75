SELECT sum(messages) AS messages
FROM v_campaigns
WHERE day >= toDate($__fromTime) AND day <= toDate($__toTime)
  AND campaign IN (${campaign:singlequote}) AND channel IN (${channel:singlequote})
