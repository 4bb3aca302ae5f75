SELECT
    partition, sequence, time, from_stage, to_stage, 1 AS transitions, first_reached,
    indexOf(stages, from_stage) < indexOf(stages, to_stage) AS forward,
    indexOf(stages, from_stage) > indexOf(stages, to_stage) AS backward,
    ['none', 'awareness', 'consideration', 'preference', 'purchase', 'loyalty'] AS stages
FROM
(
    SELECT
        partition, sequence, time, came, stage AS to_stage,
        -- Who was nowhere is where the first one was who they were before.
        anyLastIf(toString(stage), NOT came) OVER before AS own,
        argMinIf(toString(stage), sequence, in_stage) OVER before AS brought,
        multiIf(own != '', own, brought != '', brought, 'none') AS from_stage,
        row_number() OVER (PARTITION BY partition, customer, life, stage ORDER BY sequence) = 1 AS first_reached
    FROM verify_traced
    WHERE stage != 'none' AND NOT negative AND kind != 'machine'
    WINDOW before AS (PARTITION BY partition, customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
WHERE NOT came AND from_stage != to_stage
