SELECT partition, sequence, time, campaign, channel, currency, 1 AS records, value AS cost
FROM verify_accepted
WHERE type = 'spend.recorded' AND kind != 'machine'
