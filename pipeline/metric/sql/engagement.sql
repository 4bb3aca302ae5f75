SELECT partition, sequence, time, channel, 1 AS events, toInt128(trunc(weight * 1000000)) AS points
FROM verify_accepted AS e
INNER JOIN (SELECT config, type, any(weight) AS weight FROM verify_types GROUP BY config, type) AS t
    ON e.config = t.config AND e.type = t.type
WHERE weight > 0 AND NOT e.negative AND kind NOT IN ('exposure', 'machine')
