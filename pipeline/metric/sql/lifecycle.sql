SELECT
    partition, day, span.1 AS interval,
    multiIf(
        NOT arrayExists(ago -> ago < 28, engaged), 'dormant',
        NOT arrayExists(ago -> ago < span.2, engaged), 'resting',
        first > day - span.2, 'new',
        arrayExists(ago -> ago >= span.2 AND ago < span.2 + 28, engaged), 'returning',
        'resurrected') AS state,
    1 AS customers
FROM verify_people
ARRAY JOIN [('day', 1), ('week', 7), ('28d', 28)] AS span
WHERE first >= 0
