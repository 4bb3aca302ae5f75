WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
SELECT if(sum(cases) < 10, NULL, sum(other_channel) / sum(cases)) AS channel_switch_rate
FROM v_recontact
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC')
