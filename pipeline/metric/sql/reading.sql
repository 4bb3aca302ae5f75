SELECT
    partition, sequence, time, channel, type, 1 AS reads, toInt128(trunc(assumeNotNull(e.progress) * 1000000)) AS depth,
    e.progress >= 0.33 AS third, e.progress >= 0.66 AS two_thirds, e.progress >= 1 AS finished
FROM verify_accepted AS e
WHERE e.progress IS NOT NULL AND kind != 'machine' AND type IN ('scroll.reached', 'video.progressed')
