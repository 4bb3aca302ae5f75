-- Of what the range's days sent.
SELECT if(sum(opened) < 50, NULL, sum(clicked) / sum(opened)) AS click_to_open
FROM v_campaigns
WHERE day >= toDate($__fromTime) AND day <= toDate($__toTime)
  AND campaign IN (${campaign:singlequote}) AND channel IN (${channel:singlequote})
