-- The strongest reason of each change to at risk.
SELECT
    transform(toString(code),
        ['rhythm', 'recency', 'history', 'contact', 'trend', 'negatives', 'experience', 'pressure', 'left'],
        ['broke their rhythm', 'silent for long', 'hardly known', 'take notice, but do not come', 'come less than before', 'complaints and failures', 'bad ratings', 'too many messages', 'ended the relation'],
        replaceAll(toString(code), '_', ' ')) AS name,
    count() AS customers
FROM v_reasons
WHERE signal = 'raised' AND level = 'at_risk' AND place = 1 AND $__timeFilter(at)
GROUP BY name
ORDER BY customers DESC, name
LIMIT 10
