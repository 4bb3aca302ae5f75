SELECT
    day, proxy,
    sum(n) AS customers,
    if(customers >= 20, quantileExactWeighted(0.1)(bin, n), NULL) AS p10,
    if(customers >= 20, quantileExactWeighted(0.25)(bin, n), NULL) AS p25,
    if(customers >= 20, quantileExactWeighted(0.5)(bin, n), NULL) AS p50,
    if(customers >= 20, quantileExactWeighted(0.75)(bin, n), NULL) AS p75,
    if(customers >= 20, quantileExactWeighted(0.9)(bin, n), NULL) AS p90,
    multiIf(proxy = 'emotional', 5, p50 < 16, 0, 0.125 * p50) AS p50_error
FROM
(
    SELECT p.day AS day, toString(p.proxy) AS proxy, toFloat64OrZero(CAST(p.at_least, 'String')) AS bin, toUInt64(p.customers) AS n
    FROM v_proxies AS p
)
GROUP BY day, proxy
