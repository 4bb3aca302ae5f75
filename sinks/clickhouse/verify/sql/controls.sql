CREATE OR REPLACE VIEW verify_refused_controls AS
SELECT r.partition AS partition, r.sequence AS sequence, if(k.beyond, 'too_far_ahead', 'unreadable_control') AS verdict
FROM verify_raw AS r
INNER JOIN verify_clocks AS k ON r.partition = k.partition AND r.sequence = k.sequence
INNER JOIN verify_configs AS c ON k.config = c.version
WHERE (k.beyond OR r.broken) AND r.control != ''
   OR r.lane = 'c' AND r.control NOT IN ('tick', 'model', 'alerts', 'start', 'end', 'config', 'forget', 'forgotten', 'erased', 'remains', 'join', 'move')
   OR r.lane = 'c' AND r.control = 'config' AND (NOT isValidJSON(r.body) OR JSONExtractUInt(r.body, 'version') > k.config)
   OR r.lane = 'h' AND r.control NOT IN ('', 'tick', 'model', 'alerts', 'start', 'end')
   OR r.lane IN ('c', 'h') AND r.control IN ('model', 'alerts', 'start', 'end') AND NOT isValidJSON(r.body)
   OR r.lane = 'h' AND r.control = 'tick' AND k.open AND NOT isValidJSON(r.body)
   OR r.lane = 'c' AND r.control = 'join' AND (NOT isValidJSON(r.body) OR JSONExtractString(r.body, 'anonymous') = '' OR JSONExtractString(r.body, 'customer') = '')
   OR r.lane = 'c' AND r.control = 'move' AND (NOT isValidJSON(r.body) OR JSONExtractString(r.body, 'customer') = '' AND JSONExtractString(r.body, 'anonymous') = ''
       OR greatest(JSONExtractInt(r.body, 'history', 'newest'), arrayMax(arrayPushFront(JSONExtract(r.body, 'traces', 'Array(Tuple(newest Int64))').newest, 0))) > k.clock + c.skew)
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
GROUP BY r.partition, customer_id;

-- Who was there last under both ids, by the events that say so in the partition of the
-- known one.
CREATE OR REPLACE VIEW verify_devices AS
SELECT DISTINCT
    k.home AS partition, concat('anonymous:', JSONExtractString(r.body, 'anonymous')) AS customer_id,
    JSONExtractUInt(r.body, 'sequence') * 4096 AS sequence, k.customer AS customer
FROM verify_raw AS r
INNER JOIN verify_customers AS k ON JSONExtractString(r.body, 'customer') = k.customer_id
WHERE r.lane = 'c' AND r.control = 'join' AND isValidJSON(r.body);

-- The events under an anonymous id alone behind it, which follow who that is.
CREATE OR REPLACE VIEW verify_followed AS
SELECT DISTINCT toUInt16(JSONExtractUInt(body, 'partition')) AS partition, JSONExtractUInt(body, 'sequence') * 4096 AS sequence
FROM verify_raw
WHERE lane = 'c' AND control = 'move' AND isValidJSON(body) AND JSONExtractString(body, 'customer') = '';

-- Where it is told to the partition of the known one, and up to when windows were final
-- there: who was active before counts as the known one in those that end later, unless
-- the other partition is ahead. So it is
-- with each event that follows; then anonymous says under which id it came.
CREATE OR REPLACE VIEW verify_moved AS
SELECT
    r.partition AS partition, toUInt16(JSONExtractUInt(r.body, 'partition')) AS origin, JSONExtractUInt(r.body, 'sequence') * 4096 AS joined,
    min(r.sequence) AS sequence, argMin(k.watermark, r.sequence) AS final, argMin(JSONExtractInt(r.body, 'final') <= k.watermark, r.sequence) AS counts, argMin(JSONExtractInt(r.body, 'time'), r.sequence) AS at,
    argMin(if(JSONExtractString(r.body, 'customer') = '', concat('anonymous:', JSONExtractString(r.body, 'anonymous')), ''), r.sequence) AS anonymous
FROM verify_raw AS r
INNER JOIN verify_clocks AS k ON r.partition = k.partition AND r.sequence = k.sequence
INNER JOIN verify_horizon AS h ON r.partition = h.partition
WHERE r.lane = 'c' AND r.control = 'move' AND r.sequence <= h.sequence
  AND (r.partition, r.sequence) NOT IN (SELECT partition, sequence FROM verify_refused_controls)
GROUP BY r.partition, origin, joined
