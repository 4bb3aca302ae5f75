-- How far the customers lost are from those expected, as a factor above 1 whichever
-- is more; 1 while the interval still holds what was expected.
SELECT if(too_few OR (oe_low <= 1 AND oe_high >= 1), 1, greatest(observed_over_expected, 1 / observed_over_expected)) AS factor
FROM v_model_quality
WHERE segment = 'active'
