SELECT segment, rows, lost, round(cases) AS cases, mean_risk, observed, low, high,
    observed_over_expected, oe_low, oe_high, brier, brier_skill, ece, auc
FROM v_model_quality
WHERE segment IN (${segment:singlequote})
ORDER BY segment
