SELECT observed_over_expected
FROM v_model_quality
WHERE segment = 'active'
