SELECT partition, day, of.1 AS proxy, toString(of.2) AS at_least, 1 AS customers
FROM
(
    SELECT
        partition, day,
        -- By week: what there was of each, of opinions the first 255. Those that came together
        -- are in it together or not at all.
        arraySum(arrayMap(week -> least(arraySum(arrayMap(told -> if(told.2 = week AND told.3 = 'cognitive', told.4, 0), known)), 65535), weeks)) AS attention,
        arraySum(arrayMap(week -> least(arraySum(arrayMap(told -> if(told.2 = week AND told.3 = 'behavioural', told.4, 0), known)), 65535), weeks)) AS action,
        arrayMap(week -> arrayFold((sum, told) -> if(told.2 != week OR sum.1 + told.5 > 255, sum, (sum.1 + told.5, sum.2 + told.4)), rated, (toInt64(0), toInt64(0))), weeks) AS by_week,
        arraySum(sum -> sum.1, by_week) AS opinions, arraySum(sum -> sum.2, by_week) AS opinion,
        arrayJoin(arrayFilter(of -> of.3, [
            ('cognitive', if(attention < 16, toInt64(attention), toInt64(bitShiftLeft(bitShiftRight(toUInt64(attention), toUInt8(floor(log2(greatest(attention, 1)))) - 3), toUInt8(floor(log2(greatest(attention, 1)))) - 3))), attention > 0),
            ('behavioural', if(action < 16, toInt64(action), toInt64(bitShiftLeft(bitShiftRight(toUInt64(action), toUInt8(floor(log2(greatest(action, 1)))) - 3), toUInt8(floor(log2(greatest(action, 1)))) - 3))), action > 0),
            ('emotional', toInt64(5 * floor(opinion / (5 * greatest(opinions, 1)))), opinions > 0)])) AS of
    FROM
    (
        SELECT
            p.partition AS partition, p.day AS day, arrayFilter(told -> told.1 <= p.sequence, d.told) AS known, arrayFilter(told -> told.3 = 'emotional', known) AS rated,
            arrayMax(arrayMap(told -> told.2, known)) AS newest, intDiv(p.day + 3, 7) AS now,
            arrayFilter(week -> week > newest - 4 AND week <= newest, range(now - 3, now + 1)) AS weeks
        FROM verify_people AS p
        INNER JOIN
        (
            SELECT partition, customer, since, arraySort(groupArray((sequence, week, toString(deed), points, times))) AS told
            FROM verify_deeds
            WHERE deed != 'loyalty'
            GROUP BY partition, customer, since
        ) AS d ON p.partition = d.partition AND p.customer = d.customer AND p.deeds = d.since
        WHERE notEmpty(known)
    )
)
