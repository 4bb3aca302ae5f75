SELECT
    partition, sequence, time, channel, 1 AS events, type = 'post.viewed' AS views, type = 'post.liked' AS likes, type = 'post.commented' AS comments,
    type = 'post.shared' AS shares, type = 'mention.posted' AS mentions, type = 'referral.made' AS referrals, type = 'conversation.joined' AS conversations
FROM verify_accepted
WHERE kind != 'machine'
  AND type IN ('post.viewed', 'post.liked', 'post.commented', 'post.shared', 'mention.posted', 'referral.made', 'conversation.joined')
