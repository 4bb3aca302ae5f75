SELECT customer, risk, silent_days, last_event, at AS since, reasons
FROM v_at_risk
WHERE level = 'at_risk'
ORDER BY risk DESC, customer
LIMIT 500
