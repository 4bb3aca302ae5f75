-- How long ago each partition last wrote something.
SELECT concat('partition ', toString(partition)) AS name, dateDiff('second', max(written), now()) AS age
FROM pipeline
WHERE era = (SELECT max(era) FROM pipeline)
GROUP BY partition
ORDER BY age DESC, partition
LIMIT 16
