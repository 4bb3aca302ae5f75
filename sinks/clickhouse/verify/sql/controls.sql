CREATE OR REPLACE VIEW verify_refused_controls AS
SELECT r.partition AS partition, r.sequence AS sequence, if(k.beyond, 'too_far_ahead', 'unreadable_control') AS verdict
FROM verify_raw AS r
INNER JOIN verify_clocks AS k ON r.partition = k.partition AND r.sequence = k.sequence
WHERE (k.beyond OR r.broken) AND r.control != ''
   OR r.lane = 'c' AND r.control NOT IN ('tick', 'model', 'alerts', 'start', 'end', 'config', 'forget', 'forgotten', 'erased', 'remains', 'join')
   OR r.lane = 'c' AND r.control = 'config' AND (NOT isValidJSON(r.body) OR JSONExtractUInt(r.body, 'version') > k.config)
   OR r.lane = 'h' AND r.control NOT IN ('', 'tick', 'model', 'alerts', 'start', 'end')
   OR r.lane IN ('c', 'h') AND r.control IN ('model', 'alerts', 'start', 'end') AND NOT isValidJSON(r.body)
   OR r.lane = 'h' AND r.control = 'tick' AND k.open AND NOT isValidJSON(r.body)
   OR r.lane = 'c' AND r.control = 'join' AND (NOT isValidJSON(r.body) OR JSONExtractString(r.body, 'anonymous') = '' OR JSONExtractString(r.body, 'customer') = '')
   OR r.control = 'start' AND (r.lane = 'c' OR r.lane = 'h' AND JSONExtractString(r.body, 'import') = '');

-- Which anonymous customers are known ones, and from which record on: an anonymous id
-- joins once.
CREATE OR REPLACE VIEW verify_joined AS
SELECT
    r.partition AS partition, concat('anonymous:', JSONExtractString(r.body, 'anonymous')) AS customer_id,
    min(r.sequence) AS sequence, argMin(JSONExtractString(r.body, 'customer'), r.sequence) AS known
FROM verify_raw AS r
INNER JOIN verify_horizon AS h ON r.partition = h.partition
WHERE r.lane = 'c' AND r.control = 'join' AND isValidJSON(r.body) AND r.sequence <= h.sequence
  AND JSONExtractString(r.body, 'anonymous') != '' AND JSONExtractString(r.body, 'customer') != ''
GROUP BY r.partition, customer_id
