SELECT campaign FROM v_campaigns WHERE day >= toDate($__fromTime) AND day <= toDate($__toTime) GROUP BY campaign ORDER BY max(day) DESC, sum(messages) DESC LIMIT 200
