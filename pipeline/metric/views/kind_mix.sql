SELECT
    window_end, window, day, channel,
    of_passive + of_micro + of_active AS events,
    of_passive AS passive,
    of_micro AS micro,
    of_active AS active,
    if(events >= 10, of_active / events, NULL) AS active_share,
    if(events >= 10, of_micro / events, NULL) AS micro_share
FROM
(
    SELECT
        window, window_end, day, i.channel AS channel,
        sumIf(i.events, kind = 'passive') AS of_passive,
        sumIf(i.events, kind = 'micro') AS of_micro,
        sumIf(i.events, kind = 'active') AS of_active
    FROM v_interactions AS i
    WHERE kind IN ('passive', 'micro', 'active')
    GROUP BY window, window_end, day, channel
)
