-- Messages that scanners and bots opened, beside those that people did, by send day.
SELECT toDateTime(day) AS time, sum(opened) AS people, sum(machine_opened) AS machine
FROM v_campaigns
WHERE day >= toDate($__fromTime) AND day <= toDate($__toTime)
  AND campaign IN (${campaign:singlequote}) AND channel IN (${channel:singlequote})
GROUP BY day
ORDER BY time
