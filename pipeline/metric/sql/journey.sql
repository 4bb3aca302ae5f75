SELECT
    partition, sequence, time, from_stage, to_stage, 1 AS transitions, first_reached,
    indexOf(stages, from_stage) < indexOf(stages, to_stage) AS forward,
    indexOf(stages, from_stage) > indexOf(stages, to_stage) AS backward,
    ['none', 'awareness', 'consideration', 'preference', 'purchase', 'loyalty'] AS stages
FROM
(
    SELECT
        partition, sequence, time, stage AS to_stage,
        lagInFrame(toString(stage), 1, 'none') OVER (PARTITION BY partition, customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS from_stage,
        row_number() OVER (PARTITION BY partition, customer, life, stage ORDER BY sequence) = 1 AS first_reached
    FROM verify_accepted
    WHERE stage != 'none' AND NOT negative AND kind != 'machine'
)
WHERE from_stage != to_stage
