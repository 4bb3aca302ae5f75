SELECT toDateTime(day) AS time, concat('Sent: ', arrayStringConcat(arraySlice(groupArray(concat(campaign, ' (', toString(n), ')')), 1, 4), ', '), if(count() > 4, concat(' and ', toString(count() - 4), ' more'), '')) AS text, 'campaign' AS tags
FROM
(
    SELECT day, campaign, sum(messages) AS n
    FROM v_campaigns
    WHERE day >= toDate($__fromTime) AND day <= toDate($__toTime) AND campaign != '' AND channel != 'ads'
    GROUP BY day, campaign
    HAVING n >= 10
    ORDER BY n DESC
)
GROUP BY day
ORDER BY time
