-- What can be told by the tables: another horizon, other targets, another input stream.
SELECT time, text, 'configuration' AS tags
FROM
(
    SELECT toDateTime(at) AS time, concat('Horizon of ', toString(horizon_days), ' days, before ', toString(former)) AS text
    FROM
    (
        SELECT at, horizon_days, lagInFrame(horizon_days, 1, horizon_days) OVER (ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS former
        FROM (SELECT min(at) AS at, horizon_days FROM v_level_changes GROUP BY horizon_days)
    )
    WHERE horizon_days != former
    UNION ALL
    SELECT toDateTime(set_at) AS time, if(kind = 'target', 'Targets were set', 'Figures of others were set') AS text
    FROM valid_benchmarks
    GROUP BY set_at, kind
    UNION ALL
    SELECT toDateTime(era) AS time, 'The input stream was made anew' AS text
    FROM v_eras
    WHERE window = '' AND era > (SELECT min(era) FROM v_eras)
)
WHERE time >= $__fromTime AND time <= $__toTime
ORDER BY time
