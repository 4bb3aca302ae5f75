-- Each row of a record of history is a record of its own from here on, with the
-- clock that stands before it: so a sequence here is that of the message times
-- 4096, and the number of the row, from 1. Of a message that does not hold as many
-- rows as it says, each behind a clock, nothing is known.
INSERT INTO verify_raw (sequence, partition, lane, control, forged, broken, clock, stored, body)
SELECT
    sequence * 4096 + if(whole, number, 0), partition, lane, control, forged, unclocked OR packed AND NOT whole,
    part.1, stored, part.2
FROM
(
    SELECT
        sequence, partition, lane, control, forged, unclocked, stored,
        lane = 'h' AND control = '' AND rows != 0 AS packed,
        if(packed, splitByChar('\x1e', body), []) AS pieces,
        arrayMap(piece -> position(piece, ' '), pieces) AS blanks,
        arrayMap((piece, blank) -> substring(piece, 1, greatest(blank, 1) - 1), pieces, blanks) AS clocks,
        packed AND length(pieces) = rows AND rows <= 4095 AND NOT has(blanks, 0)
            AND arrayAll(digits -> match(digits, '^(0|-?[1-9][0-9]{0,12})\\z') AND abs(toInt64OrZero(digits)) <= 7289654399999, clocks) AS whole,
        if(whole,
            arrayMap((piece, blank, digits) -> (toInt64OrZero(digits), substring(piece, blank + 1)), pieces, blanks, clocks),
            [(clock, body)]) AS parts
    FROM verify_messages
)
ARRAY JOIN parts AS part, arrayEnumerate(parts) AS number
SETTINGS max_block_size = 1024;

TRUNCATE TABLE verify_messages
