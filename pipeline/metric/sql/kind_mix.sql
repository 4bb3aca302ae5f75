SELECT partition, sequence, time, channel, 1 AS events, kind = 'passive' AS passive, kind = 'micro' AS micro, kind = 'active' AS active
FROM verify_accepted
WHERE kind IN ('passive', 'micro', 'active')
