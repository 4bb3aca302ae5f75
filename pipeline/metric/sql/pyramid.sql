SELECT
    partition, sequence, time, channel, 1 AS events, goal != '' AS goal_answers, goal = 'true' AS goals_reached,
    points > 0 AND survey = 'ces' AS ease_answers, if(ease_answers, points, 0) * 1000000 AS ease,
    points > 0 AND survey = 'emotion' AS joy_answers, if(joy_answers, points, 0) * 1000000 AS joy,
    type = 'case.opened' AS cases_opened, type = 'case.resolved' AS cases_resolved
FROM
(
    SELECT
        partition, sequence, time, channel, type,
        if(type LIKE 'survey.%' AND JSONExtractRaw(properties, 'goal_reached') IN ('true', 'false'), JSONExtractRaw(properties, 'goal_reached'), '') AS goal,
        multiIf(type IN ('survey.ces', 'survey.emotion', 'survey.goal'), substring(type, 8), type = 'survey.answered' AND startsWith(JSONExtractRaw(properties, 'survey'), '"'),
            lower(JSONExtractString(properties, 'survey')), '') AS survey,
        if(e.score IS NOT NULL AND e.score = floor(e.score) AND e.score BETWEEN 1 AND if(survey = 'ces', 7, 5), toInt128(assumeNotNull(e.score)), 0) AS points
    FROM verify_accepted AS e
    WHERE kind NOT IN ('exposure', 'machine') AND type IN ('survey.answered', 'survey.ces', 'survey.emotion', 'survey.goal', 'case.opened', 'case.resolved')
)
WHERE goal != '' OR points > 0 AND survey IN ('ces', 'emotion') OR type LIKE 'case.%'
