-- By day, days without a change included: who comes stands above the line, who goes
-- below it.
WITH ${zone:sqlstring} AS zone
SELECT
    toDateTime(day, 'UTC') AS time,
    sum(became_at_risk) AS became_at_risk, sum(lapsed) AS lapsed, -sum(came_back) AS came_back
FROM
(
    SELECT
        toStartOfDay(toDateTime(at), zone) AS day,
        toInt64(signal = 'raised' AND level = 'at_risk') AS became_at_risk,
        toInt64(signal = 'raised' AND level = 'lapsed') AS lapsed,
        toInt64(signal = 'cleared' AND reason != 'joined' AND previous IN ('at_risk', 'lapsed') AND level NOT IN ('at_risk', 'lapsed')) AS came_back
    FROM v_level_changes
    WHERE at >= toStartOfDay($__fromTime, zone) AND at <= $__toTime
    UNION ALL
    SELECT toStartOfDay(addDays($__fromTime, arrayJoin(range(toUInt32(dateDiff('day', $__fromTime, $__toTime, zone) + 1)))), zone) AS day, 0, 0, 0
)
GROUP BY time
ORDER BY time
