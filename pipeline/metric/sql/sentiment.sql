SELECT partition, sequence, time, channel, 1 AS answers, toInt128(trunc(assumeNotNull(e.sentiment) * 1000000)) AS sentiment, e.sentiment < 0 AS negative
FROM verify_accepted AS e
WHERE e.sentiment IS NOT NULL AND kind NOT IN ('exposure', 'machine')
