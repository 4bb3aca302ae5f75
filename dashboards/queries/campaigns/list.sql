SELECT
    campaign, channel, min(day) AS first_sent, sum(messages) AS sent,
    if(sum(delivered) < 50, NULL, sum(opened) / sum(delivered)) AS open_rate,
    if(sum(delivered) < 50, NULL, sum(clicked) / sum(delivered)) AS click_rate,
    if(sum(opened) < 50, NULL, sum(clicked) / sum(opened)) AS click_to_open,
    if(sum(delivered) < 50, NULL, sum(converted) / sum(delivered)) AS conversion_rate,
    if(sum(messages) < 50, NULL, sum(bounced) / sum(messages)) AS bounce_rate,
    if(sum(delivered) < 50, NULL, sum(unsubscribed) / sum(delivered)) AS unsubscribe_rate,
    sum(machine_opened) / nullIf(sum(opened + machine_opened), 0) AS machine_share,
    if(min(final), 'final', 'open') AS state
FROM v_campaigns
WHERE day >= toDate($__fromTime) AND day <= toDate($__toTime)
  AND campaign IN (${campaign:singlequote}) AND channel IN (${channel:singlequote})
GROUP BY campaign, channel
ORDER BY first_sent DESC, sent DESC
LIMIT 100
