SELECT
    s.window_end AS window_end,
    s.window AS window,
    s.day AS day,
    s.campaign AS campaign,
    s.currency AS currency,
    s.cost AS cost,
    l.leads AS leads,
    l.accounts AS accounts,
    l.purchases AS purchases,
    if(leads >= 10, toFloat64(cost) / leads, NULL) AS cost_per_lead,
    if(accounts >= 10, toFloat64(cost) / accounts, NULL) AS cost_per_account,
    if(purchases >= 10, toFloat64(cost) / purchases, NULL) AS cost_per_purchase
FROM
(
    SELECT window_end, window, day, campaign, currency, sum(cost) AS cost
    FROM v_spend
    GROUP BY window_end, window, day, campaign, currency
) AS s
LEFT JOIN
(
    SELECT window, window_end, campaign, sum(leads) AS leads, sum(accounts) AS accounts, sum(purchases) AS purchases
    FROM v_leads
    GROUP BY window, window_end, campaign
) AS l ON s.window = l.window AND s.window_end = l.window_end AND s.campaign = l.campaign
