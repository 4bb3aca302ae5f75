WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
-- Rates of metrics by fields of the user's choice, in the newest 28 days that end within
-- the range, those of most cases first.
SELECT
    rollup, arrayStringConcat(arrayFilter(key -> key != '', [toString(key1), toString(key2), toString(key3), toString(currency)]), ', ') AS segment,
    replaceAll(toString(metric), '_', ' ') AS of, replaceAll(figure, '_', ' ') AS figure, value, cases
FROM v_cut_figures
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC') AND cases > 0 AND value IS NOT NULL
ORDER BY rollup, of, figure, cases DESC, segment
LIMIT 100
