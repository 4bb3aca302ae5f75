SELECT argMax(at_risk, time) AS at_risk
FROM v_levels
WHERE time <= $__toTime
HAVING count() > 0
