-- The risks that were given to the customers who were drawn in the newest two horizons,
-- the long silent ones included: tenths of the risk, empty ones too.
SELECT
    concat(toString(10 * n), '–', toString(10 * n + 10), ' %') AS name,
    sum(amount) / nullIf(sum(sum(amount)) OVER (), 0) AS customers
FROM
(
    SELECT toUInt8(bin) AS n, rows AS amount
    FROM v_reliability
    WHERE segment IN ('active', 'long_silent')
    UNION ALL
    SELECT toUInt8(number) AS n, 0
    FROM numbers(10)
)
GROUP BY n
HAVING n < 10
ORDER BY n
