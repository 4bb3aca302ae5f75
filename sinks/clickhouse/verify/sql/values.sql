-- What signals say that customers bring, and in which currency. Payments add up
-- in the two currencies that a customer orders in most, as the notes of the
-- detector's purses say; they fade with a half-life of two horizons whenever the
-- latest engagement moves, and so do visits. The detector adds up in 32 bits, so
-- values are compared to two thousandths, and to a hundred-thousandth of the
-- largest payment. Of who brings a history of before they were known the order of
-- payments is not known any more: where something was given back there, or paid in several
-- currencies, the value is not compared, and else to a twentieth.
SELECT
    count() AS compared,
    toUInt64(0) AS missing,
    toUInt64(0) AS extra,
    countIf(wrong) AS different,
    groupArrayIf(5)(format('customer {}, episode {}: value {} {} and {} at risk, want {} {}',
        customer, toString(episode), toString(value), currency, toString(value_at_risk), toString(want), want_currency), wrong) AS examples
FROM
(
    SELECT
        s.customer AS customer, s.episode AS episode, s.value AS value, s.value_at_risk AS value_at_risk, toString(s.currency) AS currency,
        v.want AS want, v.currency AS want_currency,
        0.02 + if(v.joins, 0.05, 0.002) * v.want + 0.00001 * v.largest AS tolerance,
        abs(value - want) > tolerance
            OR abs(value_at_risk - s.risk * value) > 0.0101 + 0.000000001 * value
            OR want > tolerance AND currency != want_currency
            OR currency NOT IN ('', want_currency) AS wrong
    FROM (SELECT * REPLACE (sequence * 4096 + row AS sequence) FROM verify_signals(span = {span:UInt32}) WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND era = fromUnixTimestamp64Milli({era:Int64}, 'UTC')) AS s
    INNER JOIN
    (
        SELECT
            partition, customer_id, sequence, joins,
            purses.6 AS currency,
            arrayMax(arrayPushBack(arrayMap(p -> if(p.4 = currency, abs(p.3), 0.), payments), 0.)) AS largest,
            purses.2 * exp2(-(last - greatest(purses.1, known)) / memory) AS sum,
            exp2(-(last - first) / memory) AS oldest,
            if(sum > 0, sum / visits * (0.25 + greatest(0, visits - oldest)) / (0.25 + 2 / log(2) * (1 - oldest)), 0) AS want
        FROM
        (
            SELECT
                m.partition AS partition, m.customer_id AS customer_id, m.sequence AS sequence,
                any(m.first) AS first, any(m.last) AS last, countIf(b.sequence > 0) > 0 AS joins,
                2 * toFloat64({horizon:Int64}) AS memory,
                sumIf(h.weight * exp2(-(m.last - h.time) / memory), h.counted) AS visits,
                argMinIf(h.last, h.sequence, h.counted) AS known, -- what was paid before anybody engaged does not fade until then
                arraySort(groupArrayIf((h.sequence, h.last, h.paid, toString(h.currency)), h.paid != 0)) AS payments,
                -- The time that the sums are of, two sums, how many orders each has, and their currencies.
                arrayFold((state, p) -> arrayMap((v1, v2, o1, o2, c1, c2) -> arrayMap(place -> arrayMap((w1, w2, n1, n2, d1, d2) ->
                            if(n2 > n1, (p.2, w2, w1, n2, n1, d2, d1), (p.2, w1, w2, n1, n2, d1, d2)),
                        [multiIf(place = 1, if(p.3 < 0 AND o1 > 0, greatest(v1 + p.3, least(v1, 0)), v1 + p.3), place = 4, p.3, v1)],
                        [multiIf(place = 2, if(p.3 < 0 AND o2 > 0, greatest(v2 + p.3, least(v2, 0)), v2 + p.3), place = 3, p.3, v2)],
                        [toInt64(o1 + (place IN (1, 4) AND p.3 > 0))],
                        [toInt64(multiIf(place = 2, o2 + (p.3 > 0), place = 3, p.3 > 0, place = -1, o2 - 1, o2))],
                        [if(place IN (1, 4), p.4, c1)], [if(place IN (2, 3), p.4, c2)])[1],
                    [multiIf(
                        (o1 > 0 OR v1 < 0) AND c1 = p.4, 1,
                        (o2 > 0 OR v2 < 0) AND c2 = p.4, 2,
                        o1 = 0 AND v1 >= 0, 4,
                        o2 = 0 AND v2 >= 0, 3,
                        p.3 < 0, 0,
                        o2 > 0, -1,
                        3)])[1],
                    [state.2 * if(p.2 < 0, 1., exp2(-(p.2 - greatest(state.1, known)) / (2 * toFloat64({horizon:Int64}))))],
                    [state.3 * if(p.2 < 0, 1., exp2(-(p.2 - greatest(state.1, known)) / (2 * toFloat64({horizon:Int64}))))],
                    [state.4], [state.5], [state.6], [state.7])[1],
                    payments, (toInt64(-1), 0., 0., toInt64(0), toInt64(0), '', '')) AS purses
            FROM
            (
                SELECT moment.*, l.sequence AS begins
                FROM
                (
                    SELECT n.*, c.customer AS customer
                    FROM verify_moments AS n
                    INNER JOIN verify_customers AS c ON n.customer_id = c.customer_id
                    WHERE n.partition BETWEEN {low:UInt16} AND {high:UInt16}
                ) AS moment
                ASOF LEFT JOIN
                (
                    SELECT partition, customer, sequence
                    FROM verify_lives
                    WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND begins
                ) AS l ON moment.partition = l.partition AND moment.customer = l.customer AND moment.sequence >= l.sequence
            ) AS m
            INNER JOIN
            (
                SELECT partition, customer, sequence, time, last, counted, weight, paid, toString(currency) AS currency
                FROM verify_histories
                WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND (counted OR paid != 0)
            ) AS h ON m.partition = h.partition AND m.customer = h.customer
            LEFT JOIN (SELECT DISTINCT customer, sequence FROM verify_brought) AS b ON h.customer = b.customer AND h.sequence = b.sequence
            WHERE h.sequence <= m.sequence AND h.sequence >= m.begins
            GROUP BY m.partition, m.customer_id, m.sequence
            HAVING NOT joins OR countIf(b.sequence > 0 AND h.paid < 0) = 0 AND uniqExactIf(h.currency, h.paid != 0) <= 1
        )
    ) AS v ON s.partition = v.partition AND s.customer = v.customer_id AND s.sequence = v.sequence
)
