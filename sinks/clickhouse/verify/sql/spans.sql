-- Where the stories of customers begin anew.
INSERT INTO verify_spans (partition, span, low, high, config)
SELECT
    partition, span, low,
    leadInFrame(low, 1, 18446744073709551615) OVER (PARTITION BY partition ORDER BY span ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
    config
FROM
(
    SELECT partition, toUInt32(span) AS span, if(span = 0, 0, min(sequence)) AS low, argMin(config, sequence) AS config
    FROM verify_clocks
    GROUP BY partition, span
);

-- The signals of a span whose customers have no history before it.
CREATE OR REPLACE VIEW verify_signals AS
SELECT s.*
FROM valid_signals AS s
LEFT JOIN (SELECT partition, low, high FROM verify_spans WHERE span = {span:UInt32}) AS b ON s.partition = b.partition
WHERE (b.high = 0 AND {span:UInt32} = 0 OR s.sequence * 4096 + s.row >= b.low AND s.sequence * 4096 + s.row < b.high)
  AND s.customer NOT IN (SELECT customer_id FROM verify_crossing WHERE span = {span:UInt32});

-- The others.
CREATE OR REPLACE VIEW verify_unproved AS
SELECT s.customer AS customer
FROM valid_signals AS s
INNER JOIN (SELECT partition, low, high FROM verify_spans WHERE span = {span:UInt32}) AS b ON s.partition = b.partition
WHERE s.sequence * 4096 + s.row >= b.low AND s.sequence * 4096 + s.row < b.high AND s.era = fromUnixTimestamp64Milli({era:Int64}, 'UTC')
  AND s.customer IN (SELECT customer_id FROM verify_crossing WHERE span = {span:UInt32})
