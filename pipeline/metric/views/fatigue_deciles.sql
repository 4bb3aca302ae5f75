SELECT
    window_end, window, day, decile,
    min(level) AS least_pressure,
    max(level) AS most_pressure,
    sum(at_level) AS sent,
    sum(left_at) AS opt_outs,
    sum(answered_at) AS responses,
    if(sent >= 100, 1000 * opt_outs / sent, NULL) AS opt_outs_per_thousand,
    if(sent >= 10, responses / sent, NULL) AS response_rate
FROM
(
    SELECT
        window_end, window, day, level, at_level, left_at, answered_at,
        toUInt8(greatest(1, least(10, ceil(10 * (up_to - at_level / 2) / greatest(in_all, 1))))) AS decile
    FROM
    (
        SELECT
            f.window_end AS window_end, f.window AS window, f.day AS day,
            toUInt32OrZero(replaceOne(f.pressure, '+', '')) AS level,
            f.sent AS at_level, f.opt_outs AS left_at, f.responses AS answered_at,
            sum(at_level) OVER (PARTITION BY window, window_end, day ORDER BY level ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS up_to,
            sum(at_level) OVER (PARTITION BY window, window_end, day) AS in_all
        FROM v_fatigue AS f
    )
)
GROUP BY window_end, window, day, decile
