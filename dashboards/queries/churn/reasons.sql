-- The strongest reason of each change to at risk.
SELECT
    transform(toString(reason_code[1]),
        ['rhythm', 'recency', 'history', 'contact', 'trend', 'negatives', 'experience', 'pressure', 'left'],
        ['broke their rhythm', 'silent for long', 'hardly known', 'take notice, but do not come', 'come less than before', 'complaints and failures', 'bad ratings', 'too many messages', 'ended the relation'],
        replaceAll(toString(reason_code[1]), '_', ' ')) AS name,
    count() AS customers
FROM v_signals
WHERE signal = 'raised' AND level = 'at_risk' AND notEmpty(reason_code) AND $__timeFilter(at)
GROUP BY name
ORDER BY customers DESC, name
LIMIT 10
