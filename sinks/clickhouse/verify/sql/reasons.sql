-- The words of table signals: of each reason the numbers and the very text, and
-- the first and the last sentence. Phrases are those of the language; which of
-- them a history asks for, and what is put into them, is derived here. Every
-- signal has one to three reasons, none that says what another one says, and none
-- that is not so. Whether a group of terms speaks at all is the model's to say.
WITH (SELECT mapFromArrays(groupArray(key), groupArray(text)) FROM verify_words WHERE config = {config:UInt64}) AS w
SELECT
    countIf(wanted) AS compared,
    countIf(code = '') AS missing,
    countIf(NOT wanted AND code != '') AS extra,
    countIf(wanted AND (numbers != got_numbers OR text != got_text)) AS different,
    groupArrayIf(5)(
        format('customer {}, episode {}, {}: "{}" {}, want "{}" {}',
            customer, toString(episode), code, got_text, toString(got_numbers), text, toString(numbers)),
        NOT wanted OR numbers != got_numbers OR text != got_text) AS examples
FROM
(
    SELECT
        customer, episode,
        arrayJoin(arrayConcat(
            if(empty(codes), [('', '', [], '', [], false)], arrayMap((c, place) -> (
                    c, got_texts[place], got_all[place],
                    texts[place],
                    arrayFilter(n -> has(multiIf(
                        c IN ('rhythm', 'recency'), ['every_ms', 'silent_ms'],
                        c = 'history', ['known_ms', 'silent_ms', 'visits'],
                        c = 'contact', ['contact_ms', 'every_ms', 'silent_ms'],
                        c = 'trend', ['before', 'recent', 'slot_ms', 'visits_before', 'visits_recent'],
                        c = 'negatives', ['negatives', 'trouble_at'],
                        c = 'experience', ['rating'],
                        c = 'pressure', ['messages'],
                        c = 'left', ['left_at'],
                        []), n.1), numbers_all),
                    forms[place] != '' AND place <= 3 AND indexOf(codes, c) = place),
                codes, arrayEnumerate(codes))),
            [
                ('first', got_headline, [], headline, [], true), ('last', got_if_back, [], if_back, [], true),
                ('usual', '', [('every_ms', got_usual)], '', [('every_ms', every)], true)
            ])) AS told,
        told.1 AS code, told.2 AS got_text, told.3 AS got_numbers, told.4 AS text, told.5 AS numbers, told.6 AS wanted
    FROM
    (
        SELECT
            *,
            -- Lengths of time as people say them.
            arrayMap(ms -> multiIf(
                ms < 10000, 'few',
                ms >= 55000 AND ms < 65000, 'minute',
                ms >= 3300000 AND ms < 4500000, 'hour',
                ms >= 79200000 AND ms < 108000000, 'day',
                ms >= 561600000 AND ms < 648000000, 'week',
                ms >= 29 * 86400000 AND ms < 33 * 86400000, 'month',
                ms >= 320 * 86400000 AND ms < 380 * 86400000, 'year',
                ms >= 4500000 AND ms < 6300000, 'hour_half',
                ms >= 108000000 AND ms < 151200000, 'day_half',
                ms >= 500 * 86400000 AND ms < 600 * 86400000, 'year_half',
                ms >= 58 * 86400000 AND ms < 64 * 86400000, 'month',
                ms < 90000, 'second',
                ms < 3300000, 'minute',
                ms < 22 * 3600000, 'hour',
                ms < 13 * 86400000, 'day',
                ms < 88 * 86400000, 'week',
                ms < 680 * 86400000, 'month',
                'year'), [silent, every]) AS units,
            arrayMap(unit -> toInt64(transform(unit, ['second', 'minute', 'hour', 'day', 'week', 'month', 'year', 'hour_half', 'day_half', 'year_half'],
                [1000, 60000, 3600000, 86400000, 604800000, 2629800000, 31557600000, 5400000, 129600000, 47336400000], 1)), units) AS sizes,
            arrayMap((ms, unit, size) -> greatest(1, intDiv(ms + intDiv(size, 2), size)), [silent, every], units, sizes) AS rounded,
            arrayMap((n, unit) -> multiIf(unit = 'second', intDiv(n + 5, 10) * 10, unit = 'minute' AND n >= 20, intDiv(n + 2, 5) * 5, n), rounded, units) AS amounts,
            if(units[1] = 'few', w['span.few'], concat(
                w[multiIf(20 * abs(silent - amounts[1] * sizes[1]) <= amounts[1] * sizes[1], '',
                    silent < amounts[1] * sizes[1] AND amounts[1] = 1 AND units[1] IN ('week', 'month', 'year'), 'almost', 'about')],
                w[concat('span.', units[1], '.', toString(amounts[1]))])) AS w_silent,
            w[if(units[2] = 'few', 'every.few', concat('every.', units[2], '.', toString(amounts[2])))] AS w_every,
            arrayMap(t -> concat(
                w[concat('day.', toString(toDayOfMonth(fromUnixTimestamp64Milli(t, 'UTC'))))],
                w[concat('month.', toString(toMonth(fromUnixTimestamp64Milli(t, 'UTC'))))],
                if(at - t >= 300 * 86400000, concat(w['year'], toString(toYear(fromUnixTimestamp64Milli(t, 'UTC')))), '')), [trouble_at, left_at]) AS dates,
            -- The phrase of each reason.
            multiIf(
                cleared, ('recency', multiIf(NOT back, 'recency.calm', silent < 60000, 'recency.now', 'recency.back')),
                once, ('history', 'history.once'),
                visits < 2, ('history', 'history.short'),
                heard_kind > 0, ('contact', concat('contact.', ['look', 'message', 'mail'][heard_kind])),
                visits > 2 AND 2 * silent >= 3 * every, ('rhythm', 'rhythm'),
                ('recency', 'recency')) AS silence,
            arrayMap(c -> multiIf(
                visits = 0, '',
                joins, if(c = 'joined', 'joined', ''),
                NOT cleared AND left, if(c = 'left', 'left', ''),
                c = silence.1, silence.2,
                c = 'trend' AND NOT cleared AND visits_before >= visits_recent + 2 AND 4 * visits_recent <= 3 * visits_before, 'trend.fell',
                c = 'trend' AND cleared AND last - first >= 2 * {horizon:Int64} AND visits_before > 0
                    AND visits_recent >= visits_before + 2 AND 3 * visits_recent >= 4 * visits_before, 'trend.rose',
                c = 'negatives' AND NOT cleared AND negatives > 0, if(trouble_kind = 1 AND settled,
                    'negatives.complaint.settled',
                    concat('negatives.', ['other', 'complaint', 'payment', 'unsubscribed', 'returned', 'quit'][trouble_kind + 1])),
                c = 'experience' AND if(cleared, rating > 0, rating < 0), multiIf(graded, 'experience.scored', rating > 0, 'experience.glad', 'experience.felt'),
                c = 'pressure' AND NOT cleared AND messages > 1, 'pressure',
                ''), codes) AS forms,
            arrayMap(form -> arrayFold((text, place) -> replaceAll(text, place.1, place.2), [
                    ('{silent}', w_silent), ('{every}', w_every), ('{period}', w['period']),
                    ('{recent}', toString(visits_recent)), ('{before}', toString(visits_before)),
                    ('{rating}', toString(intDiv(rating + 110, 20))),
                    ('{messages}', if(messages <= 10, w[concat('messages.', toString(messages))], toString(messages))),
                    ('{trouble}', dates[1]), ('{left}', dates[2])],
                w[if(bought AND mapContains(w, concat(form, '.bought')), concat(form, '.bought'), form)]), forms) AS texts,
            -- The first sentence.
            least(greatest(intDiv(score + 50, 100), 1), 99) AS gone,
            -- A rule of a customer's own has to be so, by what the signal says.
            (score + 0.5) / greatest(9999.5 - score, 0.01) * (10000.5 - usual_score) / greatest(usual_score - 0.5, 0.01) AS odds_grown,
            multiIf(
                rule = '', usual_score = 0
                    AND (cleared OR level != 'at_risk' OR {contact_cost:Float64} = 0 OR value < 0.01 OR score >= 9500
                        OR (value + 0.01) * (score + 1) / 10000 * {uplift:Float64} >= {contact_cost:Float64}),
                cleared OR level != 'at_risk' OR left, false,
                rule = 'unusual', {unusual:Float64} > 0 AND odds_grown >= {unusual:Float64} * 0.999999
                    AND arrayAll((c, part) -> c NOT IN ('rhythm', 'recency', 'history', 'contact') OR usual_score < 200 OR score > 9800
                        OR abs(part - log(score / (10000 - score) * (10000 - usual_score) / usual_score)) < 0.01, codes, parts),
                rule = 'worth', {contact_cost:Float64} > 0 AND usual_score = 0
                    AND (value + 0.01) * (score + 1) / 10000 * {uplift:Float64} >= {contact_cost:Float64},
                false) AS ruled,
            concat('headline.', multiIf(
                NOT ruled, 'none',
                joins, 'joined',
                NOT cleared AND left, 'left', cleared AND level = 'healthy', 'back', cleared, 'better', level = 'lapsed', 'lapsed',
                rule != '', rule,
                score >= 9500, 'sure', score >= 7500, 'probable', score >= 5000, 'likely', 'possible')) AS heading,
            if(heading = 'headline.back', 100 - gone, gone) AS count,
            replaceAll(replaceAll(w[if(count = 1 AND mapContains(w, concat(heading, '.one')), concat(heading, '.one'), heading)],
                '{count}', toString(count)), '{horizon}', w['horizon']) AS headline,
            -- The last one, by the reason that asks most for something.
            arrayFirst(a -> a != '' AND mapContains(w, concat('advice.', a)), arrayMap(c -> forms[indexOf(codes, c)],
                ['left', 'negatives', 'experience', 'pressure', 'contact', 'trend', 'history'])) AS advice,
            replaceAll(w[concat('advice.', if(advice = '', 'plain', advice))], '{back}',
                replaceAll(w[if(bought, 'back.bought', 'back')], '{percent}', w[concat('percent.', toString(intDiv(score_if_back + 50, 100)))])) AS sentence,
            if(cleared, '', concat(upperUTF8(substringUTF8(sentence, 1, 1)), substringUTF8(sentence, 2))) AS if_back,
            [
                ('before', toInt64(before)),
                ('contact_ms', greatest(0, at - latest)),
                ('every_ms', every),
                ('known_ms', greatest(0, at - first)),
                ('left_at', left_at),
                ('messages', toInt64(messages)),
                ('negatives', toInt64(negatives)),
                ('rating', toInt64(rating)),
                ('recent', toInt64(recent)),
                ('silent_ms', silent),
                ('slot_ms', slot),
                ('trouble_at', trouble_at),
                ('visits', toInt64(visits)),
                ('visits_before', toInt64(visits_before)),
                ('visits_recent', toInt64(visits_recent))
            ] AS numbers_all
        FROM
        (
            SELECT
                s.customer AS customer, s.episode AS episode, toUnixTimestamp64Milli(s.at) AS at, toString(s.level) AS level, s.signal = 'cleared' AS cleared,
                m.first AS first, m.last AS last, m.latest AS latest, m.visits AS visits, m.left AS left, m.negatives AS negatives, m.messages AS messages,
                m.recent AS recent, m.before AS before, m.visits_recent AS visits_recent, m.visits_before AS visits_before,
                m.trouble AS trouble, m.settled AS settled, m.graded AS graded, toInt64(m.rating) AS rating,
                NOT m.came AS bought, m.last >= s.since AS back,
                toInt64(round(s.risk * 10000)) AS score, toInt64(round(s.risk_if_back * 10000)) AS score_if_back,
                greatest(0, at - last) AS silent,
                intDiv({horizon:Int64}, 8) AS slot,
                -- The usual pause; where slots are too long for it, by the visits in them.
                if(visits > 1, intDiv(last - first, greatest(1, toInt64(visits) - 1)), 0) AS apart,
                if(apart < 2 * slot, intDiv(apart * toInt64(recent + before), greatest(1, toInt64(visits_recent + visits_before))), apart) AS every,
                toFloat64(last - first) <= 0.01 * toFloat64({horizon:Int64}) AS once,
                m.trouble % 32 AS trouble_kind, 60000 * intDiv(m.trouble, 32) AS trouble_at,
                greatest(0, m.ended) AS left_at,
                if(toFloat64(latest - last) > 0.01 * toFloat64({horizon:Int64}) AND 2 * greatest(0, at - latest) <= silent, m.heard, 0) AS heard_kind,
                arrayMap(c -> toString(c), s.reason_code) AS codes,
                s.reason_text AS got_texts,
                s.reason_log_odds AS parts, toString(s.rule) AS rule, toInt64(round(s.risk_usual * 10000)) AS usual_score, s.value AS value, s.usual_ms AS got_usual,
                arrayMap(numbers -> arraySort(arrayZip(arrayMap(n -> toString(n), mapKeys(numbers)), mapValues(numbers))), s.reason_numbers) AS got_all,
                s.headline AS got_headline, s.if_back AS got_if_back,
                s.signal = 'cleared' AND s.sequence = j.sequence AS joins
            FROM
            (
                SELECT
                    * REPLACE (sequence * 4096 + row AS sequence),
                    max(if(signal = 'raised', toUnixTimestamp64Milli(at), 0))
                        OVER (PARTITION BY customer ORDER BY episode ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS since
                FROM verify_signals(span = {span:UInt32})
                WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
                  AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(at) >= {since:Int64})
            ) AS s
            LEFT JOIN
            (
                SELECT *
                FROM verify_moments
                WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
            ) AS m ON s.partition = m.partition AND s.customer = m.customer_id AND s.sequence = m.sequence
            LEFT JOIN verify_joined AS j ON s.partition = j.partition AND s.customer = j.customer_id
            WHERE has({configs:Array(UInt64)}, m.config)
        )
    )
)
