SELECT
    partition, sequence, time, channel, 1 AS responses, points >= 0 AS answers, greatest(points, 0) * 1000000 AS score, points < 0 AS off_scale,
    points = 0 AS score_0, points = 1 AS score_1, points = 2 AS score_2, points = 3 AS score_3,
    points = 4 AS score_4, points = 5 AS score_5, points = 6 AS score_6, points = 7 AS score_7,
    points = 8 AS score_8, points = 9 AS score_9, points = 10 AS score_10
FROM
(
    SELECT
        partition, sequence, time, channel,
        if(e.score BETWEEN 0 AND 10 AND e.score = floor(e.score), toInt128(assumeNotNull(e.score)), -1) AS points
    FROM verify_accepted AS e
    WHERE e.score IS NOT NULL AND kind NOT IN ('exposure', 'machine')
      AND (type = 'survey.nps' OR type = 'survey.answered' AND startsWith(JSONExtractRaw(properties, 'survey'), '"') AND lower(JSONExtractString(properties, 'survey')) = 'nps')
)
