WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
-- What was spent in the newest 28 days that end within the range, and what came of it.
SELECT campaign, currency, cost, leads, purchases, cost_per_lead, cost_per_purchase
FROM v_acquisition
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC') AND cost > 0
ORDER BY cost DESC
LIMIT 30
