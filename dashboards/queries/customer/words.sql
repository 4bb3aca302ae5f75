-- What the newest signal said in words: what the risk means, why, and what to do.
SELECT place, text
FROM
(
    SELECT headline, reason_text, if_back
    FROM v_signals
    WHERE customer = ${customer:sqlstring}
    ORDER BY era DESC, episode DESC
    LIMIT 1
)
ARRAY JOIN
    arrayConcat(['what it means'], arrayMap(i -> if(i = 1, 'why', 'and'), arrayEnumerate(reason_text)), ['what would win them back']) AS place,
    arrayConcat([headline], reason_text, [if_back]) AS text
WHERE text != ''
