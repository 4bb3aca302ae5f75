SELECT partition, day, stage, furthest, 1 AS customers
FROM verify_people
WHERE customer > 0
