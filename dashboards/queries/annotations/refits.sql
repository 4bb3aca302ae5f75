SELECT toDateTime(time) AS time, concat('The model learned from ', toString(sum(rows)), ' outcomes') AS text, 'model' AS tags
FROM valid_model_quality
WHERE time >= $__fromTime AND time <= $__toTime
GROUP BY time
ORDER BY time
