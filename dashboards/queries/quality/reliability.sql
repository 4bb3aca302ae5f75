SELECT segment, bin, rows, round(cases) AS cases, too_few, mean_risk, observed, low, high
FROM v_reliability
ORDER BY segment, bin
