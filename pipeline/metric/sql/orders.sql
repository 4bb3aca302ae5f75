SELECT
    e.partition AS partition, e.sequence AS sequence, e.time AS time, e.currency AS currency, e.channel AS channel,
    m.money < 0 OR e.value < 0 AS returns, NOT returns AS orders, 1 AS payments,
    if(returns, 0, e.value) AS revenue, if(returns, abs(e.value), 0) AS returned
FROM verify_accepted AS e
INNER JOIN (SELECT DISTINCT config, type, money FROM verify_types WHERE money != 0) AS m ON e.config = m.config AND e.type = m.type
WHERE e.kind != 'machine'
