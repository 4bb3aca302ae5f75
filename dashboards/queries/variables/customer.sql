SELECT customer FROM v_at_risk ORDER BY value_at_risk DESC, customer LIMIT 200
