SELECT
    partition, sequence, time, customer,
    if(message != '', concat('m', message), concat('c', campaign)) AS item,
    multiIf(sent, 0, delivered OR bounced, 1, 2) AS rank,
    campaign, channel,
    JSONExtractRaw(properties, 'variant') AS raw,
    multiIf(
        raw IN ('', 'null'), '',
        startsWith(raw, '"'), if(length(JSONExtractString(properties, 'variant')) > 256, 'other', JSONExtractString(properties, 'variant')),
        raw IN ('true', 'false'), raw,
        NOT match(raw, '^[-0-9]') OR toFloat64OrZero(raw) != trunc(toFloat64OrZero(raw)) OR abs(toFloat64OrZero(raw)) >= 1e15, 'other',
        toString(toInt64(toFloat64OrZero(raw)))) AS variant,
    kind != 'machine' AS person,
    type = 'message.sent' OR type = 'ad.viewed' AND person AS sent,
    type = 'message.delivered' OR type = 'ad.viewed' AND person AS delivered,
    type = 'message.bounced' AS bounced,
    type IN ('email.opened', 'message.read', 'ad.viewed') AND person AS opened,
    type IN ('email.clicked', 'message.clicked', 'ad.clicked') AND person AS clicked,
    ((config, type) IN (SELECT config, name FROM verify_types WHERE money = 1) OR type = 'lead.submitted') AND person
        AND type NOT IN ('message.sent', 'message.delivered', 'message.bounced', 'email.opened', 'message.read', 'ad.viewed',
            'email.clicked', 'message.clicked', 'ad.clicked', 'unsubscribed', 'opted_out', 'spam_reported') AS converted,
    type IN ('email.opened', 'message.read', 'ad.viewed') AND NOT person AS machine_opened,
    type IN ('email.clicked', 'message.clicked', 'ad.clicked') AND NOT person AS machine_clicked,
    type IN ('unsubscribed', 'opted_out') AND person AS unsubscribed,
    type = 'spam_reported' AND person AS complained
FROM verify_accepted
WHERE (message != '' OR campaign != '')
  AND (sent OR delivered OR bounced OR opened OR clicked OR converted OR machine_opened OR machine_clicked OR unsubscribed OR complained)
