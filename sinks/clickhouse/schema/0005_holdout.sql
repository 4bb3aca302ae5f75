-- Customers that nobody acts on, and what acting on the others did.
ALTER TABLE signals
    ADD COLUMN IF NOT EXISTS holdout Bool COMMENT 'the customer is in the hold-out: do not act on this one; compare' AFTER if_back;

-- Every change of level, with its reasons in words.
CREATE OR REPLACE VIEW v_signals AS
SELECT
    at, customer, signal, level, previous, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    risk_if_back, if_back, holdout,
    episode, partition, sequence, version
FROM signals FINAL;

-- Customers who are at risk or lapsed now, one row each. Act on those that are
-- not in the hold-out.
CREATE OR REPLACE VIEW v_at_risk AS
SELECT
    customer, level, previous, at, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    risk_if_back, if_back, holdout,
    episode, partition
FROM
(
    SELECT *
    FROM signals FINAL
    ORDER BY customer, episode DESC, version DESC
    LIMIT 1 BY customer
)
WHERE level IN ('at_risk', 'lapsed');

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
