-- A figure holds for a step, an eighth of the horizon, which may be longer than
-- the range: the newest before the range stands at its beginning, and the newest
-- of all at its end.
SELECT arrayJoin(if(as_of = newest, [greatest(as_of, $__fromTime), $__toTime], [greatest(as_of, $__fromTime)])) AS time, segment, auc
FROM
(
    SELECT
        toDateTime(as_of) AS as_of, segment, auc,
        max(as_of) OVER () AS newest,
        maxIf(as_of, as_of <= $__fromTime) OVER () AS before
    FROM v_model_quality_history
    WHERE as_of <= $__toTime AND as_of + toIntervalSecond(toUInt32(horizon_days * 21600)) > $__fromTime AND NOT too_few AND segment IN (${segment:singlequote})
)
WHERE as_of >= $__fromTime OR as_of = before
ORDER BY time, segment
