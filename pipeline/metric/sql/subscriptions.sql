SELECT
    partition, sequence, time, channel, 1 AS events, type = 'subscription.renewed' AS renewed, type = 'payment.failed' AS payments_failed,
    type = 'subscription.canceled' AS canceled, type = 'app.uninstalled' AS uninstalled
FROM verify_accepted
WHERE kind != 'machine' AND type IN ('subscription.renewed', 'payment.failed', 'subscription.canceled', 'app.uninstalled')
