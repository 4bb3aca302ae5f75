CREATE OR REPLACE VIEW verify_refused_controls AS
SELECT r.partition AS partition, r.sequence AS sequence, if(k.beyond, 'too_far_ahead', 'unreadable_control') AS verdict
FROM verify_raw AS r
INNER JOIN verify_clocks AS k ON r.partition = k.partition AND r.sequence = k.sequence
WHERE (k.beyond OR r.broken) AND r.control != ''
   OR r.lane = 'c' AND r.control NOT IN ('tick', 'model', 'alerts', 'start', 'end', 'config', 'forget', 'forgotten', 'erased', 'remains')
   OR r.lane = 'c' AND r.control = 'config' AND (NOT isValidJSON(r.body) OR JSONExtractUInt(r.body, 'version') > k.config)
   OR r.lane = 'h' AND r.control NOT IN ('', 'tick', 'model', 'alerts', 'start', 'end')
   OR r.lane IN ('c', 'h') AND r.control IN ('model', 'alerts', 'start', 'end') AND NOT isValidJSON(r.body)
   OR r.lane = 'h' AND r.control = 'tick' AND k.open AND NOT isValidJSON(r.body)
   OR r.control = 'start' AND (r.lane = 'c' OR r.lane = 'h' AND JSONExtractString(r.body, 'import') = '')
