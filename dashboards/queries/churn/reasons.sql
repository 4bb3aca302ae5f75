-- The strongest reason of each change to at risk.
SELECT
    transform(toString(reason),
        ['rhythm', 'recency', 'history', 'contact', 'trend', 'negatives', 'experience', 'pressure', 'left'],
        ['broke their rhythm', 'silent for long', 'hardly known', 'take notice, but do not come', 'come less than before', 'complaints and failures', 'bad ratings', 'too many messages', 'ended the relation'],
        replaceAll(toString(reason), '_', ' ')) AS name,
    count() AS customers
FROM v_level_changes
WHERE signal = 'raised' AND level = 'at_risk' AND reason != '' AND $__timeFilter(at)
GROUP BY name
ORDER BY customers DESC, name
LIMIT 10
