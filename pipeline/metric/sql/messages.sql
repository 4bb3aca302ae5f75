SELECT
    partition, sequence, time, channel, campaign, 1 AS events,
    type = 'message.sent' AS sent, type = 'message.delivered' AS delivered, type = 'message.bounced' AS bounced,
    NOT machine AND type IN ('email.opened', 'message.read') AS opened, NOT machine AND type IN ('email.clicked', 'message.clicked') AS clicked,
    NOT machine AND type IN ('email.replied', 'message.replied') AS replied,
    NOT machine AND type = 'unsubscribed' AS unsubscribed, NOT machine AND type = 'opted_out' AS opted_out, NOT machine AND type = 'spam_reported' AS spam_reported,
    machine AND type IN ('email.opened', 'message.read') AS machine_opened, machine AND type IN ('email.clicked', 'message.clicked') AS machine_clicked,
    machine AND NOT machine_opened AND NOT machine_clicked AS machine_other, kind = 'machine' AS machine
FROM verify_accepted
WHERE type IN ('message.sent', 'message.delivered', 'message.bounced', 'email.opened', 'message.read', 'email.clicked', 'message.clicked', 'email.replied',
    'message.replied', 'unsubscribed', 'opted_out', 'spam_reported')
