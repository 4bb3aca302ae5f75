SELECT
    day, proxy, at_least,
    sum(n) OVER (PARTITION BY day, proxy) AS with_any,
    sum(n) OVER (PARTITION BY day, proxy ORDER BY at_least ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - n AS lower,
    n AS customers,
    if(with_any >= 20, 100 * (lower + customers / 2) / with_any, NULL) AS percentile,
    if(with_any >= 20, 50 * customers / with_any, NULL) AS percentile_error
FROM
(
    SELECT p.day AS day, toString(p.proxy) AS proxy, toInt32OrZero(CAST(p.at_least, 'String')) AS at_least, p.customers AS n
    FROM v_proxies AS p
)
