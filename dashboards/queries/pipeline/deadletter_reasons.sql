SELECT replaceAll(toString(reason), '_', ' ') AS name, count() AS records
FROM (SELECT time AS moment, reason FROM v_deadletters)
WHERE $__timeFilter(moment)
GROUP BY name
ORDER BY records DESC, name
LIMIT 12
