SELECT
    partition, sequence, time, channel, 1 AS events, type = 'loyalty.enrolled' AS enrolled, type = 'points.earned' AS earnings, if(earnings, abs(value), 0) AS points_earned,
    type = 'points.redeemed' AS redemptions, if(redemptions, abs(value), 0) AS points_redeemed
FROM verify_accepted
WHERE kind != 'machine' AND type IN ('loyalty.enrolled', 'points.earned', 'points.redeemed')
