SELECT count()
FROM valid_signals AS s
LEFT JOIN (SELECT partition, low, high FROM verify_spans WHERE span = {span:UInt32}) AS b ON s.partition = b.partition
WHERE b.high = 0 AND {span:UInt32} = 0 OR s.sequence * 4096 + s.row >= b.low AND s.sequence * 4096 + s.row < b.high
