-- What acting on signals did: customers by the level they were raised to, those
-- in the hold-out beside the others, and how many of them came back. It takes
-- each customer's first signal of a level that the table still holds, because
-- what came later may already be an effect. They came back if a signal was
-- cleared within the horizon after it. Customers whose horizon is not over are
-- open, and count neither in customers nor in returned. standard_error is that
-- of return_share, of a binomial.
CREATE OR REPLACE VIEW v_holdout AS
SELECT
    level, holdout,
    countIf(until <= reached) AS customers,
    countIf(until <= reached AND came_back) AS returned,
    returned / nullIf(customers, 0) AS return_share,
    sqrt(return_share * (1 - return_share) / nullIf(customers, 0)) AS standard_error,
    countIf(until > reached) AS open
FROM
(
    SELECT
        level, holdout, until,
        arrayExists(c -> c.1 > raised.episode AND c.2 <= until, clearings) AS came_back,
        (SELECT clock FROM v_clock) AS reached
    FROM
    (
        SELECT customer, level, holdout, episode, addMilliseconds(at, horizon_ms) AS until
        FROM signals FINAL
        WHERE signal = 'raised'
        ORDER BY episode
        LIMIT 1 BY customer, level
    ) AS raised
    LEFT JOIN
    (
        SELECT customer, groupArray((episode, at)) AS clearings
        FROM signals FINAL
        WHERE signal = 'cleared'
        GROUP BY customer
    ) AS cleared
    ON raised.customer = cleared.customer
)
GROUP BY level, holdout;
