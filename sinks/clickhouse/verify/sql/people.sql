-- Every customer on every day that was counted, and one row for nobody, with customer 0:
-- how many days before it they did something, and engaged, each as far back as a census
-- looks, and when they first engaged, -1 where they had not.
INSERT INTO verify_people (partition, day, customer, seen, engaged, first)
SELECT partition, day, 0, [], [], -1
FROM verify_days
WHERE partition BETWEEN {low:UInt16} AND {high:UInt16};

INSERT INTO verify_people (partition, day, customer, seen, engaged, first)
SELECT
    p.partition, p.day, p.customer,
    arrayFilter(ago -> ago BETWEEN 0 AND 90, arrayMap(at -> p.day - at, a.seen)),
    arrayFilter(ago -> ago BETWEEN 0 AND 90, arrayMap(at -> p.day - at, a.engaged)),
    if(notEmpty(a.engaged) AND arrayMin(a.engaged) <= p.day, arrayMin(a.engaged), -1)
FROM
(
    SELECT d.partition AS partition, d.day AS day, l.customer AS customer, l.since AS since
    FROM verify_days AS d
    INNER JOIN verify_lifetimes AS l ON d.partition = l.partition
    INNER JOIN verify_configs AS c ON d.config = c.version
    WHERE d.partition BETWEEN {low:UInt16} AND {high:UInt16}
      AND l.since <= d.sequence AND d.sequence < l.next
      AND (if(l.anonymous, c.stay_anonymous, c.stay) = 0 OR d.clock < l.heard + if(l.anonymous, c.stay_anonymous, c.stay))
) AS p
LEFT JOIN
(
    SELECT partition, customer, since, groupArray(day) AS seen, groupArrayIf(day, engaged) AS engaged
    FROM verify_active
    WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
    GROUP BY partition, customer, since
) AS a ON p.partition = a.partition AND p.customer = a.customer AND p.since = a.since
