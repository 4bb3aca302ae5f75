-- A number for each customer, and the partition that is its home: FNV-1a with
-- 32 bits of the token, modulo the number of partitions. The token is the id
-- where that is plain, else ~ and its base64url.
INSERT INTO verify_customers (customer_id, customer, home)
SELECT
    customer_id,
    rowNumberInAllBlocks() + 1,
    arrayFold((h, c) -> bitAnd(bitXor(h, toUInt64(c)) * 16777619, 4294967295),
        arrayMap(i -> ascii(substring(token, i, 1)), range(1, length(token) + 1)), toUInt64(2166136261)) % {partitions:UInt16}
FROM
(
    SELECT
        customer_id,
        if(match(customer_id, '^[A-Za-z0-9_:@+-]{1,128}$') AND NOT endsWith(customer_id, '\n'), customer_id, concat('~', base64URLEncode(customer_id))) AS token
    FROM
    (
        SELECT DISTINCT customer_id
        FROM verify_parsed
        WHERE verdict = ''
    )
)
SETTINGS max_threads = 1
