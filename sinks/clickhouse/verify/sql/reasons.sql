-- The reasons of table signals: the numbers of each, and for English its very
-- text. Every signal has at least one, none twice, and none of a kind that is not
-- known here. Whether a group of terms speaks at all is the model's to say.
SELECT
    countIf(wanted) AS compared,
    countIf(code = '') AS missing,
    countIf(NOT wanted AND code != '') AS extra,
    countIf(wanted AND (numbers != got_numbers OR {english:Bool} AND text != got_text)) AS different,
    groupArrayIf(5)(
        format('customer {}, episode {}, {}: "{}" {}, want "{}" {}',
            customer, toString(episode), code, got_text, toString(got_numbers), text, toString(numbers)),
        NOT wanted OR numbers != got_numbers OR {english:Bool} AND text != got_text) AS examples
FROM
(
    SELECT
        customer, episode, code, got_text, got_numbers,
        has(['rhythm', 'recency', 'trend', 'history', 'contact', 'negatives', 'experience', 'pressure', 'week', 'left'], code) AND visits > 0 AND NOT again AS wanted,
        -- A single visit, or several within a single slot, have texts of their own.
        multiIf(toFloat64(last - first) <= 0.01 * toFloat64({horizon:Int64}), 'once', visits < 2, 'slot', 'often') AS came,
        [
            ('before', toInt64(before)),
            ('contact_ms', greatest(0, at - latest)),
            ('every_ms', if(visits > 1, intDiv(last - first, toInt64(visits) - 1), 0)),
            ('known_ms', greatest(0, at - first)),
            ('messages', toInt64(messages)),
            ('negatives', toInt64(negatives)),
            ('rating', toInt64(rating)),
            ('recent', toInt64(recent)),
            ('silent_ms', greatest(0, at - last)),
            ('slot_ms', intDiv({horizon:Int64}, 8)),
            ('visits', toInt64(visits))
        ] AS all,
        arrayMap(n -> multiIf(
            NOT endsWith(n.1, '_ms'), toString(n.2),
            n.2 >= 2 * 86400000, concat(toString(intDiv(n.2 + 43200000, 86400000)), ' days'),
            n.2 >= 2 * 3600000, concat(toString(intDiv(n.2 + 1800000, 3600000)), ' hours'),
            n.2 >= 2 * 60000, concat(toString(intDiv(n.2 + 30000, 60000)), ' minutes'),
            n.2 >= 60000, '1 minute',
            'less than a minute'), all) AS words,
        words[1] AS w_before, words[2] AS w_contact, words[3] AS w_every, words[4] AS w_known,
        words[5] AS w_messages, words[6] AS w_negatives, words[7] AS w_rating,
        words[8] AS w_recent, words[9] AS w_silent, words[10] AS w_slot, words[11] AS w_visits,
        multiIf(
            code = 'rhythm' AND came = 'once', (['silent_ms'], format('seen once, silent for {}', w_silent)),
            code = 'rhythm' AND came = 'slot', (['silent_ms', 'slot_ms'], format('seen within one span of {} only, silent for {}', w_slot, w_silent)),
            code = 'rhythm', (['every_ms', 'silent_ms'], format('usually every {}, silent for {}', w_every, w_silent)),
            code = 'recency', (['silent_ms'], format('last engagement {} ago', w_silent)),
            code = 'trend' AND came = 'once', ([''], 'no second visit yet'),
            code = 'trend' AND came = 'slot', (['slot_ms'], format('active within one span of {} only', w_slot)),
            code = 'trend', (['before', 'recent', 'slot_ms'],
                format('active in {} of the 8 spans of {} up to the last engagement, in {} of the 8 before', w_recent, w_slot, w_before)),
            code = 'history' AND came = 'once', (['known_ms'], format('came once, {} ago, and not again', w_known)),
            code = 'history' AND came = 'slot', (['known_ms', 'slot_ms'],
                format('first came {} ago, active within one span of {} only', w_known, w_slot)),
            code = 'history', (['known_ms', 'slot_ms', 'visits'], format('active in {} spans of {} since {} ago', w_visits, w_slot, w_known)),
            code = 'contact', (['contact_ms'], format('last event of any kind {} ago', w_contact)),
            code = 'negatives', (['negatives'], format('negative signals so far: {}', w_negatives)),
            code = 'experience', (['rating'], format('latest rating: {} %, where below zero is bad', w_rating)),
            code = 'pressure', (['messages'], format('messages since the last engagement: {}', w_messages)),
            code = 'week', ([''], 'the hours and days of the week that come next'),
            code = 'left' AND left, ([''], 'has ended the relation'),
            ([''], '')) AS said,
        arrayFilter(n -> has(said.1, n.1), all) AS numbers,
        said.2 AS text
    FROM
    (
        SELECT
            s.customer AS customer, s.episode AS episode, toUnixTimestamp64Milli(s.at) AS at,
            m.first AS first, m.last AS last, m.latest AS latest, m.visits AS visits, m.left AS left, m.negatives AS negatives, m.rating AS rating, m.messages AS messages, m.recent AS recent, m.before AS before,
            toString(told.1) AS code, told.2 AS got_text,
            arraySort(arrayZip(arrayMap(n -> toString(n), mapKeys(told.3)), mapValues(told.3))) AS got_numbers,
            told.4 AS again
        FROM
        (
            SELECT
                partition, customer, episode, at, sequence,
                arrayJoin(if(empty(reason_code), [('', '', map(), 0)], arrayMap(
                    (code, place) -> (code, reason_text[place], reason_numbers[place], indexOf(reason_code, code) != place),
                    reason_code, arrayEnumerate(reason_code)))) AS told
            FROM valid_signals
            WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
              AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(at) >= {since:Int64})
        ) AS s
        LEFT JOIN
        (
            SELECT *
            FROM verify_moments
            WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
        ) AS m ON s.partition = m.partition AND s.customer = m.customer_id AND s.sequence = m.sequence
    )
)
