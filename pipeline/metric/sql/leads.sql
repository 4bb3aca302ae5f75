SELECT
    partition, sequence, time, channel, campaign, 1 AS events, type = 'ad.viewed' AS ads_viewed, type = 'ad.clicked' AS ads_clicked,
    type = 'lead.submitted' AS leads, type = 'account.signed_up' AS accounts, type = 'newsletter.subscribed' AS newsletters,
    type IN ('order.completed', 'subscription.renewed') AS purchases
FROM verify_accepted
WHERE kind != 'machine' AND type IN ('ad.viewed', 'ad.clicked', 'lead.submitted', 'account.signed_up', 'newsletter.subscribed', 'order.completed', 'subscription.renewed')
