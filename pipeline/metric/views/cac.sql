SELECT
    s.window_end AS window_end,
    s.window AS window,
    s.day AS day,
    s.currency AS currency,
    s.cost AS cost,
    c.new_customers AS new_customers,
    c.first_orders_of_leads AS first_orders_of_leads,
    l.newly_engaged AS newly_engaged,
    if(new_customers >= 10, toFloat64(cost) / new_customers, NULL) AS cac,
    if(newly_engaged >= 10, toFloat64(cost) / newly_engaged, NULL) AS cost_per_engaged
FROM
(
    SELECT
        window_end, window, day, currency, sum(cost) AS cost,
        if(window_end = toStartOfDay(window_end), transform(window, ['24h', '7d', '28d'], ['day', 'week', '28d'], ''), '') AS interval,
        toDate32(window_end) - 1 AS last_day
    FROM v_spend
    GROUP BY window_end, window, day, currency
) AS s
LEFT JOIN
(
    SELECT window, window_end, sum(v.new_customers) AS new_customers, sum(v.converted) AS first_orders_of_leads
    FROM v_conversions AS v
    GROUP BY window, window_end
) AS c ON s.window = c.window AND s.window_end = c.window_end
LEFT JOIN
(
    SELECT day, toString(v.interval) AS interval, sum(customers) AS newly_engaged
    FROM v_lifecycle AS v
    WHERE state = 'new'
    GROUP BY day, interval
) AS l ON s.last_day = l.day AND s.interval = l.interval
