SELECT
    partition, sequence, time,
    if(messages < 50, toString(messages), '50+') AS pressure,
    1 AS events, contacts AS sent, NOT contacts AND type IN ('unsubscribed', 'opted_out', 'spam_reported') AS opt_outs, NOT contacts AND NOT opt_outs AS responses
FROM
(
    SELECT
        *,
        toUInt64(sum(toUInt64(contacts)) OVER (PARTITION BY partition, customer, life ORDER BY day RANGE BETWEEN 6 PRECEDING AND 1 PRECEDING)
            + sum(toUInt64(contacts)) OVER (PARTITION BY partition, customer, life, day ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS messages
    FROM
    (
        SELECT
            partition, sequence, time, customer, life, contacts, type,
            toInt32(max(intDiv(time, 86400000)) OVER (PARTITION BY partition, customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS day
        FROM verify_accepted
        WHERE contacts OR kind NOT IN ('exposure', 'machine')
            AND type IN ('unsubscribed', 'opted_out', 'spam_reported', 'email.clicked', 'email.replied', 'message.clicked', 'message.replied')
    )
)
