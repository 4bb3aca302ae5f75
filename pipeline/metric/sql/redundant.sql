-- What each event does: 1 offers, 2 buys, 3 returns, 4 opts out.
SELECT
    partition, offer.1 AS sequence, offer.2 AS time, offer.3 AS channel, 1 AS offers, offer.4 AS owned, offer.5 AS declined, owned OR declined AS redundant
FROM
(
    SELECT
        partition,
        arrayJoin((arrayFold(
            (s, e) -> (
                multiIf(e.4 = 2 AND NOT has(s.1, e.5), arraySlice(arrayPushFront(s.1, e.5), 1, 4), e.4 = 3, arrayFilter(x -> x != e.5, s.1), s.1),
                multiIf(e.4 >= 3 AND NOT has(s.2, e.5), arraySlice(arrayPushFront(s.2, e.5), 1, 2), e.4 = 2, arrayFilter(x -> x != e.5, s.2), s.2),
                if(e.4 = 1, arrayPushBack(s.3, (e.1, e.2, e.3, toUInt8(has(s.1, e.5)), toUInt8(has(s.2, e.5)))), s.3)
            ),
            arraySort(groupArray((sequence, time, toString(channel), toUInt8(multiIf(contacts, 1, money = 1, 2, money = -1, 3, 4)), product))),
            (CAST([], 'Array(String)'), CAST([], 'Array(String)'), CAST([], 'Array(Tuple(UInt64, Int64, String, UInt8, UInt8))'))) AS folded).3) AS offer
    FROM verify_accepted
    WHERE product != '' AND (contacts OR kind NOT IN ('exposure', 'machine') AND (money != 0 OR type IN ('unsubscribed', 'opted_out', 'spam_reported')))
    GROUP BY partition, customer, life
)
