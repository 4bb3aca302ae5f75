WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
-- By how many messages the customer had got in the seven days before.
SELECT pressure AS name, if(sum(sent) < 10, NULL, 1000 * sum(opt_outs) / sum(sent)) AS opt_outs_per_thousand
FROM v_fatigue
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC')
GROUP BY name
HAVING opt_outs_per_thousand IS NOT NULL
ORDER BY indexOf(['0', '1', '2', '3-4', '5-7', '8-14', '15+'], toString(name))
