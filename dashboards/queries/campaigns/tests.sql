-- Arms of A/B tests, over all send days of the campaign. Where the interval holds 0, the
-- test doesn't tell the arms apart.
SELECT
    campaign, channel, replaceAll(rate, '_', ' ') AS rate, concat(baseline, ' / ', variant) AS arms, fewest AS smaller_arm,
    difference, difference_low, difference_high,
    multiIf(difference_low > 0, variant, difference_high < 0, baseline, 'no difference') AS better
FROM v_campaign_variants
WHERE difference IS NOT NULL AND day >= toDate($__fromTime) AND day <= toDate($__toTime)
  AND campaign IN (${campaign:singlequote}) AND channel IN (${channel:singlequote})
ORDER BY abs(difference) / (difference_high - difference_low) DESC
LIMIT 50
