SELECT ece
FROM v_model_quality
WHERE segment = 'active'
