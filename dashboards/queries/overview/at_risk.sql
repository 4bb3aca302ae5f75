SELECT customer, value_at_risk, currency, since, risk_at_signal, round(silent_days, 1) AS silent_days, round(usual_days, 1) AS usual_days, last_event, reasons
FROM v_at_risk
ORDER BY value_at_risk DESC, v_at_risk.silent_days / ifNull(v_at_risk.usual_days, horizon_days) DESC, customer
LIMIT 500
