SELECT partition, day, customer > 0 AS customers, has(seen, 0) AS dau, arrayExists(ago -> ago < 7, seen) AS wau, arrayExists(ago -> ago < 28, seen) AS mau
FROM verify_people
