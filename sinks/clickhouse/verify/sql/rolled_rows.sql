-- Which rows of the rollups of users a partition tells apart under a configuration:
-- those of before, and as many more as the bound leaves room for, in the order in
-- which they come first. Rows that say nothing but other are always there.
INSERT INTO verify_rolled_rows (partition, rollup, key1, key2, key3, currency, metric, since, known)
SELECT n.partition, n.rollup, n.key1, n.key2, n.key3, n.currency, n.metric, n.first, 1
FROM
(
    SELECT
        partition, rollup, key1, key2, key3, currency, metric, at_most, first,
        row_number() OVER (PARTITION BY partition, rollup, metric != '' ORDER BY first) AS place
    FROM
    (
        SELECT partition, rollup, key1, key2, key3, currency, metric, any(at_most) AS at_most, min(sequence) AS first
        FROM verify_rolled
        WHERE config = {config:UInt64} AND NOT (key1 = 'other' AND key2 IN ('', 'other') AND key3 IN ('', 'other'))
        GROUP BY partition, rollup, key1, key2, key3, currency, metric
    ) AS came
    LEFT ANTI JOIN verify_rolled_rows AS had USING (partition, rollup, key1, key2, key3, currency, metric)
) AS n
LEFT JOIN
(
    SELECT partition, rollup, metric != '' AS cuts, count() AS rows
    FROM verify_rolled_rows
    GROUP BY partition, rollup, cuts
) AS h ON n.partition = h.partition AND n.rollup = h.rollup AND (n.metric != '') = h.cuts
WHERE h.rows + n.place <= n.at_most
