SELECT
    partition, sequence, time, channel, 1 AS events, type = 'case.opened' AS cases_opened, type = 'case.resolved' AS cases_resolved,
    type = 'call.started' AS calls, type = 'chat.messaged' AS chats
FROM verify_accepted
WHERE kind != 'machine' AND type IN ('case.opened', 'case.resolved', 'call.started', 'chat.messaged')
