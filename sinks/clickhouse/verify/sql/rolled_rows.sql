-- Which rows of the rollups of users a partition tells apart under a configuration:
-- those of before, and as many more as the bound leaves room for, in the order in
-- which they come first. Rows that say nothing but other are always there.
INSERT INTO verify_rolled_rows (partition, rollup, key1, key2, key3, currency, since, known)
SELECT n.partition, n.rollup, n.key1, n.key2, n.key3, n.currency, n.first, 1
FROM
(
    SELECT
        partition, rollup, key1, key2, key3, currency, at_most, first,
        row_number() OVER (PARTITION BY partition, rollup ORDER BY first) AS place
    FROM
    (
        SELECT partition, rollup, key1, key2, key3, currency, any(at_most) AS at_most, min(sequence) AS first
        FROM verify_rolled
        WHERE config = {config:UInt64} AND NOT (key1 = 'other' AND key2 IN ('', 'other') AND key3 IN ('', 'other'))
        GROUP BY partition, rollup, key1, key2, key3, currency
    ) AS came
    LEFT ANTI JOIN verify_rolled_rows AS had USING (partition, rollup, key1, key2, key3, currency)
) AS n
LEFT JOIN
(
    SELECT partition, rollup, count() AS rows
    FROM verify_rolled_rows
    GROUP BY partition, rollup
) AS h USING (partition, rollup)
WHERE h.rows + n.place <= n.at_most
