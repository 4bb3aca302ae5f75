SELECT
    day, level,
    sum(came) AS inflow,
    sum(went) AS outflow,
    sum(came AND place > from_place) AS worse,
    sum(came AND place < from_place) AS better,
    toInt64(inflow) - toInt64(outflow) AS net
FROM
(
    SELECT
        toDate32(s.at) AS day,
        [toString(s.level), toString(s.previous)] AS pair,
        arrayMap(name -> indexOf(['healthy', 'cooling', 'at_risk', 'lapsed'], name), pair) AS places,
        arrayJoin(if(s.reason_code[1] = 'joined', [2], [1, 2])) AS which, -- who has joined a known customer comes nowhere
        pair[which] AS level,
        which = 1 AS came,
        which = 2 AS went,
        places[which] AS place,
        places[3 - which] AS from_place
    FROM v_signals AS s
)
GROUP BY day, level
