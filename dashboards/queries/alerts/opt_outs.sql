-- Opt-outs for a thousand messages sent, in the newest window of a day. Fewer than
-- 500 messages say nothing.
SELECT if(sent < 500, 0, 1000 * opted / sent) AS for_a_thousand
FROM
(
    SELECT sumIf(events, type = 'message.sent') AS sent, sumIf(events, type IN ('unsubscribed', 'opted_out', 'spam_reported')) AS opted
    FROM v_type
    WHERE window = '24h' AND day >= toDate32($__toTime, 'UTC') - 2
      AND window_end = (SELECT max(window_end) FROM v_total WHERE window = '24h' AND day >= toDate32($__toTime, 'UTC') - 2 AND window_end <= $__toTime)
)
