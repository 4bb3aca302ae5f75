SELECT
    partition, sequence, time,
    if(touches_before = 0, 'untouched', first_channel) AS first_touch,
    if(touches_before = 0, 'untouched', last_channel) AS last_touch,
    1 AS events, leads AS leads, orders AND orders_before = 0 AS new_customers, new_customers AND leads_before > 0 AS converted, orders
FROM
(
    SELECT
        partition, sequence, time, money = 1 AS orders, NOT orders AND type IN ('lead.submitted', 'account.signed_up') AS lead,
        NOT orders AND NOT lead AND stage IN ('awareness', 'consideration') AND NOT negative AS touches,
        countIf(touches) OVER before AS touches_before,
        argMinIf(toString(channel), sequence, touches) OVER before AS first_channel,
        argMaxIf(toString(channel), sequence, touches) OVER before AS last_channel,
        countIf(lead) OVER before AS leads_before,
        countIf(orders) OVER before AS orders_before,
        lead AND leads_before = 0 AS leads
    FROM verify_accepted
    WHERE kind NOT IN ('exposure', 'machine')
    WINDOW before AS (PARTITION BY partition, customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
WHERE orders OR leads
