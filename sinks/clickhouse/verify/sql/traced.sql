-- Accepted events, for metrics that follow customers from one to the next in columns that
-- move: an anonymous one begins anew where they join a known one, and what comes with the
-- known one is of the record that brings it, and counts as no event of its own: came.
CREATE OR REPLACE VIEW verify_traced AS
SELECT
    a.partition AS partition, a.sequence AS sequence, a.time AS time, a.config AS config, a.customer AS customer,
    greatest(a.life, if(a.sequence > l.sequence, l.sequence, 0)) AS life,
    a.kind AS kind, a.channel AS channel, a.stage AS stage, a.negative AS negative,
    false AS came, false AS in_stage, false AS on_channel
FROM verify_accepted AS a
LEFT JOIN verify_left AS l ON a.partition = l.partition AND a.customer = l.customer
UNION ALL
SELECT
    partition, sequence, time, in_force, customer, life, kind, if(channels >= 0, channel, 'none'), if(staged >= 0, stage, 'none'), negative,
    true, in_stage, on_channel
FROM verify_carried
