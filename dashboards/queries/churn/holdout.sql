-- How many came back within a horizon of being raised: those acted on beside those who
-- were let alone. The difference is what acting did.
SELECT
    replaceAll(toString(level), '_', ' ') AS name,
    sumIf(returned, NOT holdout) / nullIf(sumIf(customers, NOT holdout), 0) AS acted_on,
    sumIf(returned, holdout) / nullIf(sumIf(customers, holdout), 0) AS held_out,
    acted_on - held_out AS effect,
    1.96 * sqrt(sumIf(pow(standard_error, 2), NOT holdout) + sumIf(pow(standard_error, 2), holdout)) AS give_or_take,
    sumIf(customers, NOT holdout) AS customers_acted_on, sumIf(customers, holdout) AS customers_held_out
FROM v_holdout
GROUP BY level
ORDER BY indexOf(['cooling', 'at_risk', 'lapsed'], toString(level))
