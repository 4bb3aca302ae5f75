-- Figures over all signals ask less of the server. What puts the changes of a customer
-- together is a number made of their id, which the server finds again sooner than the id:
-- two of a hundred million customers share one with a probability of 0.0003.

-- What became of every alert, a signal that raised at_risk, whose horizon is
-- over. It was right if the customer did not come back within the horizon: the
-- changes that end it, from at risk, or from the lapse that followed, neither
-- clear it in that time nor tell of an engagement in it. Episodes count one by
-- one, so a change knows whose end it is. days_after is how long the customer had
-- been silent. lead_days is how long before their silence reached a horizon, when
-- the loss is certain, the alert came, and below 0 how long after that; NULL where
-- it was not right.
CREATE OR REPLACE VIEW v_alerts AS
WITH (SELECT groupArray((era, clock)) FROM v_era_clocks) AS clocks
SELECT
    at, customer, holdout, risk,
    NOT (cleared > 0 AND cleared_at <= until OR ends > 0 AND (first_event > at AND first_event <= until OR last_event > at AND last_event <= until)) AS right,
    cleared_at_risk > 0 AND cleared_at_risk_at <= addDays(at, 1) AS cleared_within_24h,
    if(right, (horizon_ms - silent_ms) / 86400000, NULL) AS lead_days,
    silent_ms / 86400000 AS days_after
FROM
(
    WITH changes.signal = 'raised' AND changes.level = 'at_risk' AS raised
    SELECT
        cityHash64(changes.era, changes.customer, changes.episode - multiIf(raised, 0, changes.previous = 'at_risk', 1, 2)) AS alert,
        countIf(raised) AS alerts,
        anyIf(changes.era, raised) AS era, anyIf(changes.customer, raised) AS customer,
        anyIf(changes.at, raised) AS at, anyIf(changes.holdout, raised) AS holdout, anyIf(changes.risk, raised) AS risk,
        anyIf(changes.horizon_ms, raised) AS horizon_ms, anyIf(changes.silent_ms, raised) AS silent_ms,
        addMilliseconds(at, horizon_ms) AS until,
        countIf(NOT raised) AS ends,
        minIf(changes.last_event, NOT raised) AS first_event, maxIf(changes.last_event, NOT raised) AS last_event,
        countIf(changes.signal = 'cleared') AS cleared, minIf(changes.at, changes.signal = 'cleared') AS cleared_at,
        countIf(changes.signal = 'cleared' AND changes.previous = 'at_risk') AS cleared_at_risk, minIf(changes.at, changes.signal = 'cleared' AND changes.previous = 'at_risk') AS cleared_at_risk_at
    FROM valid_level_changes AS changes
    WHERE raised OR changes.previous IN ('at_risk', 'lapsed')
    GROUP BY alert
) AS judged
WHERE alerts > 0 AND arrayExists(c -> c.1 = era AND greatest(until, addDays(at, 1)) <= c.2, clocks);

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
        raised.level AS level, raised.holdout AS holdout, fromUnixTimestamp64Milli(raised.until, 'UTC') AS until,
        cleared.episode > 0 AND toUnixTimestamp64Milli(cleared.at) <= raised.until AS came_back,
        clocks.clock AS reached
    FROM
    (
        SELECT era, cityHash64(customer) AS who, level, holdout, episode, toUnixTimestamp64Milli(at) + horizon_ms AS until
        FROM valid_level_changes
        WHERE signal = 'raised'
        ORDER BY at, customer, episode
        LIMIT 1 BY customer, level
    ) AS raised
    ASOF LEFT JOIN
    (
        SELECT era, cityHash64(customer) AS who, episode, at
        FROM valid_level_changes
        WHERE signal = 'cleared'
    ) AS cleared
    ON raised.who = cleared.who AND raised.era = cleared.era AND raised.episode < cleared.episode
    LEFT JOIN v_era_clocks AS clocks ON raised.era = clocks.era
)
GROUP BY level, holdout;
