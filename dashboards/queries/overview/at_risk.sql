SELECT customer, value_at_risk, currency, since, risk_at_signal, round(silent_days, 1) AS silent_days, if(usual_days > 0, round(usual_days, 1), NULL) AS usual_days, last_event, reasons
FROM v_at_risk
ORDER BY value_at_risk DESC, v_at_risk.silent_days / greatest(v_at_risk.usual_days, 0.01) DESC, customer
LIMIT 500
