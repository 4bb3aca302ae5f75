-- Sums of values at any size: an amount of an event is below 10^18, which is
-- 10^24 millionths, so a sum of them needs 128 bits.
ALTER TABLE rollups_type
    MODIFY COLUMN value_sum Int128 COMMENT 'in millionths of the currency' CODEC(ZSTD(1));

ALTER TABLE rollups_type
    MODIFY COLUMN value Decimal(76, 6) ALIAS toDecimal256(value_sum, 6) / 1000000;

-- Events and values by window, type and currency. value is in units of the
-- currency; values of different currencies don't add up.
CREATE OR REPLACE VIEW v_type AS
SELECT window, window_end, type, currency, sum(events) AS events, sum(value) AS value
FROM rollups_type FINAL
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, type, currency;
