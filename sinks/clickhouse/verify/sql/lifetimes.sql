-- From when on each customer was known, life by life, and when they were last heard of
-- in it: they leave once the clock is as far after that as they are kept, and the next
-- event begins anew. The rules are those of lives.sql; here it is all customers, under
-- the configuration of each event. Where nobody can have left yet, there is one life.
INSERT INTO verify_lifetimes (partition, customer, anonymous, since, next, heard)
SELECT partition, customer, anonymous, life.1, life.3, life.2
FROM
(
    SELECT
        e.partition AS partition, customer, any(anonymous) AS anonymous,
        arrayFold(
            (known, e) -> (
                if(known.1 < 0 AND e.4 = 0 OR known.1 >= 0 AND e.2 >= known.1 + e.5 AND e.4 = 0
                    OR e.7 AND known.3 > 0 AND e.3 <= known.3 + e.8 AND (e.3 > known.3 OR e.3 = known.3 AND e.3 % 60000 != 0),
                    known.1, greatest(known.1, e.3)),
                if(e.4 > 0 AND (empty(known.2) OR known.1 >= 0 AND e.2 >= known.1 + e.5), arrayPushBack(known.2, (e.1, known.1)), known.2),
                if(e.6 AND (e.4 > 0 OR known.1 >= 0 AND e.2 < known.1 + e.5), greatest(known.3, e.3), known.3)
            ),
            arraySort(groupArray((sequence, clock, if(ours, intDiv(time, 2) * 2, time), fresh, stay, ours, reacts, scanner))),
            (toInt64(-1), CAST([], 'Array(Tuple(UInt64, Int64))'), toInt64(0))) AS folded,
        arrayJoin(arrayMap((begun, heard, next) -> (begun.1, heard, next),
            folded.2,
            arrayPushBack(arrayMap(begun -> begun.2, arrayPopFront(folded.2)), folded.1),
            arrayPushBack(arrayMap(begun -> begun.1, arrayPopFront(folded.2)), 18446744073709551615))) AS life
    FROM verify_heard(from = {low:UInt16}, to = {high:UInt16}) AS e
    GROUP BY partition, customer
    HAVING countIf(fresh) > 0 AND min(stay) > 0 AND any(until) >= min(time) + min(stay)
);

INSERT INTO verify_lifetimes (partition, customer, anonymous, since, next, heard)
SELECT partition, customer, any(anonymous), minIf(sequence, fresh), 18446744073709551615, max(time)
FROM verify_heard(from = {low:UInt16}, to = {high:UInt16})
GROUP BY partition, customer
HAVING countIf(fresh) > 0 AND NOT (min(stay) > 0 AND any(until) >= min(time) + min(stay))
