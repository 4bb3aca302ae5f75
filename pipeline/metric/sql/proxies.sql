SELECT partition, day, of.1 AS proxy, toString(of.2) AS at_least, 1 AS customers
FROM
(
    SELECT
        partition, day,
        -- By week: what there was of each, of opinions the first 255.
        arraySum(arrayMap(week -> least(arraySum(arrayMap(told -> if(told.2 = week AND told.3 = 'cognitive', told.4, 0), known)), 65535), weeks)) AS attention,
        arraySum(arrayMap(week -> least(arraySum(arrayMap(told -> if(told.2 = week AND told.3 = 'behavioural', told.4, 0), known)), 65535), weeks)) AS action,
        arrayFlatten(arrayMap(week -> arraySlice(arrayMap(told -> told.4, arrayFilter(told -> told.2 = week AND told.3 = 'emotional', known)), 1, 255), weeks)) AS opinions,
        arrayJoin(arrayFilter(of -> of.3, [
            ('cognitive', if(attention < 16, toInt64(attention), toInt64(bitShiftLeft(bitShiftRight(toUInt64(attention), toUInt8(floor(log2(greatest(attention, 1)))) - 3), toUInt8(floor(log2(greatest(attention, 1)))) - 3))), attention > 0),
            ('behavioural', if(action < 16, toInt64(action), toInt64(bitShiftLeft(bitShiftRight(toUInt64(action), toUInt8(floor(log2(greatest(action, 1)))) - 3), toUInt8(floor(log2(greatest(action, 1)))) - 3))), action > 0),
            ('emotional', toInt64(5 * floor(arraySum(opinions) / (5 * greatest(length(opinions), 1)))), notEmpty(opinions))])) AS of
    FROM
    (
        SELECT
            p.partition AS partition, p.day AS day, arrayFilter(told -> told.1 <= p.sequence, d.told) AS known,
            arrayMax(arrayMap(told -> told.2, known)) AS newest, intDiv(p.day + 3, 7) AS now,
            arrayFilter(week -> week > newest - 4 AND week <= newest, range(now - 3, now + 1)) AS weeks
        FROM verify_people AS p
        INNER JOIN
        (
            SELECT partition, customer, since, arraySort(groupArray((sequence, week, toString(deed), points))) AS told
            FROM verify_deeds
            WHERE deed != 'loyalty'
            GROUP BY partition, customer, since
        ) AS d ON p.partition = d.partition AND p.customer = d.customer AND p.deeds = d.since
        WHERE notEmpty(known)
    )
)
