-- Of those with about the same risk: what was said, what came, and its 95 % interval,
-- beside the diagonal on which both are the same. Bins of too few cases are left out.
SELECT mean_risk, observed, low, high, perfect
FROM
(
    SELECT assumeNotNull(mean_risk) AS mean_risk, observed, low, high, assumeNotNull(mean_risk) AS perfect
    FROM v_reliability
    WHERE segment = 'active' AND NOT too_few
    UNION ALL
    SELECT arrayJoin([0., 1.]) AS mean_risk, NULL, NULL, NULL, mean_risk
)
ORDER BY mean_risk
