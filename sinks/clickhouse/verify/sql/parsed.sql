-- The rules of the native JSON event, stated once more. What they leave out:
-- names that occur twice in an object inside properties, and more than 64 levels
-- are refused by ebb in ways that this does not tell apart; of an input with both
-- bad UTF-8 and bad JSON this says malformed.
--
-- Numbers: a value is cut toward zero to millionths and is at most 10^18 in
-- magnitude; any other number is at most the largest of 64-bit floating point.
INSERT INTO verify_parsed (partition, sequence, clock, watermark, skew, span, verdict, time, customer_id, id, name, type, kind, channel, qualifying, ends, negative, contacts, trouble, settles, notice, rated, rating, graded, currency, value, paid, config, stage, money, score, sentiment, duration, progress, session, device, campaign, message, product, properties)
WITH
    [
        'id', 'customer', 'anonymous_id', 'type',
        'channel', 'session', 'device', 'campaign', 'message', 'product', 'currency',
        'time', 'received_at',
        'value', 'score', 'sentiment', 'duration', 'progress', 'machine', 'properties'
    ] AS fields,
    [256, 256, 246, 128, 256, 256, 256, 256, 256, 256, 256, 65536, 65536] AS limits
SELECT
    partition, sequence, clock, watermark, skew, span,
    multiIf(
        forged, 'forged_control',
        open AND lane = 'p', 'import_open',
        broken, 'unreadable_control',
        beyond, 'too_far_ahead',
        NOT open AND lane = 'h', 'unreadable_control',
        length(body) > max_bytes, 'oversize',
        NOT isValidUTF8(body), if(isValidJSON(readable), 'invalid_utf8', 'malformed'),
        startsWith(body, unhex('EFBBBF')) OR NOT isValidJSON(readable) OR JSONType(readable) != 'Object' OR length(names) != length(arrayDistinct(names)), 'malformed',
        invalid, 'invalid_field',
        text[1] = '', 'missing_id',
        -- What a source could not read stands there with the reason, and without a time.
        text[12] = '', if(JSONExtractString(readable, 'refused', 'source') != '', JSONExtractString(readable, 'refused', 'reason'), 'missing_time'),
        text[4] = '', 'missing_type',
        text[2] = '' AND text[3] = '', 'missing_customer',
        -- Programs write these where they have no id; the others can't be seen.
        if(text[2] != '', text[2], text[3]) IN ('null', 'NULL', 'Null', 'nil', 'None', 'undefined', 'NaN', '\\N', '(null)', '<null>', '<nil>', '[object Object]')
            OR match(if(text[2] != '', text[2], text[3]), '^[ \\x{a0}\\x{ad}\\x{1680}\\x{180e}\\x{2000}-\\x{200f}\\x{2028}-\\x{202f}\\x{205f}-\\x{2064}\\x{3000}\\x{feff}]+$'), 'null_customer',
        t.type = '' AND reject_unknown, 'unknown_type',
        t.type = 'customer.forgotten' AND forget_denied, 'forget_denied',
        ''
    ) AS verdict,
    if(verdict = '', times[1], 0) AS time,
    if(verdict = '', if(text[2] != '', text[2], concat('anonymous:', text[3])), '') AS customer_id,
    if(verdict = '', text[1], '') AS id,
    if(verdict = '', text[4], '') AS name,
    if(t.type = '', 'unknown', t.type) AS type,
    -- What the company does is not a person's anyway.
    multiIf(present[19] AND raw[19] = 'true' AND t.kind != 'exposure', 'machine', t.kind = '', 'unknown', t.kind) AS kind,
    multiIf(
        text[5] != '', if((e.config, text[5]) IN (SELECT config, channel FROM verify_channels), text[5], 'other'),
        t.type = '', 'none',
        t.channel
    ) AS channel,
    -- What a machine did is no engagement, ends nothing and says nothing.
    t.qualifying AND kind != 'machine' AS qualifying,
    t.ends AND kind != 'machine' AS ends,
    t.negative AND kind != 'machine' AS negative,
    t.contacts AS contacts,
    multiIf(NOT negative, 0, t.type = 'case.opened', 1, t.type = 'payment.failed', 2, t.type IN ('unsubscribed', 'opted_out', 'spam_reported'), 3,
        t.type = 'order.returned', 4, t.ends, 5, 0) AS trouble,
    t.type = 'case.resolved' AND kind != 'machine' AS settles,
    -- What a person took of us without engaging: a look, a message, a mail.
    multiIf(kind != 'passive' OR t.qualifying OR t.negative, 0, channel = 'email', 3, channel IN ('sms', 'whatsapp', 'rcs', 'push'), 2, 1) AS notice,
    -- A score tells where its type has a scale, else a sentiment does: in
    -- hundredths from -100 to 100, halves away from 0. Answers to any survey have
    -- the scale of theirs.
    ((present[15] AND (
        [(t.worst, t.best), (0., 10.), (1., 5.), (1., 5.), (1., 7.)][1 + indexOf(['nps', 'csat', 'emotion', 'ces'],
            if(present[15] AND t.by_survey AND startsWith(JSONExtractRaw(properties, 'survey'), '"'), lower(JSONExtractString(properties, 'survey')), ''))]
        AS scale).1 != scale.2 AS scored) OR present[16]) AND kind != 'machine' AS rated,
    if(rated, toInt16(if((100 * if(scored,
        least(greatest(2 * (toFloat64OrZero(raw[15]) - scale.1) / (scale.2 - scale.1) - 1, -1), 1),
        toFloat64OrZero(raw[16])) AS said) < 0, ceil(said - 0.5), floor(said + 0.5))), 0) AS rating,
    scored AND rated AS graded,
    if(present[14] AND verdict = '', text[11], '') AS currency,
    if(present[14] AND verdict = '', millionths, toInt128(0)) AS value,
    -- A value is money where its type says so, by a person, in the currency that
    -- counts: paid or got back, the latter whatever its sign.
    if(kind = 'machine' OR counting NOT IN ('', currency), 0,
        multiIf(t.money > 0, toFloat64(value), t.money < 0, -abs(toFloat64(value)), 0) / 1000000) AS paid,
    e.config AS config,
    if(t.stage = '', 'none', t.stage) AS stage,
    t.money AS money,
    if(present[15], toFloat64OrZero(raw[15]), NULL) AS score,
    if(present[16], toFloat64OrZero(raw[16]), NULL) AS sentiment,
    if(present[17], toFloat64OrZero(raw[17]), NULL) AS duration,
    if(present[18], toFloat64OrZero(raw[18]), NULL) AS progress,
    text[6] AS session, text[7] AS device, text[8] AS campaign, text[9] AS message, text[10] AS product,
    if(present[20], replaceRegexpAll(raw[20], concat(mark, '([^"]*)"'), '\\1'), '') AS properties
FROM
(
    SELECT
        *,
        -- The value as 0.d1d2d3... times ten to the power of point.
        if(present[14], raw[14], '0') AS number,
        splitByChar('.', extract(number, '^-?([0-9.]+)')) AS parts,
        concat(parts[1], parts[2]) AS written,
        replaceRegexpOne(written, '^0+', '') AS digits,
        replaceRegexpOne(extract(number, '[eE]([+-]?[0-9]+)$'), '^([+-]?)0*', '\\1') AS exponent,
        length(parts[1]) - toInt64(length(written) - length(digits))
            + if(length(exponent) > 9, if(startsWith(exponent, '-'), -1000000000, 1000000000), toInt64OrZero(replaceOne(exponent, '+', ''))) AS point,
        greatest(least(point, 19) + 6, 1) AS room,
        multiIf(
            digits = '' OR point <= -6, toInt128(0),
            point > 19, toInt128('10000000000000000000000000'),
            toInt128(rightPad(substring(digits, 1, room), room, '0'))) * if(startsWith(number, '-'), -1, 1) AS millionths,
        arrayExists(i -> present[i] AND NOT startsWith(raw[i], '"'), range(1, 14))
            OR arrayExists(i -> length(text[i]) > limits[i], range(1, 14))
            OR arrayExists(i -> match(text[i], '[\\x00-\\x1f\\x7f\\x{80}-\\x{9f}]'), range(1, 5))
            OR text[11] != '' AND text[11] NOT IN (SELECT currency FROM verify_currencies)
            OR arrayExists(at -> at = -1, times)
            OR arrayExists(i -> present[i] AND NOT match(raw[i], '^[-0-9]'), range(14, 19))
            OR arrayExists(i -> present[i] AND NOT isFinite(toFloat64OrZero(raw[i])), range(15, 19))
            OR abs(millionths) > toInt128('1000000000000000000000000')
            OR present[16] AND abs(toFloat64OrZero(raw[16])) > 1
            OR present[17] AND toFloat64OrZero(raw[17]) < 0
            OR present[18] AND (toFloat64OrZero(raw[18]) < 0 OR toFloat64OrZero(raw[18]) > 1)
            OR present[19] AND raw[19] NOT IN ('true', 'false')
            OR present[20] AND NOT startsWith(raw[20], '{') AS invalid
    FROM
    (
        SELECT
            *,
            -- A time is -2 where it is absent and -1 where it is none.
            arrayMap(s -> multiIf(
                s = '', -9000000000000000,
                NOT match(s, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$')
                    OR toString(makeDate32(toUInt16OrZero(substring(s, 1, 4)), toUInt8OrZero(substring(s, 6, 2)), toUInt8OrZero(substring(s, 9, 2)))) != substring(s, 1, 10)
                    OR substring(s, 12, 2) > '23' OR substring(s, 15, 2) > '59' OR substring(s, 18, 2) > '59'
                    OR NOT endsWith(s, 'Z') AND (substring(s, -5, 2) > '23' OR substring(s, -2) > '59'), -1,
                86400000 * toInt64(toInt32(makeDate32(toUInt16OrZero(substring(s, 1, 4)), toUInt8OrZero(substring(s, 6, 2)), toUInt8OrZero(substring(s, 9, 2)))))
                    + 3600000 * toInt64OrZero(substring(s, 12, 2)) + 60000 * toInt64OrZero(substring(s, 15, 2)) + 1000 * toInt64OrZero(substring(s, 18, 2))
                    + toInt64OrZero(rightPad(substring(extract(s, '\\.([0-9]+)'), 1, 3), 3, '0'))
                    - if(endsWith(s, 'Z'), 0, if(substring(s, -6, 1) = '-', -60000, 60000) * (60 * toInt64OrZero(substring(s, -5, 2)) + toInt64OrZero(substring(s, -2))))), [text[12], text[13]]) AS instants,
            arrayMap(at -> multiIf(at = -9000000000000000, -2, at < 0 OR at > 7289654399999, -1, at), instants) AS times
        FROM
        (
            SELECT
                *,
                arrayMap(x -> multiIf(NOT startsWith(x, '"'), '', position(x, '\\') = 0, substring(x, 2, length(x) - 2), JSONExtractString(x)), raw) AS text,
                arrayMap(x -> x NOT IN ('', 'null'), raw) AS present
            FROM
            (
                SELECT
                    -- The parser of ClickHouse rounds numbers, and takes none beyond
                    -- 64 bits. So long ones go through it as strings that begin with
                    -- a mark which no other string of the body can have, and no name.
                    if(isValidUTF8(r.body), r.body, toValidUTF8(r.body)) AS text_body,
                    if(match(text_body, '[0-9][0-9.]{15}|[0-9][eE][+-]?[0-9]'), extractAll(text_body, '(?s)"(?:[^"\\\\]|\\\\.)*"|[^"]+'), []) AS tokens,
                    concat('"', hex(sipHash128(r.body)), ' ') AS mark,
                    if(empty(tokens) OR length(arrayStringConcat(tokens)) != length(text_body), text_body,
                        arrayStringConcat(arrayMap(token -> if(startsWith(token, '"') OR match(token, '[0-9]\\s*:'), token,
                            replaceRegexpAll(token, '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?', concat(mark, '\\0"'))), tokens))) AS readable,
                    r.partition AS partition, r.sequence AS sequence, r.lane AS lane, r.forged AS forged, r.broken AS broken, r.body AS body,
                    k.clock AS clock, k.open AS open, k.beyond AS beyond, k.config AS config, k.watermark AS watermark, k.span AS span,
                    f.skew AS skew, f.max_bytes AS max_bytes, f.reject_unknown AS reject_unknown, f.forget_denied AS forget_denied, f.currency AS counting,
                    JSONExtractKeysAndValuesRaw(readable) AS pairs,
                    arrayMap(p -> p.1, pairs) AS names,
                    arrayMap(f -> arrayMap(p -> p.2, pairs)[indexOf(names, f)], fields) AS found,
                    arrayMap(x -> if(startsWith(x, mark), substring(x, length(mark) + 1, length(x) - length(mark) - 1), x), found) AS raw
                FROM verify_raw AS r
                INNER JOIN verify_clocks AS k ON r.partition = k.partition AND r.sequence = k.sequence
                INNER JOIN verify_configs AS f ON k.config = f.version
                WHERE r.partition BETWEEN {low:UInt16} AND {high:UInt16}
                  AND k.partition BETWEEN {low:UInt16} AND {high:UInt16}
                  AND (r.lane = 'p' OR r.lane = 'h' AND r.control = '')
            )
        )
    )
) AS e
LEFT JOIN verify_types AS t ON e.text[4] = t.name AND e.config = t.config
