SELECT
    window_end, window, day,
    sum(of_channel) AS answers,
    countIf(satisfied IS NOT NULL) AS channels,
    ifNull(argMaxIf(channel, satisfied, satisfied IS NOT NULL), '') AS best,
    ifNull(argMinIf(channel, satisfied, satisfied IS NOT NULL), '') AS worst,
    if(channels >= 2, max(satisfied) - min(satisfied), NULL) AS csat_range,
    if(channels >= 2, stddevPop(satisfied), NULL) AS csat_deviation
FROM
(
    SELECT c.window_end AS window_end, c.window AS window, c.day AS day, toString(c.channel) AS channel, c.answers AS of_channel, toNullable(c.csat) AS satisfied
    FROM v_csat AS c
)
GROUP BY window_end, window, day
