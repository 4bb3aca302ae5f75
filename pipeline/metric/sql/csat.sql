SELECT
    partition, sequence, time, channel, 1 AS responses, points >= 0 AS answers, greatest(points, 0) * 1000000 AS score, points < 0 AS off_scale,
    points = 1 AS score_1, points = 2 AS score_2, points = 3 AS score_3, points = 4 AS score_4,
    points = 5 AS score_5
FROM
(
    SELECT
        partition, sequence, time, channel,
        if(e.score BETWEEN 1 AND 5 AND e.score = floor(e.score), toInt128(assumeNotNull(e.score)), -1) AS points
    FROM verify_accepted AS e
    WHERE e.score IS NOT NULL AND kind NOT IN ('exposure', 'machine')
      AND (type = 'survey.csat' OR type = 'survey.answered' AND startsWith(JSONExtractRaw(properties, 'survey'), '"') AND lower(JSONExtractString(properties, 'survey')) = 'csat')
)
