WITH
    1.959963984540054 AS z,
    arms AS
    (
        SELECT
            campaign, channel, variant, max(day) AS last_day,
            sum(messages) AS of_messages, sum(delivered) AS of_delivered, sum(opened) AS of_opened, sum(clicked) AS of_clicked, sum(converted) AS of_converted
        FROM v_campaigns
        WHERE variant NOT IN ('', 'other')
        GROUP BY campaign, channel, variant
        HAVING of_messages > 0
    ),
    counted AS
    (
        SELECT campaign, channel, variant, last_day, counts.1 AS rate, counts.3 AS n, least(counts.2, counts.3) AS x
        FROM arms
        ARRAY JOIN
        [
            ('open_rate', of_opened, of_delivered), ('click_rate', of_clicked, of_delivered),
            ('click_to_open', of_clicked, of_opened), ('conversion_rate', of_converted, of_delivered)
        ] AS counts
    ),
    scored AS
    (
        SELECT
            campaign, channel, variant, last_day, rate, n, x, x / n AS p,
            (p + z * z / (2 * n)) / (1 + z * z / n) AS center,
            z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n) AS half
        FROM counted
    )
SELECT
    greatest(a.last_day, b.last_day) AS day, a.campaign AS campaign, a.channel AS channel, a.rate AS rate,
    a.variant AS baseline, b.variant AS variant,
    a.n AS baseline_cases, a.x AS baseline_hits, b.n AS cases, b.x AS hits,
    least(baseline_cases, cases) AS fewest,
    if(fewest >= 50, b.p - a.p, NULL) AS difference,
    if(fewest >= 50, greatest(b.p - a.p - sqrt(pow(b.p - (b.center - b.half), 2) + pow(a.center + a.half - a.p, 2)), -1), NULL) AS difference_low,
    if(fewest >= 50, least(b.p - a.p + sqrt(pow(b.center + b.half - b.p, 2) + pow(a.p - (a.center - a.half), 2)), 1), NULL) AS difference_high
FROM scored AS a
INNER JOIN scored AS b ON a.campaign = b.campaign AND a.channel = b.channel AND a.rate = b.rate
WHERE a.variant < b.variant
