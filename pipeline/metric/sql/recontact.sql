SELECT
    partition, sequence, time, channel, 1 AS cases,
    newest OR oldest AS again,
    if(newest, came_by = first_channel, oldest AND came_by = second_channel) AS same_channel,
    again AND NOT same_channel AS other_channel
FROM
(
    SELECT
        partition, sequence, time, channel, toString(channel) AS came_by,
        if(startsWith(JSONExtractRaw(properties, 'issue'), '"'), JSONExtractString(properties, 'issue'), '') AS said,
        if(said = '', product, said) AS issue,
        lagInFrame(time, 1, -1) OVER so_far AS first_time, lagInFrame(issue, 1, '') OVER so_far AS first_issue, lagInFrame(toString(channel), 1, '') OVER so_far AS first_channel,
        lagInFrame(time, 2, -1) OVER so_far AS second_time, lagInFrame(issue, 2, '') OVER so_far AS second_issue, lagInFrame(toString(channel), 2, '') OVER so_far AS second_channel,
        first_time >= 0 AND abs(time - first_time) <= 259200000 AND (first_issue = issue OR first_issue = '' OR issue = '') AS newest,
        second_time >= 0 AND abs(time - second_time) <= 259200000 AND (second_issue = issue OR second_issue = '' OR issue = '') AS oldest
    FROM verify_accepted
    WHERE type = 'case.opened' AND kind NOT IN ('exposure', 'machine')
    WINDOW so_far AS (PARTITION BY partition, customer, life ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
