-- By send day; days of fewer than 50 delivered messages are left out. The newest days are
-- still open.
SELECT
    toDateTime(day) AS time,
    sum(opened) / sum(delivered) AS open_rate, sum(clicked) / sum(delivered) AS click_rate, sum(converted) / sum(delivered) AS conversion_rate
FROM v_campaigns
WHERE day >= toDate($__fromTime) AND day <= toDate($__toTime)
  AND campaign IN (${campaign:singlequote}) AND channel IN (${channel:singlequote})
GROUP BY day
HAVING sum(delivered) >= 50
ORDER BY time
