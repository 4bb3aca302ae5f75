-- Share of the messages of the newest window of a day that bounced. Fewer than 500
-- messages say nothing.
SELECT if(sent < 500, 0, bounced / sent) AS share
FROM
(
    SELECT sumIf(events, type = 'message.sent') AS sent, sumIf(events, type = 'message.bounced') AS bounced
    FROM v_type
    WHERE window = '24h' AND day >= toDate32($__toTime, 'UTC') - 2
      AND window_end = (SELECT max(window_end) FROM v_total WHERE window = '24h' AND day >= toDate32($__toTime, 'UTC') - 2 AND window_end <= $__toTime)
)
