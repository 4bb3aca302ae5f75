-- Of what the range's days sent.
SELECT if(sum(delivered) < 50, NULL, sum(unsubscribed) / sum(delivered)) AS unsubscribe_rate
FROM v_campaigns
WHERE day >= toDate($__fromTime) AND day <= toDate($__toTime)
  AND campaign IN (${campaign:singlequote}) AND channel IN (${channel:singlequote})
